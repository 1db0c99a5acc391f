import { goNameOf, type FieldSchema, type MessageSchema } from './schema.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

function text(
  name: string,
  number: number,
  description: string,
  more: Partial<Omit<FieldSchema, 'name' | 'number' | 'type' | 'description'>> = {},
): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

/** meta/v1 OwnerReference. */
export const ownerReferenceSchema: MessageSchema = {
  name: `${META}OwnerReference`,
  description: 'Names an object in the same namespace, or without one, on which this object depends.',
  mapType: 'atomic',
  fields: [
    text('apiVersion', 5, 'API version of the owner.', { always: true, required: true }),
    text('kind', 1, 'Kind of the owner.', { always: true, required: true }),
    text('name', 3, 'Name of the owner.', { always: true, required: true }),
    text('uid', 4, 'UID of the owner.', { goType: 'types.UID', always: true, required: true }),
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
    text('manager', 1, 'Name of the manager.'),
    text('operation', 2, 'How the fields were set: Apply or Update.', { goType: 'v1.ManagedFieldsOperationType' }),
    text('apiVersion', 3, 'Version of the API in which the fields are named.'),
    { name: 'time', number: 4, type: 'time', pointer: true, description: 'When the set of fields last changed.' },
    text('fieldsType', 6, 'Format of the field set; always FieldsV1.'),
    { name: 'fieldsV1', number: 7, type: 'fieldsV1', description: 'The set of fields, as a tree of their names.' },
    text('subresource', 8, 'The subresource through which the fields were set; empty for the object itself.'),
  ],
};

/** meta/v1 ObjectMeta. */
export const objectMetaSchema: MessageSchema = {
  name: `${META}ObjectMeta`,
  description: 'What every stored object says about itself: its names, versions, times, labels and owners.',
  fields: [
    text('name', 1, 'Name of the object, unique in its namespace. It cannot be changed.'),
    text('generateName', 2, 'Beginning of a name that the server completes, where no name is given.'),
    text('namespace', 3, 'The namespace in which the name is unique; empty for objects of the whole cluster.'),
    text('selfLink', 4, 'No longer used.'),
    text('uid', 5, 'Identity of the object over all time. Set by the server.', { goType: 'types.UID' }),
    text('resourceVersion', 6, 'Version of the object, for optimistic writes and watches. Opaque. Set by the server.'),
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
    text('labels', 11, 'Keys and values by which objects are selected.', { map: true }),
    text('annotations', 12, 'Keys and values for tools; objects cannot be selected by them.', { map: true }),
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
    text('finalizers', 14, 'Who still has to do something before the object may be removed.', {
      repeated: true,
      patchStrategy: 'merge',
      listType: 'set',
    }),
    {
      name: 'managedFields',
      number: 17,
      type: managedFieldsEntrySchema,
      repeated: true,
      listType: 'atomic',
      // an empty list is a wish: to begin anew
      pointer: true,
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
    text('selfLink', 1, 'No longer used.'),
    text('resourceVersion', 2, 'Version of the store that the list shows; a watch can start from it.'),
    text('continue', 3, 'Token with which to ask for the next page.'),
    {
      name: 'remainingItemCount',
      number: 4,
      type: 'int64',
      pointer: true,
      description: 'How many items follow this page, where that is known.',
    },
  ],
};

const lists = new WeakMap<MessageSchema, MessageSchema>();

/** The message of a list of `item`s: metadata and items. The same for the same item. */
export function listSchemaOf(item: MessageSchema): MessageSchema {
  let list = lists.get(item);
  if (list === undefined) {
    list = buildList(item);
    lists.set(item, list);
  }
  return list;
}

function buildList(item: MessageSchema): MessageSchema {
  return {
    name: `${item.name}List`,
    description: `A list of ${goNameOf(item)} objects.`,
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
    text('reason', 1, 'What was wrong, for programs.', { goType: 'v1.CauseType' }),
    text('message', 2, 'What was wrong, for people.'),
    text('field', 3, 'Path of the field that was wrong.'),
  ],
};

/** meta/v1 StatusDetails. */
export const statusDetailsSchema: MessageSchema = {
  name: `${META}StatusDetails`,
  description: 'What a Status is about.',
  fields: [
    text('name', 1, 'Name of the object.'),
    text('group', 2, 'API group of the object.'),
    text('kind', 3, 'Kind or resource of the object.'),
    text('uid', 6, 'UID of the object.', { goType: 'types.UID' }),
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
    text('status', 2, 'Success or Failure.'),
    text('message', 3, 'The outcome, for people.'),
    text('reason', 4, 'Why the request failed, for programs.', { goType: 'v1.StatusReason' }),
    { name: 'details', number: 5, type: statusDetailsSchema, pointer: true, description: 'What the outcome is about.' },
    { name: 'code', number: 6, type: 'int32', description: 'The HTTP status code.' },
  ],
};

/** meta/v1 Preconditions. */
export const preconditionsSchema: MessageSchema = {
  name: `${META}Preconditions`,
  description: 'What must be true of an object for a deletion to happen.',
  fields: [
    text('uid', 1, 'The UID it must have.', { goType: 'types.UID', pointer: true }),
    text('resourceVersion', 2, 'The version it must have.', { pointer: true }),
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
    text('propagationPolicy', 4, 'What happens to objects that depend on this one: Orphan, Background or Foreground.', {
      goType: 'v1.DeletionPropagation',
      pointer: true,
    }),
    text('dryRun', 5, 'All: do everything but delete.', { repeated: true, listType: 'atomic' }),
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
    text('type', 1, 'Which aspect it is.', { always: true, required: true }),
    text('status', 2, 'True, False or Unknown.', { goType: 'v1.ConditionStatus', always: true, required: true }),
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
    text('reason', 5, 'Why it changed, for programs.', { always: true, required: true }),
    text('message', 6, 'Why it changed, for people.', { always: true, required: true }),
  ],
};

/** meta/v1 LabelSelectorRequirement. */
export const labelSelectorRequirementSchema: MessageSchema = {
  name: `${META}LabelSelectorRequirement`,
  description: 'One condition on one label.',
  fields: [
    text('key', 1, 'The label.', { always: true, required: true }),
    text('operator', 2, 'In, NotIn, Exists or DoesNotExist.', {
      goType: 'v1.LabelSelectorOperator',
      always: true,
      required: true,
    }),
    text('values', 3, 'What the label is compared with; empty for Exists and DoesNotExist.', {
      repeated: true,
      listType: 'atomic',
    }),
  ],
};

/** meta/v1 FieldSelectorRequirement. */
export const fieldSelectorRequirementSchema: MessageSchema = {
  name: `${META}FieldSelectorRequirement`,
  description: 'One condition on one field.',
  fields: [
    text('key', 1, 'The field.', { always: true, required: true }),
    text('operator', 2, 'In, NotIn, Exists or DoesNotExist.', {
      goType: 'v1.FieldSelectorOperator',
      always: true,
      required: true,
    }),
    text('values', 3, 'What the field is compared with; empty for Exists and DoesNotExist.', {
      repeated: true,
      listType: 'atomic',
    }),
  ],
};

/** meta/v1 LabelSelector. */
export const labelSelectorSchema: MessageSchema = {
  name: `${META}LabelSelector`,
  description: 'Conditions on labels, all of which must hold. An empty one selects everything.',
  mapType: 'atomic',
  fields: [
    text('matchLabels', 1, 'Labels that must have exactly these values.', { map: true }),
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
