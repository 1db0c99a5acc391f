import https from 'node:https';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import { generateKeyPair } from '../../src/crypto/generate-key-pair.js';
import { encodePem } from '../../src/x509/pem.js';

/** What came back, as text up to a bound. */
export interface Asked {
  readonly status: number;
  readonly text: string;
  readonly bytes: number;
}

/** Asks one server as one user over connections that stay open. */
export interface Asker {
  readonly ask: (method: string, path: string, body?: object) => Promise<Asked>;
  readonly close: () => void;
}

const KEPT_BYTES = 256 * 1024;

/** A user by bearer token, with at most `sockets` connections. The server's certificate is not looked at. */
export function asUser(port: number, token: string, sockets = 1): Asker {
  const agent = new https.Agent({ keepAlive: true, maxSockets: sockets, rejectUnauthorized: false });
  const ask: Asker['ask'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(text === undefined
          ? {}
          : {
              'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
      };
      const request = https.request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= KEPT_BYTES) chunks.push(chunk);
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), bytes });
        });
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(text);
    });
  return {
    ask,
    close: () => {
      agent.destroy();
    },
  };
}

/** ClusterRoleBinding that makes users administrators by RBAC, and not superusers. */
export function administrators(...users: readonly string[]): object {
  return {
    metadata: { name: 'administrators-of-the-test' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: users.map((name) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name })),
  };
}

/** Where a role binding goes. */
export const CLUSTER_ROLE_BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
/** Where CertificateSigningRequests are. */
export const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
/** Where the ConfigMaps of the tests are. */
export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** `spec.request` of a CertificateSigningRequest with a key of its own. */
export async function requestText(commonName: string): Promise<string> {
  const der = await createCertificationRequest(await generateKeyPair('ecdsa-p256'), {
    subject: [[{ oid: '2.5.4.3', value: commonName }]],
    subjectAltNames: [{ kind: 'dns', value: `${commonName}.default.svc.cluster.local` }],
  });
  return Buffer.from(encodePem('CERTIFICATE REQUEST', der)).toString('base64');
}
