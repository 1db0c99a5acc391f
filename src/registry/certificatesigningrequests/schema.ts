import { USAGE_NAMES } from '../../certificates/usages.js';
import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

const CERTIFICATES = 'io.k8s.api.certificates.v1.CertificateSigningRequest';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

const specSchema: MessageSchema = {
  name: `${CERTIFICATES}Spec`,
  description: 'What is asked for, and by whom. It cannot be changed.',
  fields: [
    field('request', 1, 'PEM of a PKCS#10 request, in one CERTIFICATE REQUEST block; in JSON, base64 of that.', {
      type: 'bytes',
      always: true,
      required: true,
    }),
    field('signerName', 7, 'Who is asked to sign, such as example.com/serving.', { always: true, required: true }),
    field(
      'expirationSeconds',
      8,
      'Wished lifetime in seconds, at least 600. A signer may give another: see the certificate.',
      { type: 'int32', pointer: true },
    ),
    field('usages', 5, `What the key shall be used for: one or more of ${USAGE_NAMES.join(', ')}.`, {
      goType: 'v1.KeyUsage',
      repeated: true,
      listType: 'atomic',
    }),
    field('username', 2, 'Name of the user who made the request. Written by the server.'),
    field('uid', 3, 'UID of that user. Written by the server.'),
    field('groups', 4, 'Groups of that user. Written by the server.', { repeated: true, listType: 'atomic' }),
    field('extra', 6, 'What else is known of that user. Written by the server.', {
      map: true,
      repeated: true,
      goType: 'v1.ExtraValue',
    }),
  ],
};

const conditionSchema: MessageSchema = {
  name: `${CERTIFICATES}Condition`,
  description: 'One thing that was decided about a request.',
  fields: [
    field('type', 1, 'Approved, Denied, Failed, or a type of your own.', { always: true, required: true }),
    field('status', 6, 'True, False or Unknown; Approved, Denied and Failed can only be True.', {
      always: true,
      required: true,
    }),
    field('reason', 2, 'Why, in one word.'),
    field('message', 3, 'Why, for people.'),
    field('lastUpdateTime', 4, 'When the condition was last written.', { type: 'time', always: true }),
    field('lastTransitionTime', 5, 'When its status last changed.', { type: 'time', always: true }),
  ],
};

const statusSchema: MessageSchema = {
  name: `${CERTIFICATES}Status`,
  description: 'What has become of a request.',
  fields: [
    field('conditions', 1, 'What was decided.', {
      type: conditionSchema,
      repeated: true,
      listType: 'map',
      listMapKeys: ['type'],
    }),
    field(
      'certificate',
      2,
      'PEM of the issued certificate, and of intermediates after it; in JSON, base64 of that. Set once.',
      // An empty certificate differs from none until admission has asked who may write it.
      { type: 'bytes', pointer: true },
    ),
  ],
};

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export const certificateSigningRequestSchema: MessageSchema = {
  name: CERTIFICATES,
  description:
    'A request for a certificate: posted by whoever holds the key, approved or denied by somebody with that right, signed by the signer it names.',
  fields: [
    metadataField,
    field('spec', 2, 'What is asked for, and by whom.', { type: specSchema, always: true, required: true }),
    field('status', 3, 'What has become of it.', { type: statusSchema, always: true }),
  ],
};
