import { metadataField } from '../../kube/object-meta-schema.js';
import type { FieldSchema, MessageSchema } from '../../kube/schema.js';

type More = Partial<Omit<FieldSchema, 'name' | 'number' | 'description'>>;

function field(name: string, number: number, description: string, more: More = {}): FieldSchema {
  return { name, number, type: 'string', description, ...more };
}

/** core/v1 ObjectReference. */
export const objectReferenceSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.ObjectReference',
  description: 'Names another object.',
  mapType: 'atomic',
  fields: [
    field('kind', 1, 'Kind of the object.'),
    field('namespace', 2, 'Its namespace; empty for cluster-scoped objects.'),
    field('name', 3, 'Its name.'),
    field('uid', 4, 'Its UID.'),
    field('apiVersion', 5, 'Its API version.'),
    field('resourceVersion', 6, 'The version of it that is meant.'),
    field('fieldPath', 7, 'The part of it that is meant.'),
  ],
};

const eventSourceSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.EventSource',
  description: 'Which component reported an event.',
  fields: [field('component', 1, 'Name of the component.'), field('host', 2, 'Node on which it runs.')],
};

function seriesSchema(name: string): MessageSchema {
  return {
    name,
    description: 'How often and until when an event went on.',
    fields: [
      field('count', 1, 'How often it was seen, counting from its second time.', { type: 'int32' }),
      field('lastObservedTime', 2, 'When it was seen last.', { type: 'microTime' }),
    ],
  };
}

/** core/v1 Event. */
export const eventSchema: MessageSchema = {
  name: 'io.k8s.api.core.v1.Event',
  description: 'A report that something happened to an object. Kept for an hour.',
  fields: [
    { ...metadataField, required: true },
    field('involvedObject', 2, 'The object it is about.', {
      type: objectReferenceSchema,
      always: true,
      required: true,
    }),
    field('reason', 3, 'Why, in one CamelCase word.'),
    field('message', 4, 'What happened, for people.'),
    field('source', 5, 'Who reported it.', { type: eventSourceSchema, always: true }),
    field('firstTimestamp', 6, 'When it was first seen.', { type: 'time', always: true }),
    field('lastTimestamp', 7, 'When it was last seen.', { type: 'time', always: true }),
    field('count', 8, 'How often it was seen.', { type: 'int32' }),
    field('type', 9, 'Normal or Warning.'),
    field('eventTime', 10, 'When it was first seen, to the microsecond.', { type: 'microTime', always: true }),
    field('series', 11, 'Set when it goes on.', {
      type: seriesSchema('io.k8s.api.core.v1.EventSeries'),
      pointer: true,
    }),
    field('action', 12, 'What was done, or failed.'),
    field('related', 13, 'A second object that takes part.', { type: objectReferenceSchema, pointer: true }),
    field('reportingComponent', 14, 'The controller that reported it, such as countersign.dev/signer.', {
      always: true,
    }),
    field('reportingInstance', 15, 'Which instance of the controller.', { always: true }),
  ],
};

/** events.k8s.io/v1 Event: the same objects in other words. */
export const eventsV1Schema: MessageSchema = {
  name: 'io.k8s.api.events.v1.Event',
  description: 'A report that something happened to an object. Kept for an hour.',
  fields: [
    metadataField,
    field('eventTime', 2, 'When it was first seen, to the microsecond.', {
      type: 'microTime',
      always: true,
      required: true,
    }),
    field('series', 3, 'Set when it goes on.', {
      type: seriesSchema('io.k8s.api.events.v1.EventSeries'),
      pointer: true,
    }),
    field('reportingController', 4, 'The controller that reported it, such as countersign.dev/signer.'),
    field('reportingInstance', 5, 'Which instance of the controller.'),
    field('action', 6, 'What was done, or failed.'),
    field('reason', 7, 'Why, in one CamelCase word.'),
    field('regarding', 8, 'The object it is about.', { type: objectReferenceSchema }),
    field('related', 9, 'A second object that takes part.', { type: objectReferenceSchema, pointer: true }),
    field('note', 10, 'What happened, for people.'),
    field('type', 11, 'Normal or Warning.'),
    field('deprecatedSource', 12, 'Who reported it, in core/v1 events.', { type: eventSourceSchema, always: true }),
    field('deprecatedFirstTimestamp', 13, 'When it was first seen, in core/v1 events.', { type: 'time', always: true }),
    field('deprecatedLastTimestamp', 14, 'When it was last seen, in core/v1 events.', { type: 'time', always: true }),
    field('deprecatedCount', 15, 'How often it was seen, in core/v1 events.', { type: 'int32' }),
  ],
};
