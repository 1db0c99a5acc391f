import type { FieldSchema, MessageSchema } from './schema.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** meta/v1 OwnerReference. */
export const ownerReferenceSchema: MessageSchema = {
  name: `${META}OwnerReference`,
  description: 'Names an object in the same namespace, or without one, on which this object depends.',
  mapType: 'atomic',
  fields: [
    {
      name: 'apiVersion',
      number: 5,
      type: 'string',
      always: true,
      required: true,
      description: 'API version of the owner.',
    },
    { name: 'kind', number: 1, type: 'string', always: true, required: true, description: 'Kind of the owner.' },
    { name: 'name', number: 3, type: 'string', always: true, required: true, description: 'Name of the owner.' },
    {
      name: 'uid',
      number: 4,
      type: 'string',
      goType: 'types.UID',
      always: true,
      required: true,
      description: 'UID of the owner.',
    },
    {
      name: 'controller',
      number: 6,
      type: 'bool',
      pointer: true,
      description: 'Whether the owner is the controller that manages this object; at most one owner is.',
    },
    {
      name: 'blockOwnerDeletion',
      number: 7,
      type: 'bool',
      pointer: true,
      description: 'Whether a foreground deletion of the owner waits until this object is gone.',
    },
  ],
};

/** meta/v1 ManagedFieldsEntry. */
export const managedFieldsEntrySchema: MessageSchema = {
  name: `${META}ManagedFieldsEntry`,
  description: 'The fields that one manager set with one operation.',
  fields: [
    { name: 'manager', number: 1, type: 'string', description: 'Name of the manager.' },
    {
      name: 'operation',
      number: 2,
      type: 'string',
      goType: 'v1.ManagedFieldsOperationType',
      description: 'How the fields were set: Apply or Update.',
    },
    { name: 'apiVersion', number: 3, type: 'string', description: 'Version of the API in which the fields are named.' },
    { name: 'time', number: 4, type: 'time', description: 'When the set of fields last changed.' },
    { name: 'fieldsType', number: 6, type: 'string', description: 'Format of the field set; always FieldsV1.' },
    { name: 'fieldsV1', number: 7, type: 'fieldsV1', description: 'The set of fields, as a tree of their names.' },
    {
      name: 'subresource',
      number: 8,
      type: 'string',
      description: 'The subresource through which the fields were set; empty for the object itself.',
    },
  ],
};

/** meta/v1 ObjectMeta. */
export const objectMetaSchema: MessageSchema = {
  name: `${META}ObjectMeta`,
  description: 'What every stored object says about itself: its names, versions, times, labels and owners.',
  fields: [
    {
      name: 'name',
      number: 1,
      type: 'string',
      description: 'Name of the object, unique in its namespace. It cannot be changed.',
    },
    {
      name: 'generateName',
      number: 2,
      type: 'string',
      description: 'Beginning of a name that the server completes, where no name is given.',
    },
    {
      name: 'namespace',
      number: 3,
      type: 'string',
      description: 'The namespace in which the name is unique; empty for objects of the whole cluster.',
    },
    { name: 'selfLink', number: 4, type: 'string', description: 'No longer used.' },
    {
      name: 'uid',
      number: 5,
      type: 'string',
      goType: 'types.UID',
      description: 'Identity of the object over all time. Set by the server.',
    },
    {
      name: 'resourceVersion',
      number: 6,
      type: 'string',
      description: 'Version of the object, for optimistic writes and watches. Opaque. Set by the server.',
    },
    {
      name: 'generation',
      number: 7,
      type: 'int64',
      description: 'Count of changes of the desired state. Set by the server.',
    },
    {
      name: 'creationTimestamp',
      number: 8,
      type: 'time',
      description: 'When the object was created. Set by the server.',
    },
    {
      name: 'deletionTimestamp',
      number: 9,
      type: 'time',
      pointer: true,
      description: 'From when on the object is to be removed, once its finalizers are gone. Set by the server.',
    },
    {
      name: 'deletionGracePeriodSeconds',
      number: 10,
      type: 'int64',
      pointer: true,
      description: 'Seconds the object has to end by itself before it is removed. Set by the server.',
    },
    {
      name: 'labels',
      number: 11,
      type: 'string',
      map: true,
      description: 'Keys and values by which objects are selected.',
    },
    {
      name: 'annotations',
      number: 12,
      type: 'string',
      map: true,
      description: 'Keys and values for tools; objects cannot be selected by them.',
    },
    {
      name: 'ownerReferences',
      number: 13,
      type: ownerReferenceSchema,
      repeated: true,
      patchStrategy: 'merge',
      patchMergeKey: 'uid',
      listType: 'map',
      listMapKeys: ['uid'],
      description: 'Objects on which this one depends; it is removed when all of them are gone.',
    },
    {
      name: 'finalizers',
      number: 14,
      type: 'string',
      repeated: true,
      patchStrategy: 'merge',
      listType: 'set',
      description: 'Who still has to do something before the object may be removed.',
    },
    {
      name: 'managedFields',
      number: 17,
      type: managedFieldsEntrySchema,
      repeated: true,
      listType: 'atomic',
      description: 'Who set which fields. Kept by the server.',
    },
  ],
};

/** The `metadata` field with which every object's message begins. */
export const metadataField: FieldSchema = {
  name: 'metadata',
  number: 1,
  type: objectMetaSchema,
  always: true,
  description: 'Standard metadata of the object.',
};

/** meta/v1 ListMeta. */
export const listMetaSchema: MessageSchema = {
  name: `${META}ListMeta`,
  description: 'What every list says about itself.',
  fields: [
    { name: 'selfLink', number: 1, type: 'string', description: 'No longer used.' },
    {
      name: 'resourceVersion',
      number: 2,
      type: 'string',
      description: 'Version of the store that the list shows; a watch can start from it.',
    },
    { name: 'continue', number: 3, type: 'string', description: 'Token with which to ask for the next page.' },
    {
      name: 'remainingItemCount',
      number: 4,
      type: 'int64',
      pointer: true,
      description: 'How many items follow this page, where that is known.',
    },
  ],
};

/** The message of a list of `item`s: metadata and items. */
export function listSchemaOf(item: MessageSchema): MessageSchema {
  return {
    name: `${item.name}List`,
    description: `A list of ${item.name.slice(item.name.lastIndexOf('.') + 1)} objects.`,
    fields: [
      {
        name: 'metadata',
        number: 1,
        type: listMetaSchema,
        always: true,
        description: 'Standard metadata of the list.',
      },
      {
        name: 'items',
        number: 2,
        type: item,
        repeated: true,
        always: true,
        required: true,
        description: 'The objects.',
      },
    ],
  };
}

/** meta/v1 StatusCause. */
export const statusCauseSchema: MessageSchema = {
  name: `${META}StatusCause`,
  description: 'One of several things that were wrong.',
  fields: [
    {
      name: 'reason',
      number: 1,
      type: 'string',
      goType: 'v1.CauseType',
      description: 'What was wrong, for programs.',
    },
    { name: 'message', number: 2, type: 'string', description: 'What was wrong, for people.' },
    { name: 'field', number: 3, type: 'string', description: 'Path of the field that was wrong.' },
  ],
};

/** meta/v1 StatusDetails. */
export const statusDetailsSchema: MessageSchema = {
  name: `${META}StatusDetails`,
  description: 'What a Status is about.',
  fields: [
    { name: 'name', number: 1, type: 'string', description: 'Name of the object.' },
    { name: 'group', number: 2, type: 'string', description: 'API group of the object.' },
    { name: 'kind', number: 3, type: 'string', description: 'Kind or resource of the object.' },
    { name: 'uid', number: 6, type: 'string', goType: 'types.UID', description: 'UID of the object.' },
    {
      name: 'causes',
      number: 4,
      type: statusCauseSchema,
      repeated: true,
      listType: 'atomic',
      description: 'Everything that was wrong.',
    },
    { name: 'retryAfterSeconds', number: 5, type: 'int32', description: 'Seconds to wait before the next try.' },
  ],
};

/** meta/v1 Status. */
export const statusSchema: MessageSchema = {
  name: `${META}Status`,
  description: 'The outcome of a request that returns no object.',
  fields: [
    { name: 'metadata', number: 1, type: listMetaSchema, always: true, description: 'Standard metadata of a list.' },
    { name: 'status', number: 2, type: 'string', description: 'Success or Failure.' },
    { name: 'message', number: 3, type: 'string', description: 'The outcome, for people.' },
    {
      name: 'reason',
      number: 4,
      type: 'string',
      goType: 'v1.StatusReason',
      description: 'Why the request failed, for programs.',
    },
    {
      name: 'details',
      number: 5,
      type: statusDetailsSchema,
      pointer: true,
      listType: 'atomic',
      description: 'What the outcome is about.',
    },
    { name: 'code', number: 6, type: 'int32', description: 'The HTTP status code.' },
  ],
};

/** meta/v1 Preconditions. */
export const preconditionsSchema: MessageSchema = {
  name: `${META}Preconditions`,
  description: 'What must be true of an object for a deletion to happen.',
  fields: [
    {
      name: 'uid',
      number: 1,
      type: 'string',
      goType: 'types.UID',
      pointer: true,
      description: 'The UID it must have.',
    },
    {
      name: 'resourceVersion',
      number: 2,
      type: 'string',
      pointer: true,
      description: 'The version it must have.',
    },
  ],
};

/** meta/v1 DeleteOptions. */
export const deleteOptionsSchema: MessageSchema = {
  name: `${META}DeleteOptions`,
  description: 'How an object is to be deleted.',
  fields: [
    {
      name: 'gracePeriodSeconds',
      number: 1,
      type: 'int64',
      pointer: true,
      description: 'Seconds the object has to end by itself; 0 removes it at once.',
    },
    {
      name: 'preconditions',
      number: 2,
      type: preconditionsSchema,
      pointer: true,
      description: 'What must be true of the object, else nothing happens.',
    },
    {
      name: 'orphanDependents',
      number: 3,
      type: 'bool',
      pointer: true,
      description: 'Deprecated: whether objects that depend on this one stay. Use propagationPolicy.',
    },
    {
      name: 'propagationPolicy',
      number: 4,
      type: 'string',
      goType: 'v1.DeletionPropagation',
      pointer: true,
      description: 'What happens to objects that depend on this one: Orphan, Background or Foreground.',
    },
    {
      name: 'dryRun',
      number: 5,
      type: 'string',
      repeated: true,
      listType: 'atomic',
      description: 'All: do everything but delete.',
    },
    {
      name: 'ignoreStoreReadErrorWithClusterBreakingPotential',
      number: 6,
      type: 'bool',
      pointer: true,
      description: 'Delete an object even though it can no longer be read from the store.',
    },
  ],
};

/** meta/v1 Condition. */
export const conditionSchema: MessageSchema = {
  name: `${META}Condition`,
  description: 'One aspect of the state of an object.',
  fields: [
    { name: 'type', number: 1, type: 'string', always: true, required: true, description: 'Which aspect it is.' },
    {
      name: 'status',
      number: 2,
      type: 'string',
      goType: 'v1.ConditionStatus',
      always: true,
      required: true,
      description: 'True, False or Unknown.',
    },
    {
      name: 'observedGeneration',
      number: 3,
      type: 'int64',
      description: 'The generation of the object that this speaks of.',
    },
    {
      name: 'lastTransitionTime',
      number: 4,
      type: 'time',
      always: true,
      required: true,
      description: 'When the status last changed.',
    },
    {
      name: 'reason',
      number: 5,
      type: 'string',
      always: true,
      required: true,
      description: 'Why it changed, for programs.',
    },
    {
      name: 'message',
      number: 6,
      type: 'string',
      always: true,
      required: true,
      description: 'Why it changed, for people.',
    },
  ],
};

/** meta/v1 LabelSelectorRequirement. */
export const labelSelectorRequirementSchema: MessageSchema = {
  name: `${META}LabelSelectorRequirement`,
  description: 'One condition on one label.',
  fields: [
    { name: 'key', number: 1, type: 'string', always: true, required: true, description: 'The label.' },
    {
      name: 'operator',
      number: 2,
      type: 'string',
      goType: 'v1.LabelSelectorOperator',
      always: true,
      required: true,
      description: 'In, NotIn, Exists or DoesNotExist.',
    },
    {
      name: 'values',
      number: 3,
      type: 'string',
      repeated: true,
      listType: 'atomic',
      description: 'What the label is compared with; empty for Exists and DoesNotExist.',
    },
  ],
};

/** meta/v1 FieldSelectorRequirement. */
export const fieldSelectorRequirementSchema: MessageSchema = {
  name: `${META}FieldSelectorRequirement`,
  description: 'One condition on one field.',
  fields: [
    { name: 'key', number: 1, type: 'string', always: true, required: true, description: 'The field.' },
    {
      name: 'operator',
      number: 2,
      type: 'string',
      goType: 'v1.FieldSelectorOperator',
      always: true,
      required: true,
      description: 'In, NotIn, Exists or DoesNotExist.',
    },
    {
      name: 'values',
      number: 3,
      type: 'string',
      repeated: true,
      listType: 'atomic',
      description: 'What the field is compared with; empty for Exists and DoesNotExist.',
    },
  ],
};

/** meta/v1 LabelSelector. */
export const labelSelectorSchema: MessageSchema = {
  name: `${META}LabelSelector`,
  description: 'Conditions on labels, all of which must hold. An empty one selects everything.',
  mapType: 'atomic',
  fields: [
    {
      name: 'matchLabels',
      number: 1,
      type: 'string',
      map: true,
      description: 'Labels that must have exactly these values.',
    },
    {
      name: 'matchExpressions',
      number: 2,
      type: labelSelectorRequirementSchema,
      repeated: true,
      listType: 'atomic',
      description: 'Further conditions.',
    },
  ],
};
