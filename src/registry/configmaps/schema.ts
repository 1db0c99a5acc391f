import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';

/** core/v1 ConfigMap. */
export const configMapSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.ConfigMap',
  description: 'Configuration for programs to read. Not for secrets.',
  fields: [
    metadataField,
    {
      name: 'data',
      number: 2,
      type: 'string',
      map: true,
      description: 'Values that are text. Keys are letters, digits, -, _ and .',
    },
    {
      name: 'binaryData',
      number: 3,
      type: 'bytes',
      map: true,
      description: 'Values that are no text, in base64. No key may stand in data too.',
    },
    {
      name: 'immutable',
      number: 4,
      type: 'bool',
      pointer: true,
      description: 'When true, nothing but metadata can be changed any more, this field included.',
    },
  ],
};
