import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../testing/open-test-store.js';
import type { Node } from './node.js';
import { nodes } from './nodes.js';

const KEY = { namespace: '', name: 'n1' };
const metadata = { name: 'n1' };

function node(spec: Node['spec'] = {}, status: Node['status'] = {}): Node {
  return { metadata, spec, status };
}

const refused: readonly { readonly name: string; readonly node: Node; readonly error: string }[] = [
  {
    name: 'a network that is none',
    node: node({ podCIDRs: ['10.0.0.0/33'] }),
    error:
      'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  },
  {
    name: 'two networks of one family',
    node: node({ podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }),
    error:
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  },
  {
    name: 'a taint without an effect',
    node: node({ taints: [{ key: 'k', effect: '' }] }),
    error: 'metadata.taints[0].effect: Required value',
  },
  {
    name: 'a taint of an unknown effect',
    node: node({ taints: [{ key: 'k', effect: 'Never' }] }),
    error:
      'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"',
  },
  {
    name: 'a taint twice',
    node: node({ taints: ['a', 'b'].map((value) => ({ key: 'k', value, effect: 'NoExecute' })) }),
    error:
      'metadata.taints[1]: Duplicate value: {"key":"k","value":"b","effect":"NoExecute"}: taints must be unique by key and effect pair',
  },
  {
    name: 'less than nothing',
    node: node({}, { capacity: { cpu: '-1' }, allocatable: {} }),
    error: 'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
  },
];

for (const { name, node: sent, error } of refused) {
  test(`refuses a node with ${name}`, async () => {
    const { objects, context } = openTestStore(nodes);
    await assert.rejects(objects.create(sent, { context: context() }), { message: `Node "n1" is invalid: ${error}` });
  });
}

const changes: readonly {
  readonly name: string;
  readonly before?: Node['spec'];
  readonly after: object;
  readonly error?: string;
}[] = [
  {
    name: 'another network',
    before: { podCIDR: '10.0.0.0/24' },
    after: { podCIDR: '10.0.1.0/24' },
    error: 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  },
  {
    name: 'another provider',
    before: { providerID: 'a' },
    after: { providerID: 'b' },
    error: 'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  },
  {
    name: 'another external ID',
    after: { externalID: 'x' },
    error: '[]: Forbidden: node updates may only change labels, taints, or capacity',
  },
  { name: 'a first network', after: { podCIDR: '10.0.1.0/24' } },
  { name: 'no new pods', after: { unschedulable: true, taints: [{ key: 'k', effect: 'NoSchedule' }] } },
];

for (const { name, before = {}, after, error } of changes) {
  test(`${error === undefined ? 'takes' : 'refuses'} an update of a node to ${name}`, async () => {
    const { objects, context } = openTestStore(nodes);
    await objects.create(node(before), { context: context() });
    const update = objects.update(KEY, () => ({ ...node(), spec: after }), { context: context() });
    if (error === undefined) await update;
    else await assert.rejects(update, { message: `Node "n1" is invalid: ${error}` });
  });
}

test('keeps podCIDR and podCIDRs in agreement, and leaves to pods all that there is', async () => {
  const { objects, context } = openTestStore(nodes);
  const sent = node({ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, { capacity: { cpu: '4' } });
  const made = await objects.create(sent, { context: context() });
  assert.equal(made.spec.podCIDR, '10.0.0.0/24');
  assert.deepEqual(made.status.allocatable, { cpu: '4' });
  const other = await objects.create(
    { ...node({ podCIDR: '10.0.2.0/24' }), metadata: { name: 'n2' } },
    { context: context() },
  );
  assert.deepEqual(other.spec.podCIDRs, ['10.0.2.0/24']);
});

test('refuses an address twice, and takes status only where it belongs', async () => {
  const { objects, context } = openTestStore(nodes);
  await objects.create(node(), { context: context() });
  const address = { type: 'InternalIP', address: '192.0.2.1' };
  const through = { context: context(), subresource: 'status' };
  const twice = objects.update(KEY, () => node({}, { addresses: [address, address] }), through);
  await assert.rejects(twice, /status\.addresses\[1\]: Duplicate value/);
  const told = await objects.update(KEY, () => node({ unschedulable: true }, { addresses: [address] }), through);
  assert.deepEqual([told.object.spec, told.object.status], [{}, { addresses: [address] }]);
  const { object } = await objects.update(KEY, () => node(), { context: context() });
  assert.deepEqual(object.status, { addresses: [address] });
});

const printed: readonly { readonly name: string; readonly node: Node; readonly cells: readonly string[] }[] = [
  {
    name: 'a node that says nothing',
    node: node(),
    cells: ['n1', 'Unknown', '<none>', '<unknown>', '', '<none>', '<none>', '<unknown>', '<unknown>', '<unknown>'],
  },
  {
    name: 'a node that is kept free',
    node: node({ unschedulable: true }, { conditions: [{ type: 'Ready', status: 'Unknown' }] }),
    cells: ['n1', 'NotReady,SchedulingDisabled'],
  },
  {
    name: 'a node with roles and addresses',
    node: {
      metadata: {
        ...metadata,
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/': '', 'kubernetes.io/role': 'etcd' },
      },
      spec: {},
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [
          { type: 'ExternalIP', address: '198.51.100.1' },
          { type: 'InternalIP', address: '192.0.2.1' },
        ],
        nodeInfo: {
          kubeletVersion: 'v1.36.2',
          osImage: 'Linux',
          kernelVersion: '6.12',
          containerRuntimeVersion: 'x://1',
        },
      },
    },
    cells: [
      'n1',
      'Ready',
      'etcd,worker',
      '<unknown>',
      'v1.36.2',
      '192.0.2.1',
      '198.51.100.1',
      'Linux',
      '6.12',
      'x://1',
    ],
  },
];

for (const { name, node: shown, cells } of printed) {
  test(`prints ${name}`, () => {
    const { context } = openTestStore(nodes);
    assert.deepEqual(nodes.cells(shown, context().now).slice(0, cells.length), cells);
  });
}
