import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFactStore, nodeAddresses, serviceAddresses, type FactsByKind } from './fact-store.js';
import type { EndpointSliceFacts, NodeFacts, PodFacts, ServiceFacts } from './facts.js';
import { clusterFacts } from './testing/facts.js';
import { ACCOUNT, NAMESPACE, NODE, POD, SERVICE, SLICE } from './testing/world.js';

test('knows nothing at first, and says so without failing', () => {
  const store = createFactStore();
  assert.deepEqual(
    [
      store.pod('a', 'b'),
      store.service('a', 'b'),
      store.node('a'),
      store.namespace('a'),
      store.serviceAccount('a', 'b'),
    ],
    [undefined, undefined, undefined, undefined, undefined],
  );
  assert.deepEqual(
    [store.podsByIp('10.0.0.1'), store.servicesByIp('x'), store.slicesByPod('x'), store.nodesByAddress('x')],
    [[], [], [], []],
  );
  assert.deepEqual(store.keyHolders('sha256:00'), []);
  assert.equal(store.accessReview({ verb: 'create', group: '', resource: 'pods', subresource: '' }), undefined);
  assert.deepEqual(store.standing, { kind: 'fresh' });
});

test('does not find an object by what it had before', () => {
  const store = clusterFacts();
  store.set('Pod', { ...POD, ips: ['10.0.34.9'] });
  store.set('Node', { ...NODE, ips: [], dnsNames: [] });
  store.set('EndpointSlice', { ...SLICE, podUids: [] });
  store.remove('Service', 'shop', 'web');
  store.remove('Namespace', '', 'shop');
  store.remove('ServiceAccount', 'shop', 'web');
  assert.deepEqual(store.podsByIp('10.0.34.2'), []);
  assert.deepEqual(store.nodesByAddress('192.168.7.11'), []);
  assert.deepEqual(store.slicesByPod(POD.uid), []);
  assert.deepEqual(store.servicesByIp('172.20.0.9'), []);
  assert.deepEqual([store.namespace('shop'), store.serviceAccount('shop', 'web')], [undefined, undefined]);
});

test('takes no name of an object prototype for an object', () => {
  const store = clusterFacts();
  for (const name of ['constructor', '__proto__', 'toString']) {
    assert.equal(store.pod('shop', name), undefined);
    assert.equal(store.pod(name, 'web-7f'), undefined);
    assert.deepEqual(store.podsByIp(name), []);
  }
});

test('an answer stays what it was when facts change', () => {
  const store = clusterFacts();
  const before = store.podsByIp('10.0.34.2');
  store.set('Pod', { ...POD, name: 'web-8', uid: 'uid-8' });
  store.remove('Pod', 'shop', 'web-7f');
  assert.deepEqual(before, [POD]);
});

test('finds what is there', () => {
  const store = clusterFacts();
  assert.equal(store.pod('shop', 'web-7f'), POD);
  assert.equal(store.service('shop', 'web'), SERVICE);
  assert.equal(store.node('node-a'), NODE);
  assert.equal(store.namespace('shop'), NAMESPACE);
  assert.equal(store.serviceAccount('shop', 'web'), ACCOUNT);
  assert.deepEqual(store.slicesByPod(POD.uid), [SLICE]);
  assert.deepEqual(store.nodesByAddress('node-a.example.net'), [NODE]);
  assert.deepEqual(store.servicesByIp('172.20.0.9'), [SERVICE]);
});

test('knows whose a key is, by record', () => {
  const store = createFactStore();
  const holder = (record: string): { record: string; requestName: string; identityKey: string } => ({
    record,
    requestName: `of-${record}`,
    identityKey: 'user:martha',
  });
  store.setKeyHolder('sha256:01', holder('r2'));
  store.setKeyHolder('sha256:01', holder('r1'));
  assert.deepEqual(store.keyHolders('sha256:01'), [holder('r1'), holder('r2')]);
  store.setKeyHolder('sha256:02', holder('r1'));
  store.removeKeyHolder('r2');
  store.removeKeyHolder('unknown');
  assert.deepEqual([store.keyHolders('sha256:01'), store.keyHolders('sha256:02')], [[], [holder('r1')]]);
});

test('says how its caches stand', () => {
  const store = createFactStore();
  store.setStanding({ kind: 'silent', resource: 'pods', seconds: 90 });
  assert.deepEqual(store.standing, { kind: 'silent', resource: 'pods', seconds: 90 });
});

const place = fc.record({ namespace: fc.constantFrom('a', 'b'), name: fc.constantFrom('x', 'y', 'z') });
const few = (prefix: string): fc.Arbitrary<string[]> =>
  fc.array(
    fc.integer({ min: 1, max: 4 }).map((n) => `${prefix}${n}`),
    { maxLength: 3 },
  );
type Update = { readonly [Kind in keyof FactsByKind]: { readonly kind: Kind; readonly fact: FactsByKind[Kind] } }[
  'Pod' | 'Service' | 'EndpointSlice' | 'Node'];
const fact: fc.Arbitrary<Update> = fc.oneof(
  fc
    .record({ place, ips: few('10.0.0.') })
    .map(({ place: at, ips }) => ({ kind: 'Pod' as const, fact: { ...POD, ...at, ips } })),
  fc
    .record({ place, clusterIPs: few('10.0.0.'), externalIPs: few('10.0.0.'), ingressIPs: few('10.0.0.') })
    .map(({ place: at, ...ips }) => ({ kind: 'Service' as const, fact: { ...SERVICE, ...at, ...ips } })),
  fc
    .record({ place, podUids: few('10.0.0.') })
    .map(({ place: at, podUids }) => ({ kind: 'EndpointSlice' as const, fact: { ...SLICE, ...at, podUids } })),
  fc
    .record({ name: fc.constantFrom('x', 'y'), ips: few('10.0.0.'), dnsNames: few('10.0.0.') })
    .map((node) => ({ kind: 'Node' as const, fact: { ...NODE, ...node } })),
);
const steps = fc.array(fc.record({ update: fact, removes: fc.boolean() }), { maxLength: 40 });

test('after any updates in any order it finds what a scan of all objects finds', () => {
  fc.assert(
    fc.property(steps, (updates) => {
      const store = createFactStore();
      const all = new Map<string, Update>();
      for (const { update, removes } of updates) {
        const namespace = 'namespace' in update.fact ? update.fact.namespace : '';
        const key = `${update.kind} ${namespace}/${update.fact.name}`;
        if (removes) {
          store.remove(update.kind, namespace, update.fact.name);
          all.delete(key);
        } else {
          store.set(update.kind, update.fact);
          all.set(key, update);
        }
      }
      const kept = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, update]) => update);
      const scan = <Fact>(kind: string, holds: (found: Fact) => boolean): readonly Fact[] =>
        kept
          .filter((update) => update.kind === kind)
          .map((update) => update.fact as Fact)
          .filter(holds);
      for (const n of [1, 2, 3, 4]) {
        const text = `10.0.0.${n}`;
        assert.deepEqual(
          store.podsByIp(text),
          scan<PodFacts>('Pod', ({ ips }) => ips.includes(text)),
        );
        assert.deepEqual(
          store.servicesByIp(text),
          scan<ServiceFacts>('Service', (service) => serviceAddresses(service).includes(text)),
        );
        assert.deepEqual(
          store.slicesByPod(text),
          scan<EndpointSliceFacts>('EndpointSlice', ({ podUids }) => podUids.includes(text)),
        );
        assert.deepEqual(
          store.nodesByAddress(text),
          scan<NodeFacts>('Node', (node) => nodeAddresses(node).includes(text)),
        );
      }
      for (const { kind, fact: known } of kept) {
        if (kind === 'Pod') assert.equal(store.pod(known.namespace, known.name), known);
      }
    }),
    { numRuns: 300 },
  );
});
