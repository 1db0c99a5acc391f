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

/** What a service account's kubeconfig holds. */
export interface TokenKubeconfigContent {
  /** `https://host:port` */
  readonly server: string;
  readonly certificateAuthorityPem: string;
  readonly token: string;
  readonly namespace: string;
}

const NAME = 'countersign';

/** A kubeconfig whose user has this bearer token. It is as secret as the token. */
export function tokenKubeconfigText(content: TokenKubeconfigContent): string {
  return documentText(content, { name: 'token', user: { token: content.token } }, content.namespace);
}

/**
 * A kubeconfig with one context, `countersign`, that embeds its certificates and key. JSON, which is YAML too, so that
 * every reader of kubeconfigs takes it.
 */
export function kubeconfigText(content: KubeconfigContent): string {
  const user = {
    name: 'kubernetes-admin',
    user: {
      'client-certificate-data': inBase64(content.clientCertificatePem),
      'client-key-data': inBase64(content.clientKeyPem),
    },
  };
  return documentText(content, user, 'default');
}

function documentText(
  { server, certificateAuthorityPem }: Pick<KubeconfigContent, 'server' | 'certificateAuthorityPem'>,
  user: { readonly name: string; readonly user: object },
  namespace: string,
): string {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': NAME,
    clusters: [{ name: NAME, cluster: { server, 'certificate-authority-data': inBase64(certificateAuthorityPem) } }],
    users: [user],
    contexts: [{ name: NAME, context: { cluster: NAME, user: user.name, namespace } }],
    preferences: {},
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function inBase64(pem: string): string {
  return toBase64(utf8(pem));
}
