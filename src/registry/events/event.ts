import type { KubeObject } from '../../kube/object-meta.js';

/** core/v1 ObjectReference. */
export interface ObjectReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

interface EventSource {
  readonly component?: string;
  readonly host?: string;
}

interface EventSeries {
  readonly count?: number;
  readonly lastObservedTime?: string | null;
}

/** What both versions of events have under the same name. */
interface CommonEvent extends KubeObject {
  readonly eventTime?: string | null;
  readonly series?: EventSeries;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly related?: ObjectReference;
  readonly type?: string;
}

/** core/v1 Event; this is what is stored. */
export interface CoreEvent extends CommonEvent {
  readonly involvedObject?: ObjectReference;
  readonly message?: string;
  readonly source?: EventSource;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly count?: number;
  readonly reportingComponent?: string;
}

/** events.k8s.io/v1 Event. */
export interface EventsV1Event extends CommonEvent {
  readonly regarding?: ObjectReference;
  readonly note?: string;
  readonly deprecatedSource?: EventSource;
  readonly deprecatedFirstTimestamp?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly deprecatedCount?: number;
  readonly reportingController?: string;
}

/** Drops what is undefined, so that no absent field becomes a present one. */
function defined<T extends object>(object: T): T {
  // every key that stays has the value it had
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** The events.k8s.io view of a core event. */
export function toEventsV1(event: CoreEvent): EventsV1Event {
  const view: Loose<EventsV1Event> = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    eventTime: event.eventTime ?? null,
    series: event.series,
    reportingController: event.reportingComponent === '' ? undefined : event.reportingComponent,
    reportingInstance: event.reportingInstance === '' ? undefined : event.reportingInstance,
    action: event.action,
    reason: event.reason,
    regarding: event.involvedObject,
    related: event.related,
    note: event.message,
    type: event.type,
    deprecatedSource: event.source ?? {},
    deprecatedFirstTimestamp: event.firstTimestamp ?? null,
    deprecatedLastTimestamp: event.lastTimestamp ?? null,
    deprecatedCount: event.count,
  };
  return defined(view) as EventsV1Event; // undefined fields are gone
}

/** The core event behind an events.k8s.io one. */
export function toCoreEvent(event: EventsV1Event): CoreEvent {
  const core: Loose<CoreEvent> = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp ?? null,
    lastTimestamp: event.deprecatedLastTimestamp ?? null,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime ?? null,
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
  return defined(core) as CoreEvent; // undefined fields are gone
}
