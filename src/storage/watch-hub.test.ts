import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../base/error.js';
import { compacted } from './refusals.js';
import type { Revision, StoreEvent } from './store.js';
import { RecordingWatcher } from './testing/store-under-test.js';
import { WatchHub } from './watch-hub.js';

const put = (key: string, revision: Revision): StoreEvent => ({ kind: 'put', key, revision, value: new Uint8Array() });

test('a watch that joins ahead of the others is told nothing at or below where it joined', () => {
  const hub = new WatchHub(10);
  const others = new RecordingWatcher();
  const ahead = new RecordingWatcher();
  hub.join('', 10, others);
  const watch = hub.join('', 12, ahead);
  assert.equal(watch.through(), 12);
  hub.deliver([put('a', 11)], 11);
  hub.deliver([put('b', 12), put('c', 13)], 13);
  hub.deliver([put('d', 14)], 14);
  assert.deepEqual(others.lines(), ['put a=@11', 'put b=@12', 'put c=@13', 'put d=@14']);
  assert.deepEqual(ahead.lines(), ['put c=@13', 'put d=@14']);
});

test('a watch that is ahead of all of a batch is told nothing of it', () => {
  const hub = new WatchHub(10);
  const ahead = new RecordingWatcher();
  const watch = hub.join('a', 12, ahead);
  hub.deliver([put('a', 12), put('b', 13)], 13);
  assert.deepEqual(ahead.lines(), []);
  assert.equal(watch.through(), 13);
});

test('a batch without writes only moves watches on', () => {
  const hub = new WatchHub(10);
  const watcher = new RecordingWatcher();
  const watch = hub.join('', 10, watcher);
  hub.deliver([], 20);
  assert.equal(watch.through(), 20);
  assert.deepEqual(watcher.lines(), []);
});

test('closing tells every watch why', () => {
  const hub = new WatchHub(10);
  const watchers = [new RecordingWatcher(), new RecordingWatcher()];
  for (const [i, watcher] of watchers.entries()) hub.join(`${i}`, 10, watcher);
  hub.close(compacted(10, 20));
  for (const { ends } of watchers) {
    assert.equal(ends.length, 1);
    assert.ok(hasCode(ends[0], 'STORE_COMPACTED'));
  }
});
