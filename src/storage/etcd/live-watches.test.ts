import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../../base/error.js';
import type { Revision, StoreEvent } from '../store.js';
import { RecordingWatcher } from '../testing/store-under-test.js';
import { LiveWatches } from './live-watches.js';
import type { WatchReceiver } from './resuming-watch.js';

const put = (key: string, revision: Revision): StoreEvent => ({ kind: 'put', key, revision, value: new Uint8Array() });

/** What a watch in etcd would tell, told by hand. */
interface Feed {
  readonly after: Revision;
  readonly receiver: WatchReceiver;
  asked: number;
  stopped: boolean;
}

interface Stage {
  readonly live: LiveWatches;
  /** In the order in which they were opened; the first feeds all live watches. */
  readonly feeds: Feed[];
}

function stage(through: Revision, newest: Revision = through): Stage {
  const feeds: Feed[] = [];
  const live = new LiveWatches(
    (after, receiver) => {
      const feed: Feed = { after, receiver, asked: 0, stopped: false };
      feeds.push(feed);
      return {
        start: () => Promise.resolve(),
        askProgress: async () => {
          feed.asked++;
        },
        stop: () => (feed.stopped = true),
      };
    },
    { maxEvents: 2, maxBytes: 1000 },
    through,
    async () => newest,
  );
  return { live, feeds };
}

function feedAt({ feeds }: Stage, index: number): Feed {
  const feed = feeds[index];
  assert.ok(feed !== undefined, `no watch ${index} in etcd`);
  return feed;
}

test('one watch in etcd feeds all that need no more than memory', () => {
  const scene = stage(10);
  const watchers = [new RecordingWatcher(), new RecordingWatcher(), new RecordingWatcher()];
  feedAt(scene, 0).receiver.onChanges([put('a', 11), put('b', 12)], 12);
  for (const [i, watcher] of watchers.entries()) scene.live.watch('', 10 + i, watcher);
  feedAt(scene, 0).receiver.onChanges([put('c', 13)], 13);
  assert.equal(scene.feeds.length, 1);
  assert.deepEqual(
    watchers.map((watcher) => watcher.lines()),
    [['put a=@11', 'put b=@12', 'put c=@13'], ['put b=@12', 'put c=@13'], ['put c=@13']],
  );
});

test('a watch from further back has one of its own until it is where memory begins', () => {
  const scene = stage(10);
  const watcher = new RecordingWatcher();
  const watch = scene.live.watch('a', 5, watcher);
  const own = feedAt(scene, 1);
  assert.equal(own.after, 5);
  own.receiver.onChanges([put('a1', 6), put('b', 7)], 7);
  assert.equal(watch.through(), 7);
  feedAt(scene, 0).receiver.onChanges([put('a2', 11), put('a3', 12)], 12);
  assert.equal(own.stopped, false);
  own.receiver.onChanges([put('a2', 11)], 11);
  assert.equal(own.stopped, true);
  feedAt(scene, 0).receiver.onChanges([put('a4', 13)], 13);
  own.receiver.onChanges([put('a3', 12)], 12);
  assert.deepEqual(watcher.lines(), ['put a1=@6', 'put a2=@11', 'put a3=@12', 'put a4=@13']);
  assert.equal(watch.through(), 13);
});

test('progress alone brings a watch to where memory begins', async () => {
  const scene = stage(10);
  const watch = scene.live.watch('', 5, new RecordingWatcher());
  assert.equal(scene.live.complete, 5);
  await scene.live.askProgress();
  assert.deepEqual(
    scene.feeds.map(({ asked }) => asked),
    [1, 1],
  );
  feedAt(scene, 1).receiver.onChanges([], 10);
  assert.equal(feedAt(scene, 1).stopped, true);
  assert.equal(scene.live.complete, 10);
  feedAt(scene, 0).receiver.onChanges([], 15);
  assert.equal(watch.through(), 15);
});

test('a watch that is stopped while it catches up is told nothing more', () => {
  const scene = stage(10);
  const watcher = new RecordingWatcher();
  scene.live.watch('', 5, watcher).stop();
  assert.equal(feedAt(scene, 1).stopped, true);
  feedAt(scene, 1).receiver.onChanges([put('a', 6)], 6);
  feedAt(scene, 0).receiver.onChanges([put('b', 11)], 11);
  assert.deepEqual(watcher.lines(), []);
  assert.deepEqual(watcher.ends, []);
});

test('only the watch whose history is gone ends while it catches up', () => {
  const scene = stage(10);
  const [lost, other] = [new RecordingWatcher(), new RecordingWatcher()];
  scene.live.watch('', 5, lost);
  scene.live.watch('', 10, other);
  feedAt(scene, 1).receiver.onLost(5);
  feedAt(scene, 0).receiver.onChanges([put('a', 11)], 11);
  assert.ok(hasCode(lost.ends[0], 'STORE_COMPACTED'));
  assert.deepEqual(other.lines(), ['put a=@11']);
});

test('all end when history is gone for all, and whoever comes then begins with now', async () => {
  const scene = stage(10, 50);
  const before = new RecordingWatcher();
  scene.live.watch('', 10, before);
  feedAt(scene, 0).receiver.onLost(10);
  await before.ended();
  assert.ok(hasCode(before.ends[0], 'STORE_COMPACTED'));
  assert.equal(feedAt(scene, 1).after, 50);
  const then = new RecordingWatcher();
  scene.live.watch('', 50, then);
  feedAt(scene, 1).receiver.onChanges([put('a', 51)], 51);
  assert.deepEqual(then.lines(), ['put a=@51']);
  assert.deepEqual(before.lines(), []);
});

test('waits until a revision has been delivered, and no longer than until it is closed', async () => {
  const { live, feeds } = stage(10);
  await live.reached(10);
  const twelve = live.reached(12).then(() => 'twelve');
  const never = live.reached(99).then(() => 'closed');
  feeds[0]?.receiver.onChanges([put('a', 11)], 11);
  feeds[0]?.receiver.onChanges([put('a', 12)], 12);
  assert.equal(await twelve, 'twelve');
  live.close();
  assert.equal(await never, 'closed');
  await live.reached(99);
});
