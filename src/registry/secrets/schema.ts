import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';

/** core/v1 Secret. */
export const secretSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.Secret',
  description: 'Data that only few may read, such as a private key and its certificate.',
  fields: [
    metadataField,
    {
      name: 'data',
      number: 2,
      type: 'bytes',
      map: true,
      description: 'The values, in base64. Keys are letters, digits, -, _ and .',
    },
    {
      name: 'type',
      number: 3,
      type: 'string',
      description: 'What the Secret is for, such as Opaque (the default) or kubernetes.io/tls. It cannot be changed.',
    },
    {
      name: 'stringData',
      number: 4,
      type: 'string',
      map: true,
      description:
        'Values as text, for writing only: they replace those of data under the same key and are never shown.',
    },
    {
      name: 'immutable',
      number: 5,
      type: 'bool',
      pointer: true,
      description: 'When true, nothing but metadata can be changed any more, this field included.',
    },
  ],
};
