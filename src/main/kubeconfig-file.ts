import { utf8 } from '../base/bytes.js';
import { toBase64 } from '../base/base64.js';

/** What an administrator's kubeconfig holds. PEM texts. */
export interface KubeconfigContent {
  /** `https://host:port` */
  readonly server: string;
  readonly certificateAuthorityPem: string;
  readonly clientCertificatePem: string;
  readonly clientKeyPem: string;
}

/**
 * A kubeconfig with one context, `countersign`, that embeds its certificates and key. JSON, which is YAML too, so that
 * every reader of kubeconfigs takes it.
 */
export function kubeconfigText(content: KubeconfigContent): string {
  const name = 'countersign';
  const user = 'kubernetes-admin';
  const data = (pem: string): string => toBase64(utf8(pem));
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: { server: content.server, 'certificate-authority-data': data(content.certificateAuthorityPem) },
      },
    ],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': data(content.clientCertificatePem),
          'client-key-data': data(content.clientKeyPem),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user, namespace: 'default' } }],
    preferences: {},
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
