import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import { fieldErrorText } from '../../kube/field-error.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { openTestStore, type TestStore, watchQuery } from '../testing/open-test-store.js';
import type { CoreEvent } from './event.js';
import { toCoreEvent, toEventsV1 } from './event.js';
import { events, eventsV1 } from './events.js';
import type { EventVersion } from './validate-event.js';
import { validateEvent, validateEventUpdate } from './validate-event.js';

const plain: CoreEvent = {
  metadata: { name: 'e', namespace: 'ns' },
  involvedObject: { kind: 'Pod', namespace: 'ns', name: 'p' },
  reason: 'Started',
  message: 'it started',
  type: 'Normal',
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:01:00Z',
};
const timed: CoreEvent = {
  ...plain,
  eventTime: '2026-01-01T00:00:00.000000Z',
  action: 'Start',
  reportingComponent: 'example.com/x',
  reportingInstance: 'x-1',
};

const refused: readonly {
  readonly name: string;
  readonly event: CoreEvent;
  readonly version: EventVersion;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'an object of another namespace',
    event: { ...plain, involvedObject: { namespace: 'other' } },
    version: 'core/v1',
    errors: ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  },
  {
    name: 'a cluster-scoped object outside of default',
    event: { ...plain, involvedObject: { name: 'x' } },
    version: 'core/v1',
    errors: ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  },
  {
    name: 'a timed event without reporter',
    event: { ...timed, reportingComponent: '', reportingInstance: '', action: '' },
    version: 'core/v1',
    errors: ['reportingComponent: Required value', 'reportingInstance: Required value', 'action: Required value'],
  },
  {
    name: 'a long note',
    event: { ...timed, message: 'x'.repeat(1025) },
    version: 'events.k8s.io/v1',
    errors: ['note: Invalid value: "": can have at most 1024 characters'],
  },
];

for (const { name, event, version, errors } of refused) {
  test(`refuses ${name}`, () => {
    const texts = validateEvent(event, version).map(fieldErrorText);
    for (const error of errors) assert.ok(texts.includes(error), texts.join('\n'));
  });
}

test('refuses a change of what an events.k8s.io event said', () => {
  const [error, ...more] = validateEventUpdate({ ...timed, message: 'else' }, timed, 'events.k8s.io/v1');
  assert.equal(error?.body, 'Invalid value: "else": field is immutable');
  assert.deepEqual(more, []);
});

test('takes plain and timed events', () => {
  assert.deepEqual(validateEvent(plain, 'core/v1'), []);
  assert.deepEqual(validateEvent(timed, 'core/v1'), []);
  assert.deepEqual(validateEvent(timed, 'events.k8s.io/v1'), []);
});

test('shows the same event in both versions', () => {
  const view = toEventsV1(timed);
  assert.equal(view.note, 'it started');
  assert.equal(view.regarding?.name, 'p');
  assert.deepEqual(toCoreEvent(view), { ...timed, apiVersion: 'v1', kind: 'Event', source: {} });
});

test('prints when, what and about which object', () => {
  const now = toUnixSeconds(Date.parse('2026-01-01T00:02:00Z') / 1000);
  assert.deepEqual(events.cells(plain, now), ['60s', 'Normal', 'Started', 'pod/p', '', '', 'it started', '2m', 1, 'e']);
  assert.equal(eventsV1.cells(toEventsV1(plain), now)[3], 'pod/p');
});

test('stores one event for both versions, and tells the watchers of both', async () => {
  const core = openTestStore(events);
  const other = openTestStore(eventsV1, { store: core.store });
  const seen: string[] = [];
  for (const { objects } of [core, other] as const) {
    const watcher: TestStore<KubeObject>['objects'] = objects; // watched for what every object has
    await watcher.watch(watchQuery(), (batch) => {
      for (const { type, object } of batch)
        seen.push(`${type} ${object.apiVersion ?? ''} ${object.metadata.name ?? ''}`);
    });
  }
  const made = await other.objects.create(toEventsV1(timed), { context: other.context() });
  const shown = await core.objects.get({ namespace: 'ns', name: 'e' });
  assert.equal(shown.message, 'it started');
  assert.equal(shown.apiVersion, 'v1');
  assert.deepEqual(toEventsV1(shown), made);
  const key = { namespace: 'ns', name: 'e' };
  const { object } = await core.objects.update(key, (current) => ({ ...timed, ...current, count: 2 }), {
    context: core.context(),
  });
  assert.equal((await other.objects.get(key)).deprecatedCount, 2);
  await other.objects.delete(key, { context: other.context() });
  assert.equal(object.metadata.resourceVersion, '2');
  assert.deepEqual(seen.sort(), [
    'ADDED events.k8s.io/v1 e',
    'ADDED v1 e',
    'DELETED events.k8s.io/v1 e',
    'DELETED v1 e',
    'MODIFIED events.k8s.io/v1 e',
    'MODIFIED v1 e',
  ]);
});

test('selects by the object', () => {
  assert.equal(events.selectableFields?.['involvedObject.name']?.(plain), 'p');
  assert.equal(eventsV1.selectableFields?.['regarding.kind']?.(toEventsV1(plain)), 'Pod');
});
