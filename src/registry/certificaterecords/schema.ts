import { COUNTERSIGN_GROUP, COUNTERSIGN_VERSION } from '../../certificates/approval-policy.js';
import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';
import { count, message, messages, text, texts, time } from '../custom/custom-fields.js';

const NAME = `${COUNTERSIGN_GROUP.split('.').reverse().join('.')}.${COUNTERSIGN_VERSION}.CertificateRecord`;

const DIGEST = { pattern: '^sha256:[0-9a-f]{64}$' } as const;

function bytes(name: string, number: number, description: string): FieldSchema {
  return { name, number, type: 'bytes', description, pointer: true, required: true };
}

const requestSchema: MessageSchema = {
  name: `${NAME}Request`,
  description: 'As the API server had it.',
  fields: [
    text('name', 1, 'Name of the CertificateSigningRequest.', { required: true }),
    text('uid', 2, 'UID of the CertificateSigningRequest.', { required: true }),
    text('signerName', 3, 'Who was asked to sign.', { required: true }),
    bytes('request', 4, 'PEM of the PKCS#10 request; in JSON, base64 of that.'),
    text('requestDigest', 5, 'Digest of the DER of the PKCS#10: sha256: and hexadecimal.', {
      required: true,
      bounds: DIGEST,
    }),
    text('publicKeyDigest', 6, 'Digest of the DER of its SubjectPublicKeyInfo: sha256: and hexadecimal.', {
      required: true,
      bounds: DIGEST,
    }),
    texts('usages', 7, 'Usages that were asked for.'),
    count('expirationSeconds', 8, 0, 'Lifetime in seconds that was asked for.'),
    time('creationTimestamp', 9, 'When the request was made.'),
  ],
};

const identitySchema: MessageSchema = {
  name: `${NAME}Identity`,
  description: 'By what the cluster knew of the requester.',
  fields: [
    text('kind', 1, 'What it is.', { required: true, enum: ['Pod', 'ServiceAccount', 'Node', 'User'] }),
    text('namespace', 2, 'Namespace of the service account and the pod.'),
    text('serviceAccountName', 3, 'Name of the service account.'),
    text('podName', 4, 'Name of the pod.'),
    text('podUID', 5, 'UID of the pod.'),
    text('nodeName', 6, 'Name of the node.'),
  ],
};

const requesterSchema: MessageSchema = {
  name: `${NAME}Requester`,
  description: 'As the API server vouched for it.',
  fields: [
    text('username', 1, 'Name of the user.'),
    text('uid', 2, 'UID of the user.'),
    texts('groups', 3, 'Groups of the user.'),
    text('extra', 4, 'What else was known of the user.', {
      map: true,
      repeated: true,
    }),
    message('identity', 5, identitySchema, 'What the requester was found to be.', { required: true }),
  ],
};

const policySchema: MessageSchema = {
  name: `${NAME}Policy`,
  description: 'In the generation that decided.',
  fields: [
    text('name', 1, 'Name of the ApprovalPolicy.', { required: true }),
    text('uid', 2, 'UID of the ApprovalPolicy.'),
    count('generation', 3, 0, 'Its generation.', { type: 'int64' }),
  ],
};

const decisionSchema: MessageSchema = {
  name: `${NAME}Decision`,
  description: 'By whom, and why.',
  fields: [
    text('verdict', 1, 'What was decided.', { required: true, enum: ['Approved', 'Denied'] }),
    text('by', 2, 'Who decided: Policy, or Other for a person or another program.', {
      required: true,
      enum: ['Policy', 'Other'],
    }),
    message('policy', 3, policySchema, 'The policy that decided.'),
    text('reason', 4, 'Why, in one word.'),
    text('message', 5, 'Why, for people.'),
    time('decidedAt', 6, 'When it was decided.', { required: true }),
  ],
};

const evidenceSchema: MessageSchema = {
  name: `${NAME}Evidence`,
  description: 'An object that the decision rests on, in the version that was looked at.',
  fields: [
    text('kind', 1, 'Kind of the object.', { required: true }),
    text('namespace', 2, 'Namespace of the object.'),
    text('name', 3, 'Name of the object.', { required: true }),
    text('uid', 4, 'UID of the object.', { required: true }),
    text('resourceVersion', 5, 'The version that was looked at.', { required: true }),
  ],
};

const nameSchema: MessageSchema = {
  name: `${NAME}Name`,
  description: 'A name that was asked for, and why it was granted or not.',
  fields: [
    text('type', 1, 'DNS, IP, URI, Email, or the attribute of the subject, such as CN or O.', {
      required: true,
    }),
    text('value', 2, 'The name.'),
    text('grantedBy', 3, 'The kind of proof, or the field of the policy, that grants it. Absent: it was not granted.'),
    text('because', 4, 'Why, for people.'),
    messages('evidence', 5, evidenceSchema, 'What it rests on.'),
  ],
};

const signatureSchema: MessageSchema = {
  name: `${NAME}Signature`,
  description: 'Over the canonical form of everything else in the spec.',
  fields: [
    text('keyID', 1, "Digest of the DER of the approver's public key: sha256: and hexadecimal.", {
      required: true,
      bounds: DIGEST,
    }),
    bytes('value', 2, 'The signature; in JSON, base64 of it.'),
  ],
};

const specSchema: MessageSchema = {
  name: `${NAME}Spec`,
  description: 'Signed by the approver, and written before the decision is carried out.',
  fields: [
    message('request', 1, requestSchema, 'What was asked for.', { required: true }),
    message('requester', 2, requesterSchema, 'Who asked.', { required: true }),
    message('decision', 3, decisionSchema, 'What was decided.', { required: true }),
    messages('names', 4, nameSchema, 'Every name that was asked for.'),
    text('facts', 5, 'JSON of everything that was looked at: what a replay needs.'),
    message('signature', 6, signatureSchema, "The approver's signature.", { required: true }),
  ],
};

const issuanceSchema: MessageSchema = {
  name: `${NAME}Issuance`,
  description: 'Only of what was approved.',
  fields: [
    text(
      'phase',
      1,
      'Intended: signed or about to be. Issued: published. Failed: refused for ever. Denied: somebody denied it all the same. Lost: signed, never published.',
      { required: true, enum: ['Intended', 'Issued', 'Failed', 'Denied', 'Lost'] },
    ),
    text('serialNumber', 2, 'Serial number of the certificate, in lower-case hexadecimal.', {
      bounds: { pattern: '^[0-9a-f]*$' },
    }),
    text('fingerprint', 3, 'Digest of the DER of the certificate: sha256: and hexadecimal.', { bounds: DIGEST }),
    time('notBefore', 4, 'From when the certificate is valid.'),
    time('notAfter', 5, 'Until when the certificate is valid.'),
    text('message', 6, 'Why, for people.'),
  ],
};

const statusSchema: MessageSchema = {
  name: `${NAME}Status`,
  description: 'It is not signed.',
  fields: [message('issuance', 1, issuanceSchema, 'What the signer made of it.')],
};

/** countersign.dev/v1alpha1 CertificateRecord. */
export const certificateRecordSchema: MessageSchema = {
  name: NAME,
  description:
    'What was asked, what was decided and why, and what was issued. Named by the UID of its request, which it outlives.',
  fields: [
    metadataField,
    message('spec', 2, specSchema, 'The decision. It never changes.', { required: true }),
    message('status', 3, statusSchema, 'What came of it; the signer writes it.'),
  ],
};
