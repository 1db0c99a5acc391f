import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../testing/open-test-store.js';
import type { Pod, PodStatus } from './pod.js';
import { createPods } from './pods.js';

const pods = createPods({ nodeExists: () => true });

const KEY = { namespace: 'default', name: 'web' };
const POD: Pod = {
  metadata: KEY,
  spec: { containers: [{ name: 'c', image: 'nginx', resources: {} }] },
  status: {},
};

async function withStatus(...statuses: readonly PodStatus[]): Promise<Pod> {
  const { objects, context } = openTestStore(pods);
  let pod = await objects.create(POD, { context: context() });
  for (const status of statuses) {
    const written = { context: context(), subresource: 'status' };
    pod = (await objects.update(KEY, (current) => ({ ...(current ?? POD), status }), written)).object;
  }
  return pod;
}

const refused: readonly { readonly name: string; readonly status: PodStatus; readonly error: RegExp }[] = [
  {
    name: 'an address that is none',
    status: { podIP: '10.0.0' },
    error: /status\.podIPs\[0\]: Invalid value: "10\.0\.0": must be a valid IP address/,
  },
  {
    name: 'an address with leading zeros',
    status: { podIP: '010.0.0.1' },
    error: /status\.podIPs\[0\]: Invalid value: "010\.0\.0\.1": must be a valid IP address/,
  },
  {
    name: 'an address of IPv4 within IPv6',
    status: { podIP: '::ffff:10.0.0.1' },
    error: /status\.podIPs\[0\]: Invalid value: "::ffff:10\.0\.0\.1": must be a valid IP address/,
  },
  {
    name: 'two addresses of one family',
    status: { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
    error: /status\.podIPs: Invalid value: .*: may specify no more than one IP for each IP family/,
  },
  {
    name: 'addresses of the node that do not begin with its address',
    status: { hostIP: '192.0.2.1', hostIPs: [{ ip: '192.0.2.2' }] },
    error: /status\.hostIPs\[0\]\.ip: Invalid value: "192\.0\.2\.2": must be equal to `hostIP`/,
  },
  {
    name: 'a node address that is none',
    status: { hostIP: 'x', hostIPs: [{ ip: 'x' }] },
    error: /status\.hostIPs\[0\]: Invalid value: "x": must be a valid IP address/,
  },
  {
    name: 'another class',
    status: { qosClass: 'Guaranteed' },
    error: /status\.qosClass: Invalid value: "Guaranteed": field is immutable/,
  },
  {
    name: 'a nominated node that cannot be one',
    status: { nominatedNodeName: 'A' },
    error: /status\.nominatedNodeName: Invalid value: "A"/,
  },
];

for (const { name, status, error } of refused) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(withStatus(status), error);
  });
}

const agreeing: readonly {
  readonly name: string;
  readonly statuses: readonly PodStatus[];
  readonly ips: readonly string[];
}[] = [
  { name: 'podIP alone', statuses: [{ podIP: '10.0.0.1' }], ips: ['10.0.0.1'] },
  {
    name: 'podIPs alone',
    statuses: [{ podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }],
    ips: ['10.0.0.1', 'fd00::1'],
  },
  {
    name: 'both, podIP being another',
    statuses: [{ podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }] }],
    ips: ['10.0.0.2'],
  },
  { name: 'none any more', statuses: [{ podIP: '10.0.0.1' }, { phase: 'Failed' }], ips: [] },
];

for (const { name, statuses, ips } of agreeing) {
  test(`keeps podIP and podIPs in agreement when told ${name}`, async () => {
    const { status } = await withStatus(...statuses);
    assert.deepEqual([status.podIP, status.podIPs?.map(({ ip }) => ip) ?? []], [ips[0], ips]);
  });
}

test('changes neither spec nor owners, and keeps the class', async () => {
  const { objects, context } = openTestStore(pods);
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
  await objects.create({ ...POD, metadata: { ...KEY, ownerReferences: [owner] } }, { context: context() });
  const sent: Pod = {
    metadata: { ...KEY, labels: { a: 'b' } },
    spec: { containers: null },
    status: { phase: 'Running' },
  };
  const { object } = await objects.update(KEY, () => sent, { context: context(), subresource: 'status' });
  assert.equal(object.spec.containers?.length, 1);
  assert.deepEqual(object.metadata.ownerReferences, [owner]);
  assert.deepEqual(object.metadata.labels, { a: 'b' });
  assert.deepEqual(object.status, { phase: 'Running', qosClass: 'BestEffort' });
});

test('keeps the generation that was observed when a writer does not know of it', async () => {
  const ready = { type: 'Ready', status: 'True' };
  const { status } = await withStatus(
    { observedGeneration: 1, conditions: [{ ...ready, observedGeneration: 1 }] },
    { conditions: [ready] },
  );
  assert.equal(status.observedGeneration, 1);
  assert.deepEqual(status.conditions, [{ ...ready, observedGeneration: 1 }]);
});
