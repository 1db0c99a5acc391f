import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import { endpoints, type EndpointSubset } from './endpoints.js';

const { strategy, cells } = endpoints;
const { context } = openTestStore(endpoints);
const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

const refused: readonly {
  readonly name: string;
  readonly subset: EndpointSubset;
  readonly errors: readonly string[];
}[] = [
  {
    name: 'a subset of nothing',
    subset: {},
    errors: ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  },
  {
    name: 'an address that is none',
    subset: { addresses: [{ ip: 'x' }] },
    errors: [
      `subsets[0].addresses[0].ip: Invalid value: "x": ${NO_IP}`,
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
    ],
  },
  {
    name: 'an address that leads to whoever asks',
    subset: { notReadyAddresses: [{ ip: '127.0.0.1' }, { ip: 'fe80::1' }, { ip: 'ff02::1' }, { ip: '224.0.0.9' }] },
    errors: [
      'subsets[0].notReadyAddresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'subsets[0].notReadyAddresses[1].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'subsets[0].notReadyAddresses[2].ip: Invalid value: "ff02::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'subsets[0].notReadyAddresses[3].ip: Invalid value: "224.0.0.9": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  },
  {
    name: 'ports that are none',
    subset: {
      addresses: [{ ip: '10.0.0.1' }],
      ports: [
        { port: 0, protocol: 'TCP' },
        { name: 'a', port: 80, protocol: 'X' },
      ],
    },
    errors: [
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
  },
];

for (const { name, subset, errors } of refused) {
  test(`refuses ${name}`, async () => {
    const found = await strategy.validate({ metadata: {}, subsets: [subset] }, context());
    assert.deepEqual(found.map(fieldErrorText), errors);
  });
}

test('speaks TCP where nobody says otherwise', async () => {
  const { objects } = openTestStore(endpoints);
  const subsets = [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }];
  const made = await objects.create({ metadata: { name: 'a', namespace: 'default' }, subsets }, { context: context() });
  assert.deepEqual(made.subsets, [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80, protocol: 'TCP' }] }]);
});

test('prints the first three', () => {
  const row = (subsets?: readonly EndpointSubset[]) =>
    cells({ metadata: { name: 'a' }, ...(subsets === undefined ? {} : { subsets }) }, context().now)[1];
  assert.equal(row(), '<none>');
  assert.equal(row([{ notReadyAddresses: [{ ip: '10.0.0.1' }] }]), '');
  assert.equal(
    row([{ addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], ports: [{ port: 80 }] }]),
    '10.0.0.1:80,[fd00::1]:80',
  );
  assert.equal(
    row([{ addresses: [1, 2, 3, 4, 5].map((i) => ({ ip: `10.0.0.${i}` })) }]),
    '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...',
  );
});
