import { metadataField } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import { objectReferenceSchema } from '../events/schema.js';

/** core/v1 LocalObjectReference. */
export const localObjectReferenceSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.LocalObjectReference',
  description: 'Names an object of the same namespace.',
  mapType: 'atomic',
  fields: [{ name: 'name', number: 1, type: 'string', description: 'Its name.' }],
};

/** core/v1 ServiceAccount. */
export const serviceAccountSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.ServiceAccount',
  description: 'An identity for programs: pods run as one, and tokens are issued for one.',
  fields: [
    metadataField,
    {
      name: 'secrets',
      number: 2,
      type: objectReferenceSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'name',
      listType: 'map',
      listMapKeys: ['name'],
      description: 'Secrets that pods of this account may use.',
    },
    {
      name: 'imagePullSecrets',
      number: 3,
      type: localObjectReferenceSchema,
      repeated: true,
      listType: 'atomic',
      description: 'Secrets with which images are pulled.',
    },
    {
      name: 'automountServiceAccountToken',
      number: 4,
      type: 'bool',
      pointer: true,
      description: 'Whether pods of this account get a token without asking.',
    },
  ],
};
