import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ObjectMeta } from '../kube/object-meta.js';
import type { Propagation } from '../kube/propagation.js';
import { StatusError } from '../kube/status.js';
import { type ConfigMap, configMaps } from './configmaps/configmaps.js';
import type { CoreEvent } from './events/event.js';
import { events } from './events/events.js';
import type { Deleted } from './resource-store.js';
import { listQuery, openTestStore, type TestStore } from './testing/open-test-store.js';

const KEY = { namespace: 'default', name: 'a' };

async function withOne(metadata: ObjectMeta = {}): Promise<TestStore<ConfigMap>> {
  const store = openTestStore(configMaps);
  await store.objects.create({ metadata: { ...KEY, ...metadata } }, { context: store.context() });
  return store;
}

function remove(
  { objects, context }: TestStore<ConfigMap>,
  propagationPolicy?: Propagation,
  dryRun = false,
): Promise<Deleted<ConfigMap>> {
  const policy = propagationPolicy === undefined ? {} : { propagationPolicy };
  return objects.delete(KEY, { context: context({ dryRun }), ...policy });
}

const isThere = async ({ objects }: TestStore<ConfigMap>): Promise<boolean> =>
  (await objects.list(listQuery())).items.length > 0;

suite('a first delete', () => {
  const cases: readonly {
    readonly name: string;
    readonly finalizers?: readonly string[];
    readonly policy?: Propagation;
    /** What holds the object; undefined: it is gone. */
    readonly held: readonly string[] | undefined;
  }[] = [
    { name: 'removes at once without a policy', held: undefined },
    { name: 'removes at once in the background', policy: 'Background', held: undefined },
    { name: 'waits for the collector in the foreground', policy: 'Foreground', held: ['foregroundDeletion'] },
    { name: 'waits for the collector to orphan', policy: 'Orphan', held: ['orphan'] },
    { name: 'follows a finalizer where it says nothing', finalizers: ['orphan'], held: ['orphan'] },
    { name: 'overrules a finalizer with a policy', finalizers: ['orphan'], policy: 'Background', held: undefined },
    {
      name: 'exchanges one finalizer for the other',
      finalizers: ['orphan', 'example.com/hold'],
      policy: 'Foreground',
      held: ['example.com/hold', 'foregroundDeletion'],
    },
    {
      name: 'leaves what others wait for',
      finalizers: ['example.com/hold'],
      policy: 'Background',
      held: ['example.com/hold'],
    },
  ];
  for (const { name, finalizers, policy, held } of cases) {
    test(name, async () => {
      const store = await withOne(finalizers === undefined ? {} : { finalizers });
      const { object, removed } = await remove(store, policy);
      assert.equal(removed, held === undefined);
      assert.equal(await isThere(store), held !== undefined);
      if (held === undefined) return;
      assert.deepEqual(object.metadata.finalizers, held);
      assert.equal(object.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
      assert.equal(object.metadata.deletionGracePeriodSeconds, 0);
      assert.deepEqual((await store.objects.get(KEY)).metadata, object.metadata);
    });
  }

  test('on a dry run answers what would be, and stores nothing', async () => {
    const store = await withOne();
    const { object, removed } = await remove(store, 'Foreground', true);
    assert.deepEqual([removed, object.metadata.finalizers], [false, ['foregroundDeletion']]);
    assert.equal(await store.store.currentRevision(), 1);
  });

  test('of a collection asks the collector for each object', async () => {
    const store = await withOne();
    const options = { context: store.context(), propagationPolicy: 'Orphan' } as const;
    await store.objects.deleteCollection(listQuery(), options);
    assert.deepEqual((await store.objects.get(KEY)).metadata.finalizers, ['orphan']);
  });
});

suite('a second delete', () => {
  test('changes its mind, and keeps the time of the first', async () => {
    const store = await withOne();
    await remove(store, 'Foreground');
    store.clock.advance(5000);
    const { object } = await remove(store, 'Orphan');
    assert.deepEqual(object.metadata.finalizers, ['orphan']);
    assert.equal(object.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
    assert.equal((await remove(store, 'Background')).removed, true);
    assert.equal(await isThere(store), false);
  });

  test('writes nothing where it says the same, or nothing', async () => {
    const store = await withOne();
    const first = await remove(store, 'Foreground');
    assert.deepEqual(await remove(store, 'Foreground'), first);
    assert.deepEqual(await remove(store), first);
    assert.equal(await store.store.currentRevision(), 2);
  });
});

test('while it is deleted, an object gets neither finalizer by an update', async () => {
  const store = await withOne({ finalizers: ['example.com/hold'] });
  await remove(store);
  for (const finalizer of ['orphan', 'foregroundDeletion']) {
    const finalizers = ['example.com/hold', finalizer];
    const update = store.objects.update(KEY, () => ({ metadata: { ...KEY, finalizers } }), {
      context: store.context(),
    });
    await assert.rejects(update, (error: unknown) => error instanceof StatusError && error.httpCode === 422);
  }
});

test('an object goes with its last finalizer, also where the collector put it', async () => {
  const store = await withOne();
  await remove(store, 'Foreground');
  await store.objects.update(KEY, () => ({ metadata: KEY }), { context: store.context() });
  assert.equal(await isThere(store), false);
});

test('events own nothing: no policy holds them', async () => {
  const { objects, context } = openTestStore(events);
  const event: CoreEvent = { metadata: { ...KEY, finalizers: ['orphan'] }, involvedObject: { namespace: 'default' } };
  await objects.create(event, { context: context() });
  const deleted = await objects.delete(KEY, { context: context(), propagationPolicy: 'Foreground' });
  assert.equal(deleted.removed, true);
});
