import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../object-meta.js';
import { apply, ownership, sample, SAMPLE, SAMPLE_STATUS, stored, update } from '../../../test/sample-kind.js';
import { trackUpdate } from './track-update.js';

const T1 = '2026-01-01T00:00:01Z';
const T2 = '2026-01-01T00:00:02Z';
const WRITER = { manager: 'me', now: T1 };

test('who creates an object owns what is in it, the maps and lists among it, but nothing of the system', () => {
  const created = update(undefined, 'me', {
    metadata: { uid: 'u', generation: 1, labels: { a: '1' }, finalizers: ['x/y'] },
    spec: { count: 1, ports: [{ port: 1 }] },
    status: { phase: 'x' },
  });
  assert.deepEqual(ownership(created), [
    'Update me: {"f:metadata":{"f:finalizers":{".":{},"v:\\"x/y\\"":{}},"f:labels":{".":{},"f:a":{}}},' +
      '"f:spec":{"f:count":{},"f:ports":{".":{},"k:{\\"port\\":1}":{".":{},"f:port":{}}}}}',
  ]);
});

test('an object with nothing to own has no entries', () => {
  assert.deepEqual(update(undefined, 'me', {}).metadata.managedFields, undefined);
});

test('an object without entries gets none by updates', () => {
  const live = stored(sample({ spec: { count: 1 } }));
  assert.deepEqual(ownership(update(live, 'me', { spec: { count: 2 } })), []);
});

test('what somebody changes is theirs alone, and what they remove is nobody’s', () => {
  const created = update(undefined, 'me', { metadata: { annotations: { n: '1' } }, spec: { count: 1, total: 1 } });
  const updated = update(created, 'you', { spec: { count: 2, total: 1, enabled: true } }, { now: T2 });
  assert.deepEqual(ownership(updated), [
    'Update me: {"f:spec":{"f:total":{}}}',
    'Update you: {"f:spec":{"f:count":{},"f:enabled":{}}}',
  ]);
  assert.deepEqual(
    updated.metadata.managedFields?.map(({ time }) => time),
    ['2026-01-01T00:00:00Z', T2],
  );
});

test('an update that changes nothing keeps the entries as they are', () => {
  const created = update(undefined, 'me', { spec: { count: 1 } });
  const next = stored(sample({ spec: { count: 1 } }));
  assert.equal(trackUpdate(SAMPLE, WRITER, created, next), created.metadata.managedFields);
});

test('an update takes from appliers, too', () => {
  const applied = apply(undefined, 'one', { spec: { count: 1, total: 1 } });
  assert.deepEqual(ownership(update(applied, 'me', { spec: { count: 2, total: 1 } })), [
    'Apply one: {"f:spec":{"f:total":{}}}',
    'Update me: {"f:spec":{"f:count":{}}}',
  ]);
});

test('the same manager is another one through a subresource', () => {
  const created = update(undefined, 'me', { spec: { count: 1 }, status: { phase: 'w' } });
  const updated = update(created, 'me', { spec: { count: 5 }, status: { phase: 'x' } }, { kind: SAMPLE_STATUS });
  assert.deepEqual(ownership(updated), [
    'Update me: {"f:spec":{"f:count":{}}}',
    'Update me/status: {"f:status":{"f:phase":{}}}',
  ]);
});

const ENTRY = {
  manager: 'other',
  operation: 'Update',
  apiVersion: 'example.io/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:count': {} } },
};

const SENT: readonly { readonly name: string; readonly managedFields: readonly object[]; readonly after: string[] }[] =
  [
    { name: 'an empty list ends tracking', managedFields: [], after: [] },
    { name: 'one empty entry ends tracking', managedFields: [{}], after: [] },
    {
      name: 'entries of another operation are not taken',
      managedFields: [{ ...ENTRY, operation: 'Guess' }],
      after: ['Update me: {"f:spec":{"f:count":{}}}'],
    },
    {
      name: 'entries without version are not taken',
      managedFields: [{ ...ENTRY, apiVersion: '' }],
      after: ['Update me: {"f:spec":{"f:count":{}}}'],
    },
    {
      name: 'entries of another type are not taken',
      managedFields: [{ ...ENTRY, fieldsType: 'FieldsV2' }],
      after: ['Update me: {"f:spec":{"f:count":{}}}'],
    },
    {
      name: 'entries whose fields cannot be read are not taken',
      managedFields: [{ ...ENTRY, fieldsV1: { nothing: {} } }],
      after: ['Update me: {"f:spec":{"f:count":{}}}'],
    },
    {
      name: 'entries that can be read are taken',
      managedFields: [{ ...ENTRY, operation: 'Apply' }, ENTRY],
      after: ['Apply other: {"f:spec":{"f:count":{}}}', 'Update other: {"f:spec":{"f:count":{}}}'],
    },
  ];

for (const { name, managedFields, after } of SENT) {
  test(`of a writer who sends entries, ${name}`, () => {
    const created = update(undefined, 'me', { spec: { count: 1 } });
    assert.deepEqual(ownership(update(created, 'you', { metadata: { managedFields }, spec: { count: 1 } })), after);
  });
}

test('entries that come through a subresource are not looked at', () => {
  const created = update(undefined, 'me', { spec: { count: 1 } });
  const sent = { metadata: { managedFields: [ENTRY] }, spec: { count: 1 } };
  assert.deepEqual(ownership(update(created, 'you', sent, { kind: SAMPLE_STATUS })), [
    'Update me: {"f:spec":{"f:count":{}}}',
  ]);
});

test('fields of another version stay with their owner', () => {
  const created = update(undefined, 'me', { spec: { count: 1 } });
  const old = { ...ENTRY, apiVersion: 'example.io/v0' };
  const metadata = { managedFields: [...(created.metadata.managedFields ?? []), old] };
  const updated = update(created, 'you', { metadata, spec: { count: 2 } }, { now: T2 });
  assert.deepEqual(ownership(updated), [
    'Update other: {"f:spec":{"f:count":{}}}',
    'Update you: {"f:spec":{"f:count":{}}}',
  ]);
});

test('of more than ten updaters, the oldest are put together', () => {
  let object: KubeObject | undefined;
  const labels: Record<string, string> = {};
  for (let i = 0; i < 13; i++) {
    labels[`l${i}`] = '';
    object = update(object, `m${i}`, { metadata: { labels: { ...labels } } }, { now: `2026-01-01T00:00:${10 + i}Z` });
  }
  const entries = object?.metadata.managedFields ?? [];
  assert.equal(entries.length, 10);
  assert.deepEqual(
    entries.map(({ manager }) => manager),
    ['ancient-changes', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11', 'm12'],
  );
  assert.deepEqual(entries[0]?.fieldsV1, {
    'f:metadata': { 'f:labels': { '.': {}, 'f:l0': {}, 'f:l1': {}, 'f:l2': {}, 'f:l3': {} } },
  });
  assert.equal(entries[0].time, '2026-01-01T00:00:13Z');
});
