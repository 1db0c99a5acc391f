import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from './pod.js';
import { podCells, podRowCondition } from './pod-cells.js';

const NOW = toUnixSeconds(1_767_225_600);

function cells(status: PodStatus, spec: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): readonly unknown[] {
  const containers = [{ name: 'c', resources: {} }];
  return podCells({ metadata: { name: 'web', ...metadata }, spec: { containers, ...spec }, status }, NOW);
}

function container(state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'c', state, lastState: {}, ready: false, restartCount: 0, ...more };
}

const INIT = {
  initContainers: [
    { name: 'i', resources: {} },
    { name: 'j', resources: {} },
  ],
};
const DELETED = { deletionTimestamp: '2026-01-01T00:00:00Z' };

const reasons: readonly {
  readonly status: PodStatus;
  readonly spec?: Partial<PodSpec>;
  readonly metadata?: Pod['metadata'];
  readonly shown: string;
}[] = [
  { status: { phase: 'Pending' }, shown: 'Pending' },
  { status: { phase: 'Failed', reason: 'Evicted' }, shown: 'Evicted' },
  {
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    shown: 'SchedulingGated',
  },
  { status: { phase: 'Running', containerStatuses: [container({ running: {} }, { ready: true })] }, shown: 'Running' },
  {
    status: { phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })] },
    shown: 'CrashLoopBackOff',
  },
  { status: { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 3 } })] }, shown: 'ExitCode:3' },
  {
    status: { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })] },
    shown: 'Signal:9',
  },
  {
    status: {
      phase: 'Running',
      containerStatuses: [
        container({ terminated: { exitCode: 0, reason: 'Completed' } }),
        container({ running: {} }, { name: 'd', ready: true }),
      ],
    },
    shown: 'NotReady',
  },
  {
    status: { phase: 'Pending', initContainerStatuses: [container({ running: {} }, { name: 'i' })] },
    spec: INIT,
    shown: 'Init:0/2',
  },
  {
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        container({ terminated: { exitCode: 0 } }, { name: 'i' }),
        container({ waiting: { reason: 'ImagePullBackOff' } }, { name: 'j' }),
      ],
    },
    spec: INIT,
    shown: 'Init:ImagePullBackOff',
  },
  {
    status: { phase: 'Pending', initContainerStatuses: [container({ terminated: { exitCode: 1 } }, { name: 'i' })] },
    spec: INIT,
    shown: 'Init:ExitCode:1',
  },
  { status: { phase: 'Running' }, metadata: DELETED, shown: 'Terminating' },
  { status: { phase: 'Succeeded', reason: 'Completed' }, metadata: DELETED, shown: 'Completed' },
  { status: { phase: 'Running', reason: 'NodeLost' }, metadata: DELETED, shown: 'Unknown' },
];

for (const { status, spec, metadata, shown } of reasons) {
  test(`prints ${shown} for ${JSON.stringify({ ...status, ...metadata })}`, () => {
    assert.equal(cells(status, spec, metadata)[2], shown);
  });
}

test('counts containers, restarts and gates, and says where a pod is', () => {
  const lastState = { terminated: { exitCode: 1, finishedAt: '2025-12-31T23:59:00Z' } };
  const sidecar = { name: 's', restartPolicy: 'Always', resources: {} };
  const status: PodStatus = {
    phase: 'Running',
    podIP: '10.0.0.1',
    nominatedNodeName: 'm',
    conditions: [{ type: 'example.com/a', status: 'True' }],
    containerStatuses: [container({ running: {} }, { ready: true, restartCount: 2, lastState })],
    initContainerStatuses: [container({ running: {} }, { name: 's', ready: false, started: true, restartCount: 1 })],
  };
  const readinessGates = ['a', 'b'].map((name) => ({ conditionType: `example.com/${name}` }));
  const shown = cells(status, { initContainers: [sidecar], nodeName: 'n', readinessGates });
  assert.deepEqual(shown, ['web', '1/2', 'Running', '3 (60s ago)', '<unknown>', '10.0.0.1', 'n', 'm', '1/2']);
});

test('prints nothing as <none>', () => {
  assert.deepEqual(cells({ phase: 'Pending' }).slice(5), ['<none>', '<none>', '<none>', '<none>']);
});

test('says of a row that its pod has come to its end, and of no other', () => {
  const condition = (phase: string): unknown => podRowCondition({ status: { phase } } as Pod); // all it looks at
  assert.deepEqual(['Succeeded', 'Failed'].map(condition), [
    { type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' },
    { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
  ]);
  assert.deepEqual(['Pending', 'Running', 'Unknown', ''].map(condition), [undefined, undefined, undefined, undefined]);
});
