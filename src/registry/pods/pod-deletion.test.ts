import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../testing/open-test-store.js';
import type { Pod, PodSpec } from './pod.js';
import { createPods } from './pods.js';

const KEY = { namespace: 'default', name: 'web' };
const PLACED = { nodeName: 'n' };

interface Case {
  readonly name: string;
  readonly spec?: Partial<PodSpec>;
  readonly phase?: string;
  readonly nodeExists?: false;
  /** What each of the deletes wishes, five seconds apart. */
  readonly wishes: readonly (number | undefined)[];
  /** When the pod ends, in seconds after the first delete, and its grace; `now` where it is removed. */
  readonly ends: 'now' | readonly [seconds: number, grace: number];
}

const cases: readonly Case[] = [
  { name: 'a pod that was never placed', wishes: [undefined], ends: 'now' },
  { name: 'a pod that was never placed, whatever is wished', wishes: [60], ends: 'now' },
  { name: 'a pod that has ended', spec: PLACED, phase: 'Succeeded', wishes: [undefined], ends: 'now' },
  { name: 'a pod that has failed', spec: PLACED, phase: 'Failed', wishes: [undefined], ends: 'now' },
  { name: 'a pod whose node is gone', spec: PLACED, nodeExists: false, wishes: [undefined], ends: 'now' },
  { name: 'a pod without grace', spec: PLACED, wishes: [0], ends: 'now' },
  {
    name: 'a pod that wants none',
    spec: { ...PLACED, terminationGracePeriodSeconds: 0 },
    wishes: [undefined],
    ends: 'now',
  },
  { name: 'a pod with grace, and then without', spec: PLACED, wishes: [undefined, 0], ends: 'now' },
  { name: 'a pod', spec: PLACED, phase: 'Running', wishes: [undefined], ends: [30, 30] },
  { name: 'a pod with another grace', spec: PLACED, wishes: [10], ends: [10, 10] },
  {
    name: 'a pod with its own grace',
    spec: { ...PLACED, terminationGracePeriodSeconds: 7 },
    wishes: [undefined],
    ends: [7, 7],
  },
  {
    name: 'a pod with less than no grace',
    spec: { ...PLACED, terminationGracePeriodSeconds: -5 },
    wishes: [undefined],
    ends: [1, 1],
  },
  { name: 'a pod again', spec: PLACED, wishes: [undefined, undefined], ends: [30, 30] },
  { name: 'a pod again, with more grace', spec: PLACED, wishes: [10, 20], ends: [10, 10] },
  { name: 'a pod again, with less grace', spec: PLACED, wishes: [20, 10], ends: [10, 10] },
];

for (const { name, spec = {}, phase = 'Pending', nodeExists = true, wishes, ends } of cases) {
  test(`deletes ${name}: ${ends === 'now' ? 'at once' : `after ${ends[0]} seconds`}`, async () => {
    const { objects, clock, context } = openTestStore(createPods({ nodeExists: () => nodeExists }));
    const pod: Pod = {
      metadata: KEY,
      spec: { containers: [{ name: 'c', image: 'nginx', resources: {} }], ...spec },
      status: {},
    };
    await objects.create(pod, { context: context() });
    const told = { context: context(), subresource: 'status' };
    await objects.update(KEY, (current) => ({ ...(current ?? pod), status: { phase } }), told);
    const start = clock.now();
    let removed = false;
    for (const gracePeriodSeconds of wishes) {
      const wish = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
      ({ removed } = await objects.delete(KEY, { context: context(), ...wish }));
      clock.advance(5000);
    }
    if (ends === 'now') {
      assert.equal(removed, true);
      await assert.rejects(objects.get(KEY), { httpCode: 404 });
      return;
    }
    const { metadata } = await objects.get(KEY);
    const end = (Date.parse(metadata.deletionTimestamp ?? '') - start) / 1000;
    assert.deepEqual([end, metadata.deletionGracePeriodSeconds, metadata.generation], [...ends, 2]);
  });
}

test('a pod without grace that a finalizer holds stays marked', async () => {
  const { objects, context } = openTestStore(createPods({ nodeExists: () => true }));
  const metadata = { ...KEY, finalizers: ['example.com/hold'] };
  const pod: Pod = {
    metadata,
    spec: { ...PLACED, containers: [{ name: 'c', image: 'nginx', resources: {} }] },
    status: {},
  };
  await objects.create(pod, { context: context() });
  await objects.delete(KEY, { context: context() });
  const { object, removed } = await objects.delete(KEY, { context: context(), gracePeriodSeconds: 0 });
  assert.deepEqual([removed, object.metadata.deletionGracePeriodSeconds, object.metadata.generation], [false, 0, 2]);
  await objects.update(KEY, (current) => ({ ...(current ?? pod), metadata: KEY }), { context: context() });
  await assert.rejects(objects.get(KEY), { httpCode: 404 });
});

test('a pod that is deleted in the foreground keeps its grace, and then waits for the collector', async () => {
  const { objects, context } = openTestStore(createPods({ nodeExists: () => true }));
  const spec = { ...PLACED, containers: [{ name: 'c', image: 'nginx', resources: {} }] };
  await objects.create({ metadata: KEY, spec, status: {} }, { context: context() });
  const first = await objects.delete(KEY, { context: context(), propagationPolicy: 'Foreground' });
  const { finalizers, deletionGracePeriodSeconds } = first.object.metadata;
  assert.deepEqual([finalizers, deletionGracePeriodSeconds], [['foregroundDeletion'], 30]);
  // while its grace runs, nobody changes their mind
  const second = await objects.delete(KEY, { context: context(), propagationPolicy: 'Orphan' });
  assert.deepEqual(second, first);
  const ended = await objects.delete(KEY, { context: context(), gracePeriodSeconds: 0 });
  assert.deepEqual([ended.removed, ended.object.metadata.finalizers], [false, ['foregroundDeletion']]);
  const background = { context: context(), propagationPolicy: 'Background' } as const;
  assert.equal((await objects.delete(KEY, background)).removed, true);
});

test('counts what is wanted of a pod, and not what is told of it', async () => {
  const { objects, context } = openTestStore(createPods({ nodeExists: () => true }));
  const pod: Pod = { metadata: KEY, spec: { containers: [{ name: 'c', image: 'nginx', resources: {} }] }, status: {} };
  const generations = [(await objects.create(pod, { context: context() })).metadata.generation];
  const write = async (change: (current: Pod) => Pod, subresource?: string): Promise<void> => {
    const options = { context: context(), ...(subresource === undefined ? {} : { subresource }) };
    const { object } = await objects.update(KEY, (current) => change(current ?? pod), options);
    generations.push(object.metadata.generation);
  };
  await write((current) => ({ ...current, metadata: { ...current.metadata, labels: { a: 'b' } } }));
  await write((current) => ({ ...current, status: { phase: 'Running' } }), 'status');
  await write((current) => ({ ...current, spec: { ...current.spec, activeDeadlineSeconds: 60 } }));
  assert.deepEqual(generations, [1, 1, 1, 2]);
});
