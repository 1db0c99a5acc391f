import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManagedFieldsEntry, ObjectMeta } from '../kube/object-meta.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import type { Store } from '../storage/store.js';
import { CountersignError } from '../base/error.js';
import { type ConfigMap, configMaps } from './configmaps/configmaps.js';
import { openTestStore } from './testing/open-test-store.js';

const KEY = { namespace: 'default', name: 'a' };

function configMap(data: Readonly<Record<string, string>>, metadata: ObjectMeta = {}): ConfigMap {
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'default', ...metadata }, data };
}

const fieldsOf = ({ metadata }: ConfigMap): readonly string[] =>
  (metadata.managedFields ?? []).map((e) => `${e.manager ?? ''} ${e.time ?? ''} ${JSON.stringify(e.fieldsV1)}`);

test('a request without a manager makes nobody an owner, and keeps those who are', async () => {
  const { objects, context } = openTestStore(configMaps);
  const made = await objects.create(configMap({ a: '1' }), { context: context() });
  assert.equal(made.metadata.managedFields, undefined);
  await objects.delete(KEY, { context: context() });
  const owned = await objects.create(configMap({ a: '1' }), { context: context({ fieldManager: 'me' }) });
  const { object } = await objects.update(KEY, () => configMap({ a: '2' }), { context: context() });
  assert.deepEqual(object.metadata.managedFields, owned.metadata.managedFields);
});

test('creates and updates say who set what, and when', async () => {
  const { objects, context, clock } = openTestStore(configMaps);
  await objects.create(configMap({ a: '1', b: '1' }), { context: context({ fieldManager: 'me' }) });
  clock.advance(5000);
  const { object } = await objects.update(KEY, () => configMap({ a: '2', b: '1' }), {
    context: context({ fieldManager: 'you' }),
  });
  assert.deepEqual(fieldsOf(object), [
    'me 2026-01-01T00:00:00Z {"f:data":{".":{},"f:b":{}}}',
    'you 2026-01-01T00:00:05Z {"f:data":{"f:a":{}}}',
  ]);
  assert.deepEqual(await objects.get(KEY), object);
});

test('a write that would only change times is none', async () => {
  const { objects, context, clock } = openTestStore(configMaps);
  const made = await objects.create(configMap({ a: '1' }), { context: context({ fieldManager: 'me' }) });
  clock.advance(5000);
  const later = made.metadata.managedFields?.map((entry) => ({ ...entry, time: '2026-01-01T00:00:05Z' })) ?? [];
  const { object } = await objects.update(KEY, () => configMap({ a: '1' }, { managedFields: later }), {
    context: context({ fieldManager: 'me' }),
  });
  assert.deepEqual(object, made);
});

test('an apply says itself who owns what, and creates what is not there', async () => {
  const { objects, context } = openTestStore(configMaps);
  const managedFields: readonly ManagedFieldsEntry[] = [
    { manager: 'one', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
  ];
  const applied = await objects.update(KEY, () => configMap({ a: '1' }, { managedFields }), {
    context: context({ fieldManager: 'one' }),
    applies: true,
  });
  assert.deepEqual([applied.created, applied.object.metadata.managedFields], [true, managedFields]);
  const cleared = await objects.update(KEY, () => configMap({ a: '1' }, { managedFields: [] }), {
    context: context({ fieldManager: 'one' }),
    applies: true,
  });
  assert.equal(cleared.object.metadata.managedFields, undefined);
});

/** A store that takes values up to a size, as etcd does. */
function narrowStore(maxBytes: number): Store {
  const store = createMemoryStore();
  const refuseLarge = (value: Uint8Array): void => {
    if (value.length > maxBytes) throw new CountersignError('STORE_TOO_LARGE', 'too large');
  };
  const create: Store['create'] = async (key, value) => {
    refuseLarge(value);
    return store.create(key, value);
  };
  const update: Store['update'] = async (key, value, revision) => {
    refuseLarge(value);
    return store.update(key, value, revision);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'create') return create;
      if (name === 'update') return update;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

test('an object that is too large to say who owns it is stored without', async () => {
  const { objects, context } = openTestStore(configMaps, { store: narrowStore(400) });
  const me = { context: context({ fieldManager: 'me' }) };
  const made = await objects.create(configMap({ a: 'x'.repeat(100) }), me);
  assert.equal(made.metadata.managedFields, undefined);
  assert.equal(made.data?.['a'], 'x'.repeat(100));
  await objects.delete(KEY, me);
  await objects.create(configMap({ a: '1' }), me);
  const { object } = await objects.update(KEY, () => configMap({ a: 'x'.repeat(150) }), me);
  assert.equal(object.metadata.managedFields, undefined);
  await assert.rejects(
    objects.update(KEY, () => configMap({ a: 'x'.repeat(500) }), me),
    /too large/,
  );
});
