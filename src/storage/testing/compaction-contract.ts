import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Store } from '../store.js';
import { bytes, linesOf, openStore, RecordingWatcher, refusedWith } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

/** What a store promises of compaction. */
export function compactionContract(open: OpenStore): void {
  refusals(open);
  effects(open);
}

function refusals(open: OpenStore): void {
  void test('refuses to compact at a revision that has not been reached', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    await refusedWith('STORE_FUTURE_REVISION', store.compact(8));
    assert.deepEqual(linesOf(await store.list('', { revision: 1 })), ['a=1@1']);
  });
  void test('refuses reads and watches below the compacted revision, and takes those at it', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    const atFour = linesOf(await store.list('', { revision: 4 }));
    await store.compact(4);
    for (const revision of [0, 1, 3]) {
      await refusedWith('STORE_COMPACTED', store.list('', { revision }));
      await refusedWith('STORE_COMPACTED', store.watch('', revision, new RecordingWatcher()));
    }
    assert.deepEqual(linesOf(await store.list('', { revision: 4 })), atFour);
    const watcher = new RecordingWatcher();
    await store.watch('', 4, watcher);
    await watcher.delivered(7);
    assert.deepEqual(watcher.lines(), ['put c=5@5', 'put b=6@6 was 4@4', 'delete c@7 was 5@5']);
  });
  void test('refuses history at once, while the sweep may still be going on', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    const compacting = store.compact(5);
    await refusedWith('STORE_COMPACTED', store.list('', { revision: 4 }));
    await compacting;
  });
}

function effects(open: OpenStore): void {
  void test('keeps the newest value of each key and every later revision', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    const before = await Promise.all([4, 5, 6, 7].map(async (revision) => linesOf(await store.list('', { revision }))));
    await store.compact(4);
    const after = await Promise.all([4, 5, 6, 7].map(async (revision) => linesOf(await store.list('', { revision }))));
    assert.deepEqual(after, before);
    assert.deepEqual(linesOf(await store.list('')), ['b=6@6']);
    assert.equal((await store.get('b'))?.revision, 6);
  });
  void test('changes nothing when done again or for an older revision', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    await store.compact(5);
    await store.compact(5);
    await store.compact(2);
    await store.compact(0);
    await refusedWith('STORE_COMPACTED', store.list('', { revision: 4 }));
    assert.deepEqual(linesOf(await store.list('', { revision: 5 })), ['b=4@4', 'c=5@5']);
  });
  void test('uses no revision, and does not disturb live watches', async (t) => {
    const store = await openStore(t, open);
    const watcher = new RecordingWatcher();
    const watch = await store.watch('', 0, watcher);
    await history(store);
    await watcher.delivered(7);
    await store.compact(7);
    assert.equal(await store.currentRevision(), 7);
    assert.equal(await store.create('d', bytes('8')), 8);
    await watcher.delivered(8);
    assert.equal(watcher.lines().at(-1), 'put d=8@8');
    assert.equal(watch.through(), 8);
  });
  void test('lets a deleted and forgotten key be created again', async (t) => {
    const store = await openStore(t, open);
    await history(store);
    await store.compact(7);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.create('a', bytes('new')), 8);
    assert.deepEqual(linesOf(await store.list('')), ['a=new@8', 'b=6@6']);
    assert.deepEqual(linesOf(await store.list('', { revision: 7 })), ['b=6@6']);
    const watcher = new RecordingWatcher();
    await store.watch('', 7, watcher);
    await watcher.delivered(8);
    assert.deepEqual(watcher.lines(), ['put a=new@8']);
  });
  void test('does not say that a key created anew replaced what was deleted before', async (t) => {
    const store = await openStore(t, open);
    await store.delete('a', await store.create('a', bytes('old')));
    await store.create('a', bytes('new'));
    await store.compact(2);
    const watcher = new RecordingWatcher();
    await store.watch('', 2, watcher);
    await watcher.delivered(3);
    assert.deepEqual(watcher.lines(), ['put a=new@3']);
  });
  void test('forgets more than one slice of history while writers are busy', async (t) => {
    const store = await openStore(t, open);
    let revision = await store.create('k', bytes('0'));
    for (let i = 0; i < 20; i++) {
      const batch = Array.from({ length: 60 }, (_, j) => store.create(`temporary/${i}/${j}`, bytes('')));
      for (const [j, created] of (await Promise.all(batch)).entries()) {
        if (j % 2 === 0) void store.delete(`temporary/${i}/${j}`, created);
      }
      revision = await store.update('k', bytes(`${i + 1}`), revision);
    }
    const floor = await store.currentRevision();
    const expected = linesOf(await store.list(''));
    const writing = Promise.all(Array.from({ length: 50 }, (_, i) => store.create(`x/${i}`, bytes(''))));
    await store.compact(floor);
    await writing;
    assert.deepEqual(linesOf(await store.list('', { revision: floor })), expected);
    assert.equal((await store.list('x/')).entries.length, 50);
  });
}

/** Seven writes: `a` is deleted at 3, `c` at 7, `b` is overwritten at 6. */
async function history(store: Store): Promise<void> {
  await store.create('a', bytes('1'));
  await store.update('a', bytes('2'), 1);
  await store.delete('a', 2);
  await store.create('b', bytes('4'));
  await store.create('c', bytes('5'));
  await store.update('b', bytes('6'), 4);
  await store.delete('c', 5);
}
