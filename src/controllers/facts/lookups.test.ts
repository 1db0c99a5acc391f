import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createFactStore } from '../../policy/fact-store.js';
import type { Facts, ServiceFacts } from '../../policy/facts.js';
import type { FactChange } from './fact-change.js';
import { traceFacts } from '../../policy/lookups.js';
import { lookupsChangedBy } from './lookups.js';

/** Facts of an empty cluster. */
const NOTHING: Facts = {
  standing: { kind: 'fresh' },
  pod: () => undefined,
  podsByIp: () => [],
  service: () => undefined,
  servicesByIp: () => [],
  endpointSlice: () => undefined,
  slicesByPod: () => [],
  node: () => undefined,
  nodesByAddress: () => [],
  namespace: () => undefined,
  serviceAccount: () => undefined,
  keyHolders: () => [],
  accessReview: () => undefined,
};

const OBJECT = { uid: 'u', resourceVersion: '1' };
const SERVICE: ServiceFacts = {
  ...OBJECT,
  namespace: 'shop',
  name: 'web',
  type: 'LoadBalancer',
  selector: {},
  headless: false,
  clusterIPs: ['10.1.0.1'],
  externalIPs: ['192.0.2.1'],
  ingressIPs: ['192.0.2.2'],
  ingressHostnames: ['lb.example.com'],
  deleting: false,
};
const POD = {
  ...OBJECT,
  namespace: 'shop',
  name: 'web-1',
  labels: {},
  serviceAccountName: 'web',
  nodeName: 'n1',
  hostNetwork: false,
  hostname: '',
  subdomain: '',
  phase: 'Running',
  deleting: false,
  ips: ['10.0.0.7', 'fd00::7'],
  hostIPs: ['192.0.2.9'],
};
const NODE = { ...OBJECT, name: 'n1', ips: ['192.0.2.9'], dnsNames: ['n1.example.com'], deleting: false };
const SLICE = { ...OBJECT, namespace: 'shop', name: 'web-x', serviceUid: 's', podUids: ['p1'], addresses: [] };
const NAMED = { ...OBJECT, namespace: 'shop', name: 'web', labels: {}, deleting: false };
const RECORDED = {
  publicKeyDigest: 'sha256:00',
  holder: { record: 'r', requestName: 'csr', identityKey: 'user jane' },
};

suite('lookups', () => {
  const cases: readonly {
    readonly name: string;
    readonly change: FactChange;
    /** Everything that can be asked about the object. */
    readonly ask: (facts: Facts) => void;
  }[] = [
    {
      name: 'a pod that comes',
      change: { kind: 'Pod', key: 'shop/web-1', current: POD },
      ask: (facts) => {
        facts.pod('shop', 'web-1');
        facts.podsByIp('10.0.0.7');
        facts.podsByIp('fd00::7');
      },
    },
    {
      name: 'a pod whose address changes',
      change: { kind: 'Pod', key: 'shop/web-1', previous: { ...POD, ips: ['10.0.0.6'] }, current: POD },
      ask: (facts) => {
        facts.pod('shop', 'web-1');
        facts.podsByIp('10.0.0.6');
        facts.podsByIp('10.0.0.7');
        facts.podsByIp('fd00::7');
      },
    },
    {
      name: 'a Service that goes',
      change: { kind: 'Service', key: 'shop/web', previous: SERVICE },
      ask: (facts) => {
        facts.service('shop', 'web');
        for (const ip of ['10.1.0.1', '192.0.2.1', '192.0.2.2', 'lb.example.com']) facts.servicesByIp(ip);
      },
    },
    {
      name: 'a slice that points at another pod',
      change: {
        kind: 'EndpointSlice',
        key: 'shop/web-x',
        previous: SLICE,
        current: { ...SLICE, podUids: ['p2'] },
      },
      ask: (facts) => {
        facts.endpointSlice('shop', 'web-x');
        facts.slicesByPod('p1');
        facts.slicesByPod('p2');
      },
    },
    {
      name: 'a node',
      change: { kind: 'Node', key: 'n1', current: NODE },
      ask: (facts) => {
        facts.node('n1');
        facts.nodesByAddress('192.0.2.9');
        facts.nodesByAddress('n1.example.com');
      },
    },
    {
      name: 'a namespace',
      change: { kind: 'Namespace', key: 'web', current: NAMED },
      ask: (facts) => void facts.namespace('web'),
    },
    {
      name: 'a service account',
      change: { kind: 'ServiceAccount', key: 'shop/web', current: NAMED },
      ask: (facts) => void facts.serviceAccount('shop', 'web'),
    },
    {
      name: 'a record',
      change: { kind: 'CertificateRecord', key: 'r', current: RECORDED },
      ask: (facts) => void facts.keyHolders('sha256:00'),
    },
  ];
  for (const { name, change, ask } of cases) {
    test(`${name} changes the answers of these lookups and of no others`, () => {
      const traced = traceFacts(NOTHING);
      ask(traced.facts);
      assert.deepEqual([...lookupsChangedBy(change)].sort(), [...traced.lookups].sort());
    });
  }

  test('an answer passes unchanged, and is remembered though nothing was found', () => {
    const facts: Facts = { ...NOTHING, standing: { kind: 'syncing', resources: ['pods'] }, pod: () => POD };
    const traced = traceFacts(facts);
    assert.equal(traced.facts.pod('shop', 'web-1'), POD);
    assert.equal(traced.facts.node('n1'), undefined);
    assert.deepEqual(traced.facts.standing, { kind: 'syncing', resources: ['pods'] });
    assert.equal(traced.lookups.size, 2);
  });

  test('no answer of a store changes without its lookup being told', () => {
    const address = fc.constantFrom('10.0.0.1', '10.0.0.2', 'a.example.com');
    const addresses = fc.uniqueArray(address, { maxLength: 2 });
    const name = fc.constantFrom('x', 'y');
    const change = fc.oneof(
      fc.record({ name, ips: addresses }).map((some) => ({ kind: 'Pod' as const, fact: { ...POD, ...some } })),
      fc
        .record({ name, clusterIPs: addresses, ingressHostnames: addresses })
        .map((some) => ({ kind: 'Service' as const, fact: { ...SERVICE, ...some } })),
      fc.record({ name, ips: addresses, dnsNames: addresses }).map((some) => ({
        kind: 'Node' as const,
        fact: { ...NODE, ...some },
      })),
      fc
        .record({ name, podUids: addresses })
        .map((some) => ({ kind: 'EndpointSlice' as const, fact: { ...SLICE, ...some } })),
    );
    const questions: readonly ((facts: Facts) => unknown)[] = [
      ...['x', 'y'].flatMap((asked): readonly ((facts: Facts) => unknown)[] => [
        (facts) => facts.pod('shop', asked),
        (facts) => facts.service('shop', asked),
        (facts) => facts.endpointSlice('shop', asked),
        (facts) => facts.node(asked),
      ]),
      ...['10.0.0.1', '10.0.0.2', 'a.example.com'].flatMap((asked): readonly ((facts: Facts) => unknown)[] => [
        (facts) => facts.podsByIp(asked),
        (facts) => facts.servicesByIp(asked),
        (facts) => facts.nodesByAddress(asked),
        (facts) => facts.slicesByPod(asked),
      ]),
    ];
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const store = createFactStore();
        const known = new Map<string, unknown>();
        for (const { kind, fact } of changes) {
          const before = questions.map((question) => question(store));
          const key = `${kind} ${fact.name}`;
          const previous = known.get(key);
          known.set(key, fact);
          store.set(kind, fact);
          const told = lookupsChangedBy({ kind, key, previous, current: fact } as unknown as FactChange);
          for (const [i, question] of questions.entries()) {
            const traced = traceFacts(store);
            const changed = JSON.stringify(question(traced.facts)) !== JSON.stringify(before[i]);
            const [lookup = ''] = traced.lookups;
            assert.ok(!changed || told.includes(lookup), `${lookup} was not told`);
          }
        }
      }),
    );
  });
});
