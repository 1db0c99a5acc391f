import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { Store } from '../store.js';
import { bytes, linesOf, openStore, RecordingWatcher, refusedWith, textOf } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

const OPERATIONS = [
  { name: 'currentRevision', use: (store: Store) => store.currentRevision() },
  { name: 'get', use: (store: Store) => store.get('a') },
  { name: 'list', use: (store: Store) => store.list('') },
  { name: 'create', use: (store: Store) => store.create('b', bytes('')) },
  { name: 'update', use: (store: Store) => store.update('a', bytes(''), 1) },
  { name: 'delete', use: (store: Store) => store.delete('a', 1) },
  { name: 'watch', use: (store: Store) => store.watch('', 0, new RecordingWatcher()) },
  { name: 'compact', use: (store: Store) => store.compact(1) },
] as const;

/** What a store promises of its end. */
export function closingContract(open: OpenStore): void {
  for (const { name, use } of OPERATIONS) {
    void test(`refuses ${name} when it is closed`, async (t) => {
      const store = await openStore(t, open);
      await store.create('a', bytes(''));
      await store.close();
      await refusedWith('STORE_CLOSED', use(store));
    });
  }
  void test('refuses writes as soon as it is closing', async (t) => {
    const store = await openStore(t, open);
    const closing = store.close();
    await refusedWith('STORE_CLOSED', store.create('a', bytes('')));
    await closing;
  });
  void test('closes once, however often it is asked', async (t) => {
    const store = await openStore(t, open);
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });
  void test('answers every write that was accepted before it was closed', async (t) => {
    const store = await openStore(t, open);
    const writes = Array.from({ length: 100 }, (_, i) => store.create(`k${i}`, bytes('')));
    await store.close();
    assert.deepEqual(
      (await Promise.all(writes)).sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
  });
}

/** What a durable store promises of what outlives it. */
export function restartContract(open: OpenStore): void {
  /** Runs `before` on a fresh store, closes it, and opens what is left. */
  const restart = async (t: TestContext, before: (store: Store) => Promise<void>): Promise<Store> => {
    const { store, reopen } = await open(t);
    t.after(() => store.close());
    assert.ok(reopen !== undefined, 'a durable store can be opened again');
    await before(store);
    await store.close();
    const again = await reopen();
    t.after(() => again.close());
    return again;
  };

  void test('finds everything again, history and revision too', async (t) => {
    const store = await restart(t, writeSome);
    assert.equal(await store.currentRevision(), 5);
    assert.equal(textOf(await store.get('a')), '2');
    assert.deepEqual(linesOf(await store.list('')), ['a=2@3', 'c=c@4']);
    assert.deepEqual(linesOf(await store.list('', { revision: 2 })), ['a=1@1', 'b=b@2']);
    const watcher = new RecordingWatcher();
    await store.watch('', 1, watcher);
    await watcher.delivered(5);
    assert.deepEqual(watcher.lines(), ['put b=b@2', 'put a=2@3 was 1@1', 'put c=c@4', 'delete b@5 was b@2']);
    assert.equal(await store.create('b', bytes('')), 6);
  });
  void test('never uses a revision again, though the last writes were deletes and are forgotten', async (t) => {
    const store = await restart(t, async (first) => {
      await writeSome(first);
      await first.delete('a', 3);
      await first.delete('c', 4);
      await first.compact(7);
    });
    assert.equal(await store.currentRevision(), 7);
    assert.deepEqual((await store.list('')).entries, []);
    assert.equal(await store.create('a', bytes('')), 8);
  });
  void test('still refuses what was compacted', async (t) => {
    const store = await restart(t, async (first) => {
      await writeSome(first);
      await first.compact(4);
    });
    await refusedWith('STORE_COMPACTED', store.list('', { revision: 3 }));
    await refusedWith('STORE_COMPACTED', store.watch('', 3, new RecordingWatcher()));
    const watcher = new RecordingWatcher();
    await store.watch('', 4, watcher);
    await watcher.delivered(5);
    assert.deepEqual(watcher.lines(), ['delete b@5 was b@2']);
  });
  void test('loses nothing when it is closed in the middle of a compaction', async (t) => {
    const keys = Array.from({ length: 1200 }, (_, i) => `k${i}`);
    const store = await restart(t, async (first) => {
      await Promise.all(keys.map((key) => first.create(key, bytes('old'))));
      const entries = (await first.list('')).entries;
      await Promise.all(entries.map(({ key, revision }) => first.update(key, bytes('new'), revision)));
      const compacting = first.compact(2400).catch(() => undefined);
      await first.close();
      await compacting;
    });
    const { entries } = await store.list('');
    assert.equal(entries.length, keys.length);
    assert.ok(entries.every((entry) => textOf(entry) === 'new'));
    await store.compact(2400);
    assert.equal((await store.list('', { revision: 2400 })).entries.length, keys.length);
    await refusedWith('STORE_COMPACTED', store.list('', { revision: 2399 }));
  });
}

/** Five writes; `b` is deleted by the last one. */
async function writeSome(store: Store): Promise<void> {
  await store.create('a', bytes('1'));
  await store.create('b', bytes('b'));
  await store.update('a', bytes('2'), 1);
  await store.create('c', bytes('c'));
  await store.delete('b', 2);
}
