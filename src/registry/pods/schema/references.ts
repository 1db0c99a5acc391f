import type { FieldSchema, MessageSchema } from '../../../kube/schema.js';
import { coreMessage, field, MAP, POINTER, REQUIRED } from '../../schema-fields.js';

/** The name of an object, where Go embeds a LocalObjectReference. */
export const EMBEDDED_NAME: FieldSchema = field('name', 1, 'string', 'Its name.', { embeddedIn: 1 });

/** Whether it is fine that it is missing. */
export const OPTIONAL_TEXT = 'Whether the pod starts without it.';

/** core/v1 ObjectFieldSelector. */
export const objectFieldSelectorSchema: MessageSchema = coreMessage(
  'ObjectFieldSelector',
  'Names a field of the pod.',
  [
    field('apiVersion', 1, 'string', 'The API version in which the path is written; v1 unless told otherwise.'),
    field('fieldPath', 2, 'string', 'The path of the field, such as metadata.name.', REQUIRED),
  ],
  { mapType: 'atomic' },
);

/** core/v1 ResourceFieldSelector. */
export const resourceFieldSelectorSchema: MessageSchema = coreMessage(
  'ResourceFieldSelector',
  'Names a resource of a container.',
  [
    field('containerName', 1, 'string', 'The container; that of the variable unless told otherwise.'),
    field('resource', 2, 'string', 'The resource, such as limits.cpu.', REQUIRED),
    field('divisor', 3, 'quantity', 'The unit in which it is told; 1 unless told otherwise.', { always: true }),
  ],
  { mapType: 'atomic' },
);

const resourceClaimSchema = coreMessage('ResourceClaim', 'A claim of the pod that a container uses.', [
  field('name', 1, 'string', 'Name of an entry of resourceClaims.', REQUIRED),
  field('request', 2, 'string', 'The request of that claim which is used; all of them when empty.'),
]);

/** core/v1 ResourceRequirements. */
export const resourceRequirementsSchema: MessageSchema = coreMessage(
  'ResourceRequirements',
  'What is needed of the node.',
  [
    field('limits', 1, 'quantity', 'The most that may be used.', MAP),
    field('requests', 2, 'quantity', 'The least that is kept free.', MAP),
    field('claims', 3, resourceClaimSchema, 'Claims that are used.', {
      repeated: true,
      listType: 'map',
      listMapKeys: ['name'],
    }),
  ],
);

/** core/v1 TypedLocalObjectReference. */
export const typedLocalObjectReferenceSchema: MessageSchema = coreMessage(
  'TypedLocalObjectReference',
  'Names an object of any kind in the same namespace.',
  [
    field('apiGroup', 1, 'string', 'Its group; the core group when absent.', { pointer: true, always: true }),
    field('kind', 2, 'string', 'Its kind.', REQUIRED),
    field('name', 3, 'string', 'Its name.', REQUIRED),
  ],
  { mapType: 'atomic' },
);

/** core/v1 TypedObjectReference. */
export const typedObjectReferenceSchema: MessageSchema = coreMessage(
  'TypedObjectReference',
  'Names an object of any kind.',
  [
    field('apiGroup', 1, 'string', 'Its group; the core group when absent.', { pointer: true, always: true }),
    field('kind', 2, 'string', 'Its kind.', REQUIRED),
    field('name', 3, 'string', 'Its name.', REQUIRED),
    field('namespace', 4, 'string', 'Its namespace; that of the pod when absent.', POINTER),
  ],
);

/** core/v1 KeyToPath. */
export const keyToPathSchema: MessageSchema = coreMessage('KeyToPath', 'One key that becomes a file.', [
  field('key', 1, 'string', 'The key.', REQUIRED),
  field('path', 2, 'string', 'Path of the file within the volume.', REQUIRED),
  field('mode', 3, 'int32', 'Permissions of the file.', POINTER),
]);
