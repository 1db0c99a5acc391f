import type { FieldError } from '../../kube/field-error.js';
import { invalid, required } from '../../kube/field-error.js';
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../kube/names.js';
import type { CoreEvent } from './event.js';

const MAX_WORD = 128;
const MAX_NOTE = 1024;

/** Which API the writer speaks; it decides the names of fields and how much must be there. */
export type EventVersion = 'core/v1' | 'events.k8s.io/v1';

/** What is wrong with an event (pkg/apis/core/validation/events.go): old-style core events only name their object. */
export function validateEvent(event: CoreEvent, version: EventVersion): readonly FieldError[] {
  const errors: FieldError[] = [];
  const namespace = event.metadata.namespace ?? '';
  const timed = (event.eventTime ?? '') !== '';
  errors.push(...validateObjectNamespace(event, namespace, timed));
  if (timed || version === 'events.k8s.io/v1') errors.push(...validateReport(event, version));
  for (const problem of dnsSubdomainProblems(namespace)) errors.push(invalid('namespace', namespace, problem));
  if (version === 'events.k8s.io/v1') {
    if (!timed) errors.push(required('eventTime'));
    if (event.type !== 'Normal' && event.type !== 'Warning') {
      errors.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`));
    }
  }
  return errors;
}

function validateObjectNamespace(event: CoreEvent, namespace: string, timed: boolean): readonly FieldError[] {
  const about = event.involvedObject?.namespace ?? '';
  const homes = timed ? ['default', 'kube-system'] : ['default', ''];
  const fits = about === '' ? homes.includes(namespace) : timed || about === namespace;
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}

/** The fields that new-style events must have. */
function validateReport(event: CoreEvent, version: EventVersion): readonly FieldError[] {
  const errors: FieldError[] = [];
  const controllerField = version === 'core/v1' ? 'reportingComponent' : 'reportingController';
  const controller = event.reportingComponent ?? '';
  if (controller === '') errors.push(required(controllerField));
  for (const problem of qualifiedNameProblems(controller)) errors.push(invalid(controllerField, controller, problem));
  for (const [field, value = ''] of [
    ['reportingInstance', event.reportingInstance],
    ['action', event.action],
    ['reason', event.reason],
  ] as const) {
    if (value === '') errors.push(required(field));
    if (value.length > MAX_WORD) errors.push(invalid(field, '', `can have at most ${MAX_WORD} characters`));
  }
  const note = event.message ?? '';
  if (note.length > MAX_NOTE) {
    errors.push(invalid(version === 'core/v1' ? 'message' : 'note', '', `can have at most ${MAX_NOTE} characters`));
  }
  return errors;
}

/** Fields of an events.k8s.io event that stay as they were created; only its series goes on. */
const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const satisfies readonly (keyof CoreEvent)[];

const EVENTS_V1_NAMES: Readonly<Record<string, string>> = {
  involvedObject: 'involvedObject',
  message: 'message',
  reportingComponent: 'reportingController',
};

/** What is wrong with a changed event. */
export function validateEventUpdate(
  next: CoreEvent,
  previous: CoreEvent,
  version: EventVersion,
): readonly FieldError[] {
  const errors = [...validateEvent(next, version)];
  if (version === 'core/v1') return errors;
  for (const field of FIXED) {
    if (JSON.stringify(next[field] ?? null) !== JSON.stringify(previous[field] ?? null)) {
      errors.push(invalid(EVENTS_V1_NAMES[field] ?? field, next[field], 'field is immutable'));
    }
  }
  return errors;
}
