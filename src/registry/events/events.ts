import type { UnixSeconds } from '../../base/clock.js';
import { humanDuration } from '../../kube/human-duration.js';
import { dnsSubdomainProblems, pathSegmentProblems } from '../../kube/names.js';
import { parseTime } from '../../kube/time.js';
import { textColumn } from '../columns.js';
import type { Cell, Column, Resource, Strategy } from '../resource.js';
import type { CoreEvent, EventsV1Event } from './event.js';
import { toCoreEvent, toEventsV1 } from './event.js';
import { eventSchema, eventsV1Schema } from './schema.js';
import type { EventVersion } from './validate-event.js';
import { validateEvent, validateEventUpdate } from './validate-event.js';

/** Events are removed an hour after their last write. */
const TTL_SECONDS = 3600;

const COLUMNS: readonly Column[] = [
  textColumn('Last Seen', 'Time since the event was last seen.'),
  textColumn('Type', 'Normal or Warning.'),
  textColumn('Reason', 'Why, in one word.'),
  textColumn('Object', 'The object it is about.'),
  textColumn('Subobject', 'The part of the object that is meant.', 1),
  textColumn('Source', 'Who reported it.', 1),
  textColumn('Message', 'What happened.'),
  textColumn('First Seen', 'Time since the event was first seen.', 1),
  textColumn('Count', 'How often it was seen.', 1),
  textColumn('Name', 'Name of the event.', 1),
];

/** Time since the first of `times` that is set. */
function since(now: UnixSeconds, ...times: readonly (string | null | undefined)[]): string {
  const set = times.find((time) => (time ?? '') !== '') ?? '';
  const seconds = parseTime(set);
  return seconds === undefined ? '<unknown>' : humanDuration((now - seconds) * 1000);
}

function cells(event: CoreEvent, now: UnixSeconds): readonly Cell[] {
  const about = event.involvedObject ?? {};
  const kind = (about.kind ?? '').toLowerCase();
  const { component = event.reportingComponent ?? '', host = event.reportingInstance ?? '' } = event.source ?? {};
  return [
    since(now, event.series?.lastObservedTime, event.lastTimestamp, event.firstTimestamp, event.eventTime),
    event.type ?? '',
    event.reason ?? '',
    (about.name ?? '') === '' ? kind : `${kind}/${about.name ?? ''}`,
    about.fieldPath ?? '',
    host === '' ? component : `${component}, ${host}`,
    (event.message ?? '').trim(),
    since(now, event.firstTimestamp, event.eventTime),
    event.series?.count ?? (event.count === undefined || event.count === 0 ? 1 : event.count),
    event.metadata.name ?? '',
  ];
}

function strategy<T extends CoreEvent | EventsV1Event>(
  version: EventVersion,
  toCore: (event: T) => CoreEvent,
  nameProblems: Strategy<T>['nameProblems'],
): Strategy<T> {
  return {
    nameProblems,
    createOnUpdate: true,
    unconditionalUpdate: true,
    ownsNothing: true,
    prepareForCreate: (event) => event,
    validate: (event) => validateEvent(toCore(event), version),
    prepareForUpdate: (next) => next,
    validateUpdate: (next, previous) => validateEventUpdate(toCore(next), toCore(previous), version),
  };
}

/** Selectable fields; `about` is what the version calls the object. */
function selectable<T>(
  about: string,
  controller: string,
  toCore: (event: T) => CoreEvent,
): Readonly<Record<string, (event: T) => string>> {
  const fields: Record<string, (event: T) => string> = {
    reason: (event) => toCore(event).reason ?? '',
    [controller]: (event) => toCore(event).reportingComponent ?? '',
    source: (event) => toCore(event).source?.component ?? toCore(event).reportingComponent ?? '',
    type: (event) => toCore(event).type ?? '',
  };
  for (const field of ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const) {
    fields[`${about}.${field}`] = (event) => toCore(event).involvedObject?.[field] ?? '';
  }
  return fields;
}

/** core/v1 events. */
export const events: Resource<CoreEvent> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  namespaced: true,
  shortNames: ['ev'],
  storageVersionHash: 'r2yiGXH7wu8=',
  schema: eventSchema,
  keyPrefix: '/registry/events/',
  strategy: strategy<CoreEvent>('core/v1', (event) => event, pathSegmentProblems),
  selectableFields: selectable<CoreEvent>('involvedObject', 'reportingComponent', (event) => event),
  unknownFieldText: 'plain',
  columns: COLUMNS,
  cells,
  deleteAnswer: 'status',
  ttlSeconds: TTL_SECONDS,
  writtenAt: (event) => [event.lastTimestamp, event.eventTime, event.series?.lastObservedTime],
};

/** events.k8s.io/v1 events: the same store, seen in other words. */
export const eventsV1: Resource<EventsV1Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  namespaced: true,
  shortNames: ['ev'],
  storageVersionHash: 'r2yiGXH7wu8=',
  schema: eventsV1Schema,
  keyPrefix: '/registry/events/',
  strategy: strategy<EventsV1Event>('events.k8s.io/v1', toCoreEvent, dnsSubdomainProblems),
  selectableFields: selectable<EventsV1Event>('regarding', 'reportingController', toCoreEvent),
  unknownFieldText: 'plain',
  columns: COLUMNS,
  cells: (event, now) => cells(toCoreEvent(event), now),
  deleteAnswer: 'status',
  view: {
    fromStored: toEventsV1, // the store under this key prefix holds core events only
    toStored: toCoreEvent,
  },
};
