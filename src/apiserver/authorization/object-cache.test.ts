import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CountersignError } from '../../base/error.js';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger, type Logger } from '../../base/logger.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { clusterRoles } from '../../registry/clusterroles/clusterroles.js';
import { createResourceStore } from '../../registry/generic-store.js';
import type { ResourceStore } from '../../registry/resource-store.js';
import { createMemoryStore } from '../../storage/memory/memory-store.js';
import type { Store, Watcher } from '../../storage/store.js';
import { serverContext } from './bootstrap/ensure-policy.js';
import { openObjectCache, type ObjectCache } from './object-cache.js';

interface World {
  readonly clock: FakeClock;
  readonly roles: ResourceStore;
  readonly changes: string[];
  readonly warnings: string[];
  /** Ends every watch of the storage, as a lost connection would. */
  readonly cutWatches: () => void;
  readonly open: () => Promise<ObjectCache<KubeObject>>;
  readonly create: (name: string) => Promise<unknown>;
  readonly remove: (name: string) => Promise<unknown>;
  readonly storage: Store;
}

function createWorld(): World {
  const clock = new FakeClock();
  const memory = createMemoryStore();
  const watchers = new Set<Watcher>();
  const storage: Store = {
    currentRevision: () => memory.currentRevision(),
    get: (key) => memory.get(key),
    list: (prefix, options) => memory.list(prefix, options),
    create: (key, value) => memory.create(key, value),
    update: (key, value, expected) => memory.update(key, value, expected),
    delete: (key, expected) => memory.delete(key, expected),
    watch: (prefix, after, watcher) => {
      watchers.add(watcher);
      return memory.watch(prefix, after, watcher);
    },
    compact: (revision) => memory.compact(revision),
    close: () => memory.close(),
  };
  const roles = createResourceStore(clusterRoles, {
    store: storage,
    clock,
    random: (count) => new Uint8Array(count),
    newUid: () => 'uid',
  });
  const changes: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
  const context = serverContext(clock, new AbortController().signal);
  return {
    clock,
    roles,
    changes,
    warnings,
    storage,
    cutWatches: () => {
      for (const watcher of watchers)
        watcher.onEnd(new CountersignError('STORE_UNAVAILABLE', 'Cannot watch store: gone'));
      watchers.clear();
    },
    open: () =>
      openObjectCache<KubeObject>({
        store: roles,
        clock,
        logger,
        onChange: (_namespace, name, object) => changes.push(`${object === undefined ? '-' : '+'}${name}`),
      }),
    create: (name) => roles.create({ metadata: { name } }, { context }),
    remove: (name) => roles.delete({ namespace: '', name }, { context }),
  };
}

/** Lets everything that is under way come to rest. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

function names(cache: ObjectCache<KubeObject>): string[] {
  return [...cache.values()].map((object) => object.metadata.name ?? '').sort();
}

test('holds what is there, and every write that has been answered', async () => {
  const world = createWorld();
  await world.create('a');
  const cache = await world.open();
  await world.create('b');
  assert.deepEqual(names(cache), ['a', 'b']);
  assert.equal(cache.get('', 'b')?.metadata.name, 'b');
  await world.remove('a');
  assert.deepEqual(names(cache), ['b']);
  assert.deepEqual(world.changes, ['+a', '+b', '-a']);
  cache.close();
  await world.create('c');
  assert.equal(cache.get('', 'c'), undefined);
});

test('starts anew when its watch ends, and tells what it missed', async () => {
  const world = createWorld();
  await world.create('a');
  await world.create('b');
  const cache = await world.open();
  world.cutWatches();
  await world.remove('a');
  await world.create('c');
  world.clock.advance(1000);
  await settle();
  assert.deepEqual(names(cache), ['b', 'c']);
  assert.ok(world.changes.includes('-a'));
  await world.create('d');
  assert.deepEqual(names(cache), ['b', 'c', 'd']);
  cache.close();
});

test('keeps what it has while the store is gone, and says so', async () => {
  const world = createWorld();
  await world.create('a');
  const cache = await world.open();
  await world.storage.close();
  world.clock.advance(1000);
  await settle();
  assert.deepEqual(names(cache), ['a']);
  assert.deepEqual(world.warnings, ['Could not restart watch of cached objects']);
  cache.close();
  world.clock.advance(10_000);
  await settle();
  assert.equal(world.warnings.length, 1);
});
