import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger } from '../base/logger.js';
import { createResourceStore } from '../registry/generic-store.js';
import type { Pod } from '../registry/pods/pod.js';
import { createPods } from '../registry/pods/pods.js';
import type { ResourceStore } from '../registry/resource-store.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { serverContext } from './authorization/bootstrap/ensure-policy.js';
import { startPodTermination } from './pod-termination.js';

const KEY = { namespace: 'default', name: 'web' };
const { signal } = new AbortController();

interface World {
  readonly clock: FakeClock;
  readonly pods: ResourceStore<Pod>;
  /** Lets time pass, and what it brings about happen. */
  readonly wait: (seconds: number) => Promise<void>;
  readonly isThere: () => Promise<boolean>;
  readonly context: () => ReturnType<typeof serverContext>;
}

/** A pod on a node that is there, of which nobody hears. */
async function createWorld(metadata: Pod['metadata'] = {}): Promise<World> {
  const clock = new FakeClock();
  const random = (count: number): Uint8Array => new Uint8Array(count);
  let uids = 0;
  const newUid = (): string => `uid-${++uids}`;
  const store = createMemoryStore();
  const pods = createResourceStore(createPods({ nodeExists: () => true }), { store, clock, random, newUid });
  const context = () => serverContext(clock, signal);
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'nginx', resources: {} }] };
  await pods.create({ metadata: { ...KEY, ...metadata }, spec, status: {} }, { context: context() });
  const wait = async (seconds: number): Promise<void> => {
    clock.advance(seconds * 1000);
    for (let i = 0; i < 10; i++) await turn();
  };
  const isThere = () =>
    pods.get(KEY).then(
      () => true,
      () => false,
    );
  return { clock, pods, wait, isThere, context };
}

test('removes a pod when its grace is over, and not before', async () => {
  const { clock, pods, wait, isThere, context } = await createWorld();
  const termination = await startPodTermination({ store: pods, clock, logger: silentLogger });
  await wait(3600);
  assert.equal(await isThere(), true);
  await pods.delete(KEY, { context: context() });
  await wait(29);
  assert.equal(await isThere(), true);
  await wait(1);
  assert.equal(await isThere(), false);
  termination.close();
});

test('removes it earlier when it has ended, or its grace became shorter', async () => {
  const { clock, pods, wait, isThere, context } = await createWorld();
  const termination = await startPodTermination({ store: pods, clock, logger: silentLogger });
  await pods.delete(KEY, { context: context(), gracePeriodSeconds: 7200 });
  await wait(4000);
  await pods.delete(KEY, { context: context(), gracePeriodSeconds: 6000 });
  await wait(1);
  assert.equal(await isThere(), true);
  const ended = { context: context(), subresource: 'status' };
  await pods.update(KEY, (pod) => ({ ...(pod ?? assert.fail('gone')), status: { phase: 'Succeeded' } }), ended);
  await wait(0);
  assert.equal(await isThere(), false);
  termination.close();
});

test('knows after a restart whose grace was running', async () => {
  const { clock, pods, wait, isThere, context } = await createWorld();
  await pods.delete(KEY, { context: context() });
  await wait(60);
  const termination = await startPodTermination({ store: pods, clock, logger: silentLogger });
  await wait(0);
  assert.equal(await isThere(), false);
  termination.close();
});

test('leaves what a finalizer holds, with no grace any more', async () => {
  const { clock, pods, wait, context } = await createWorld({ finalizers: ['example.com/hold'] });
  const termination = await startPodTermination({ store: pods, clock, logger: silentLogger });
  await pods.delete(KEY, { context: context() });
  await wait(30);
  const { metadata } = await pods.get(KEY);
  assert.equal(metadata.deletionGracePeriodSeconds, 0);
  termination.close();
});

test('tries again when the store failed, until it is closed', async () => {
  const { clock, pods, wait, isThere, context } = await createWorld();
  const warnings: string[] = [];
  let broken = true;
  const store: ResourceStore<Pod> = {
    ...pods,
    list: (query) => pods.list(query),
    watch: (query, receive) => pods.watch(query, receive),
    delete: (key, options) => (broken ? Promise.reject(new Error('disk')) : pods.delete(key, options)),
  };
  const logger = { ...silentLogger, warn: (text: string) => warnings.push(text) };
  const termination = await startPodTermination({ store, clock, logger });
  await pods.delete(KEY, { context: context() });
  await wait(30);
  assert.deepEqual(warnings, ['Could not remove Pod whose grace is over']);
  broken = false;
  await wait(5);
  assert.equal(await isThere(), false);
  termination.close();
});
