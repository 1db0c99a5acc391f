import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import { openTestStore } from '../testing/open-test-store.js';
import type { Endpoint, EndpointSlice } from './endpoint-slice.js';
import { endpointSlices } from './endpointslices.js';

const { strategy, cells } = endpointSlices;
const { context } = openTestStore(endpointSlices);
const KEY = { namespace: 'default', name: 's' };

function slice(part: Partial<EndpointSlice> = {}): EndpointSlice {
  return { metadata: KEY, addressType: 'IPv4', endpoints: null, ports: null, ...part };
}

function at(...addresses: readonly string[]): Endpoint {
  return { addresses, conditions: {} };
}

const refused: readonly {
  readonly name: string;
  readonly part: Partial<EndpointSlice>;
  readonly errors: readonly string[];
}[] = [
  { name: 'no type', part: { addressType: '' }, errors: ['addressType: Required value'] },
  {
    name: 'a type that there is not',
    part: { addressType: 'IP' },
    errors: ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
  },
  {
    name: 'an endpoint nowhere',
    part: { endpoints: [at()] },
    errors: ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  },
  {
    name: 'addresses of another type',
    part: { endpoints: [at('fd00::1', '::ffff:10.0.0.1', '10.0.0.01')] },
    errors: [
      'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address',
      'endpoints[0].addresses[1]: Invalid value: "::ffff:10.0.0.1": must be a valid IPv4 address',
      'endpoints[0].addresses[2]: Invalid value: "10.0.0.01": must be a valid IPv4 address',
      'endpoints[0].addresses[2]: Invalid value: "10.0.0.01": must be a valid IP address',
    ],
  },
  {
    name: 'addresses that lead to whoever asks',
    part: { addressType: 'IPv6', endpoints: [at('::1', '::')] },
    errors: [
      'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[0].addresses[1]: Invalid value: "::": may not be unspecified (::)',
    ],
  },
  {
    name: 'names that are too short',
    part: { addressType: 'FQDN', endpoints: [at('db', '')] },
    errors: [
      'endpoints[0].addresses[0]: Invalid value: "db": should be a domain with at least two segments separated by dots',
      'endpoints[0].addresses[1]: Required value',
    ],
  },
  {
    name: 'too many endpoints',
    part: { endpoints: Array.from({ length: 1001 }, () => at('10.0.0.1')) },
    errors: ['endpoints: Too many: 1001: must have at most 1000 items'],
  },
  {
    name: 'too many addresses',
    part: { endpoints: [at(...Array.from({ length: 101 }, () => '10.0.0.1'))] },
    errors: ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  },
  {
    name: 'ports of one name, and of no protocol',
    part: {
      ports: [
        { name: 'a', protocol: 'TCP' },
        { name: 'a', protocol: 'X' },
      ],
    },
    errors: [
      'ports[1].name: Duplicate value: "a"',
      'ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    ],
  },
  {
    name: 'too many ports',
    part: { ports: Array.from({ length: 20_001 }, (_, i) => ({ name: `p${i}`, protocol: 'TCP' })) },
    errors: ['ports: Too many: 20001: must have at most 20000 items'],
  },
  {
    name: 'hints to the same zone twice',
    part: { endpoints: [{ ...at('10.0.0.1'), hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }] },
    errors: ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  },
];

for (const { name, part, errors } of refused) {
  test(`refuses ${name}`, async () => {
    assert.deepEqual((await strategy.validate(slice(part), context())).map(fieldErrorText), errors);
  });
}

test('refuses another type than it had', async () => {
  const errors = await strategy.validateUpdate(slice({ addressType: 'IPv6' }), slice(), context());
  assert.deepEqual(errors.map(fieldErrorText), ['addressType: Invalid value: "IPv6": field is immutable']);
});

test('counts what changes in it, and labels, and nothing else', async () => {
  const { objects } = openTestStore(endpointSlices);
  const generations: (number | undefined)[] = [];
  const made = await objects.create(slice({ endpoints: [at('10.0.0.1')] }), { context: context() });
  generations.push(made.metadata.generation);
  const changes: readonly ((current: EndpointSlice) => EndpointSlice)[] = [
    (current) => ({ ...current, endpoints: [at('10.0.0.2')] }),
    (current) => ({ ...current, metadata: { ...current.metadata, annotations: { a: 'b' }, generation: 9 } }),
    (current) => ({ ...current, metadata: { ...current.metadata, labels: { a: 'b' } } }),
  ];
  for (const change of changes) {
    const updated = await objects.update(KEY, (current) => change(current ?? slice()), { context: context() });
    generations.push(updated.object.metadata.generation);
  }
  assert.deepEqual(generations, [1, 2, 2, 3]);
});

test('has ports with names and protocols, and no topology', async () => {
  const { objects } = openTestStore(endpointSlices);
  const endpoints = [{ ...at('10.0.0.1'), deprecatedTopology: { zone: 'a' } }];
  const made = await objects.create(slice({ endpoints, ports: [{ port: 80 }] }), { context: context() });
  assert.deepEqual(made.ports, [{ name: '', protocol: 'TCP', port: 80 }]);
  assert.deepEqual(made.endpoints, [at('10.0.0.1')]);
});

test('prints the first three of each', () => {
  const row = (part: Partial<EndpointSlice>) => cells(slice(part), context().now).slice(1, 4);
  assert.deepEqual(row({}), ['IPv4', '<unset>', '<unset>']);
  assert.deepEqual(
    row({
      endpoints: [at('10.0.0.1', '10.0.0.2'), at('10.0.0.3'), at('10.0.0.4')],
      ports: [{ port: 80 }, { name: 'any' }, {}, { port: 1 }],
    }),
    ['IPv4', '80,any,* + 1 more...', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...'],
  );
});
