import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { hasCode } from '../../base/error.js';
import type { Revision, Store, StoreEvent, Watch } from '../store.js';
import { bytes, lineOf, openStore, RecordingWatcher, refusedWith } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

/** What a store promises of watches. */
export function watchContract(open: OpenStore): void {
  delivery(open);
  resumption(open);
  endings(open);
  reentrance(open);
}

function delivery(open: OpenStore): void {
  void test('refuses to watch from a revision that has not been reached', async (t) => {
    const store = await openStore(t, open);
    const watcher = new RecordingWatcher();
    await refusedWith('STORE_FUTURE_REVISION', store.watch('', 1, watcher));
    await store.create('a', bytes(''));
    assert.deepEqual(watcher.lines(), []);
    assert.equal(watcher.ends.length, 0);
  });
  void test('delivers every kind of write with what it replaced', async (t) => {
    const store = await openStore(t, open);
    const watcher = new RecordingWatcher();
    await store.watch('', 0, watcher);
    await someWrites(store);
    await watcher.delivered(7);
    assert.deepEqual(watcher.lines(), SOME_WRITES);
  });
  void test('delivers the same to a watch that comes afterwards', async (t) => {
    const store = await openStore(t, open);
    await someWrites(store);
    const watcher = new RecordingWatcher();
    await store.watch('', 0, watcher);
    await watcher.delivered(7);
    assert.deepEqual(watcher.lines(), SOME_WRITES);
  });
  void test('delivers only keys with the prefix, live and from history', async (t) => {
    const store = await openStore(t, open);
    const live = new RecordingWatcher();
    await store.watch('a/', 0, live);
    await store.create('a', bytes(''));
    await store.create('a/1', bytes(''));
    await store.create('a0', bytes(''));
    await store.create('a/2', bytes(''));
    const late = new RecordingWatcher();
    await store.watch('a/', 0, late);
    await Promise.all([live.delivered(4), late.delivered(4)]);
    assert.deepEqual(live.lines(), ['put a/1=@2', 'put a/2=@4']);
    assert.deepEqual(late.lines(), live.lines());
  });
  void test('knows how far a watch is complete even when nothing with its prefix is written', async (t) => {
    const store = await openStore(t, open);
    const quiet = await store.watch('quiet/', 0, new RecordingWatcher());
    const loud = new RecordingWatcher();
    const other = await store.watch('', 0, loud);
    for (let i = 1; i <= 5; i++) await store.create(`loud/${i}`, bytes(''));
    await loud.delivered(5);
    assert.equal(quiet.through(), 5);
    assert.equal(other.through(), 5);
    const late = await store.watch('quiet/', 5, new RecordingWatcher());
    assert.equal(late.through(), 5);
  });
}

function resumption(open: OpenStore): void {
  void test('resumes from every revision without a gap or a duplicate', async (t) => {
    const store = await openStore(t, open);
    const all = new RecordingWatcher();
    await store.watch('', 0, all);
    await churn(store, 60);
    const end = await store.currentRevision();
    await all.delivered(end);
    assert.deepEqual(revisionsOf(all.events), range(0, end));
    for (let after = 0; after <= end; after++) {
      const watcher = new RecordingWatcher();
      await store.watch('', after, watcher);
      if (after < end) await watcher.delivered(end);
      assert.deepEqual(watcher.lines(), all.lines().slice(after), `from revision ${after}`);
    }
  });
  void test('resumes without a gap or a duplicate while writers are busy', async (t) => {
    const store = await openStore(t, open);
    const watchers: { readonly after: Revision; readonly watcher: RecordingWatcher }[] = [];
    const writers = Array.from({ length: 8 }, (_, i) => write(store, `w${i}`, 40));
    const busy = Promise.all(writers).then(() => true);
    for (let turn = 0; turn < 40; turn++) {
      const current = await store.currentRevision();
      for (const after of [0, current >> 1, current]) {
        const watcher = new RecordingWatcher();
        watchers.push({ after, watcher });
        await store.watch('', after, watcher);
      }
      await nextTurn();
    }
    await busy;
    const end = await store.currentRevision();
    assert.equal(end, 8 * 40);
    for (const { after, watcher } of watchers) {
      if (after < end) await watcher.delivered(end);
      assert.deepEqual(revisionsOf(watcher.events), range(after, end));
    }
  });
  void test('delivers a long history in order before what is written meanwhile', async (t) => {
    const store = await openStore(t, open);
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    await Promise.all(keys.map((key) => store.create(key, bytes(key))));
    const watcher = new RecordingWatcher();
    await store.watch('', 0, watcher);
    await write(store, 'late', 20);
    await watcher.delivered(1020);
    assert.deepEqual(revisionsOf(watcher.events), range(0, 1020));
  });
}

function endings(open: OpenStore): void {
  void test('tells a stopped watch nothing more', async (t) => {
    const store = await openStore(t, open);
    const stopped = new RecordingWatcher();
    const other = new RecordingWatcher();
    const watch = await store.watch('', 0, stopped);
    await store.watch('', 0, other);
    await store.create('a', bytes(''));
    await stopped.delivered(1);
    watch.stop();
    watch.stop();
    await store.create('b', bytes(''));
    await other.delivered(2);
    assert.deepEqual(stopped.lines(), ['put a=@1']);
    assert.equal(watch.through(), 1);
    await store.close();
    assert.deepEqual(stopped.ends, []);
    assert.equal(other.ends.length, 1);
  });
  void test('stops a watch in the middle of a long history', async (t) => {
    const store = await openStore(t, open);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => store.create(`k${i}`, bytes(''))));
    const other = new RecordingWatcher();
    await store.watch('', 0, other);
    const stopped = new RecordingWatcher();
    (await store.watch('', 0, stopped)).stop();
    const seen = stopped.events.length;
    await other.delivered(1000);
    assert.equal(stopped.events.length, seen);
    assert.deepEqual(stopped.ends, []);
  });
  for (const when of ['live', 'from history'] as const) {
    void test(`ends only the watch whose watcher throws (${when})`, async (t) => {
      const store = await openStore(t, open);
      const mistake = new Error('a mistake of the watcher');
      const broken = new RecordingWatcher(() => {
        throw mistake;
      });
      const sound = new RecordingWatcher();
      if (when === 'from history') await store.create('a', bytes(''));
      await store.watch('', 0, broken);
      await store.watch('', 0, sound);
      if (when === 'live') await store.create('a', bytes(''));
      await store.create('b', bytes(''));
      await Promise.all([broken.ended(), sound.delivered(2)]);
      assert.equal(broken.events.length, 1);
      assert.equal(broken.ends.length, 1);
      const end = broken.ends[0];
      assert.ok(hasCode(end, 'STORE_UNAVAILABLE'));
      assert.equal(end.cause, mistake);
      assert.deepEqual(sound.lines(), ['put a=@1', 'put b=@2']);
    });
  }
  void test('ends every watch once with STORE_CLOSED when the store closes', async (t) => {
    const store = await openStore(t, open);
    await store.create('a', bytes(''));
    const watchers = [new RecordingWatcher(), new RecordingWatcher(), new RecordingWatcher()];
    for (const [i, watcher] of watchers.entries()) await store.watch(i === 2 ? 'other' : '', i % 2, watcher);
    await store.close();
    for (const watcher of watchers) {
      assert.equal(watcher.ends.length, 1);
      assert.ok(hasCode(watcher.ends[0], 'STORE_CLOSED'));
    }
  });
}

function reentrance(open: OpenStore): void {
  void test('keeps the order for all when a watcher writes from within a delivery', async (t) => {
    const store = await openStore(t, open);
    const writes: Promise<Revision>[] = [];
    const writing = new RecordingWatcher((events) => {
      for (const { revision } of events) {
        if (revision < 50) writes.push(store.create(`echo-${revision}`, bytes('')));
      }
    });
    const reading = new RecordingWatcher();
    await store.watch('', 0, writing);
    await store.watch('', 0, reading);
    await store.create('start', bytes(''));
    await Promise.all([writing.delivered(50), reading.delivered(50)]);
    await Promise.all(writes);
    assert.deepEqual(reading.lines(), writing.lines());
    assert.deepEqual(revisionsOf(reading.events), range(0, 50));
  });
  void test('delivers everything once to a watch that is started from within a delivery', async (t) => {
    const store = await openStore(t, open);
    const started: Promise<Watch>[] = [];
    const inner = new RecordingWatcher();
    const outer = new RecordingWatcher((events) => {
      if (events.some((event) => event.revision === 2)) started.push(store.watch('', 0, inner));
    });
    await store.watch('', 0, outer);
    for (let i = 1; i <= 4; i++) await store.create(`k${i}`, bytes(''));
    await outer.delivered(4);
    await Promise.all(started);
    await inner.delivered(4);
    assert.deepEqual(revisionsOf(inner.events), [1, 2, 3, 4]);
  });
  void test('lets a watcher stop itself and another one from within a delivery', async (t) => {
    const store = await openStore(t, open);
    const watches: Watch[] = [];
    const stopAll = (): void => watches.forEach((watch) => watch.stop());
    const watchers = [new RecordingWatcher(stopAll), new RecordingWatcher(stopAll)];
    for (const watcher of watchers) watches.push(await store.watch('', 0, watcher));
    const last = new RecordingWatcher();
    await store.watch('', 0, last);
    await store.create('a', bytes(''));
    await store.create('b', bytes(''));
    await last.delivered(2);
    assert.equal(
      watchers.reduce((sum, watcher) => sum + watcher.events.length, 0),
      1,
    );
  });
}

const SOME_WRITES = [
  'put a=1@1',
  'put b=2@2',
  'put a=3@3 was 1@1',
  'delete a@4 was 3@3',
  'put a=5@5',
  'put a=6@6 was 5@5',
  'delete b@7 was 2@2',
] as const;

async function someWrites(store: Store): Promise<void> {
  await store.create('a', bytes('1'));
  await store.create('b', bytes('2'));
  await store.update('a', bytes('3'), 1);
  await store.delete('a', 3);
  await store.create('a', bytes('5'));
  await store.update('a', bytes('6'), 5);
  await store.delete('b', 2);
}

/** Writes to a handful of keys in turn: create, update, delete, create … */
async function churn(store: Store, writes: number): Promise<void> {
  for (let i = 0; i < writes; i++) {
    const key = `churn/${i % 7}`;
    const entry = await store.get(key);
    if (entry === undefined) await store.create(key, bytes(`${i}`));
    else if (i % 3 === 0) await store.delete(key, entry.revision);
    else await store.update(key, bytes(`${i}`), entry.revision);
  }
}

async function write(store: Store, key: string, times: number): Promise<void> {
  let revision = await store.create(key, bytes('0'));
  for (let i = 1; i < times; i++) revision = await store.update(key, bytes(`${i}`), revision);
}

function revisionsOf(events: readonly StoreEvent[]): readonly Revision[] {
  assert.equal(new Set(events.map(lineOf)).size, events.length);
  return events.map((event) => event.revision);
}

/** Every revision above `after`, up to `through`. */
function range(after: Revision, through: Revision): readonly Revision[] {
  return Array.from({ length: through - after }, (_, i) => after + i + 1);
}
