import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WatchRegistry } from './watch-registry.js';

const watch = { end: (): void => undefined };

test('a user has so many watches, all users have so many, and those of this process do not count', () => {
  const watches = new WatchRegistry(3, 2);
  const leave = watches.add(watch, 'jane');
  watches.add({ ...watch }, 'jane');
  watches.add({ ...watch }, undefined);
  assert.deepEqual([watches.isFull('jane'), watches.isFull('joe')], [true, false]);
  watches.add({ ...watch }, 'joe');
  assert.deepEqual([watches.count, watches.isFull('joe'), watches.isFull('jim')], [3, true, true]);
  leave();
  leave();
  assert.deepEqual([watches.count, watches.isFull('jane'), watches.isFull('joe')], [2, false, false]);
});

test('all are ended, also those that leave the registry as they end', () => {
  const watches = new WatchRegistry(3, 2);
  let ended = 0;
  for (let i = 0; i < 3; i++) {
    const end = (): void => {
      ended++;
      leave();
    };
    const leave = watches.add({ end }, 'jane');
  }
  watches.endAll();
  assert.deepEqual([ended, watches.count], [3, 0]);
});
