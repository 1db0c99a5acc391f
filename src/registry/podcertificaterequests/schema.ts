import { conditionSchema, metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

const REQUEST = 'io.k8s.api.certificates.v1beta1.PodCertificateRequest';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

const MUST: More = { always: true, required: true };

const specSchema: MessageSchema = {
  name: `${REQUEST}Spec`,
  description: 'Which pod asks for what. It cannot be changed.',
  fields: [
    field('signerName', 1, 'Who is asked to sign, such as example.com/serving.', MUST),
    field('podName', 2, 'Name of the pod into which the certificate is mounted.', MUST),
    field('podUID', 3, 'UID of that pod.', MUST),
    field('serviceAccountName', 4, 'Name of the service account that the pod runs as.', MUST),
    field('serviceAccountUID', 5, 'UID of that service account.', MUST),
    field('nodeName', 6, 'Name of the node on which the pod runs.', MUST),
    field('nodeUID', 7, 'UID of that node.', MUST),
    field('maxExpirationSeconds', 8, 'Longest lifetime in seconds, 3600 to 7862400; 86400 where it is not said.', {
      type: 'int32',
      pointer: true,
    }),
    field('stubPKCS10Request', 12, 'A PKCS#10 request in DER, in JSON base64 of that: its key is the one to certify.', {
      type: 'bytes',
      ...MUST,
    }),
    field('pkixPublicKey', 9, 'Deprecated: the public key alone, as SubjectPublicKeyInfo in DER.', {
      type: 'bytes',
      always: true,
    }),
    field('proofOfPossession', 10, 'Deprecated: a signature over podUID by that key.', { type: 'bytes', always: true }),
    field('unverifiedUserAnnotations', 11, 'What the author of the pod wishes to tell the signer. Nobody checked it.', {
      map: true,
    }),
  ],
};

const statusSchema: MessageSchema = {
  name: `${REQUEST}Status`,
  description: 'What has become of a request.',
  fields: [
    field('conditions', 1, 'Issued, Denied or Failed: one of them, once it is known.', {
      type: conditionSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'map',
      listMapKeys: ['type'],
    }),
    field('certificateChain', 2, 'PEM of the certificate, and of intermediates after it.'),
    field('notBefore', 4, 'When the certificate starts to be valid.', { type: 'time' }),
    field('beginRefreshAt', 5, 'When to ask for the next one.', { type: 'time' }),
    field('notAfter', 6, 'When the certificate ends.', { type: 'time' }),
  ],
};

/** certificates.k8s.io/v1beta1 PodCertificateRequest. */
export const podCertificateRequestSchema: MessageSchema = {
  name: REQUEST,
  description:
    'A request for a certificate for a pod, made by the node on which it runs. Kept for a quarter of an hour.',
  fields: [
    metadataField,
    field('spec', 2, 'Which pod asks for what.', { type: specSchema, always: true, required: true }),
    field('status', 3, 'What has become of it.', { type: statusSchema, always: true }),
  ],
};
