import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PROVABLE_NAMES } from '../certificates/approval-policy.js';
import type { RequestedName, Requester } from '../certificates/normalised-request.js';
import { backsService } from './backs-service.js';
import type { EndpointSliceFacts, Facts, NodeFacts, PodFacts, ServiceFacts } from './facts.js';
import { identify } from './identity.js';
import { proveName } from './prove-name.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { clusterFacts, type Cluster } from './testing/facts.js';
import { EVERY_KIND, verdictOf, verdictText } from './testing/proof.js';
import { requestOf } from './testing/requests.js';
import { ACCOUNT, NODE, POD, SERVICE, SLICE, USER_REQUESTER } from './testing/world.js';
import type { NameVerdict } from './verdict.js';

const NAMES = [
  '10.0.34.2',
  '172.20.0.9',
  'web-7f.shop.pod.cluster.local',
  '10-0-34-2.shop.pod.cluster.local',
  'web.shop.svc',
  'web.shop.svc.cluster.local',
  'web-0.web.shop.svc.cluster.local',
  'web.shop',
  'web',
  'spiffe://cluster.local/ns/shop/sa/web',
];

test('says nothing about any name where no kind is granted', () => {
  for (const name of NAMES) assert.equal(verdictOf(name, {}, []), undefined, name);
});

test('says nothing about names that no kind has', () => {
  for (const name of ['www.example.com', 'a@example.com', 'https://web.shop.svc', '*.shop.svc', '*.example.com']) {
    assert.equal(verdictOf(name), undefined, name);
  }
});

test('takes no DNS name for an address, and no address for a name', () => {
  for (const [type, text] of [
    ['dns', '10.0.34.2'],
    ['ip', 'web.shop.svc'],
    ['uri', 'web.shop.svc'],
    ['email', '10.0.34.2'],
  ] as const) {
    const facts = clusterFacts();
    const identity = identify(USER_REQUESTER, facts);
    const verdict = proveName({ type, text, path: '' }, EVERY_KIND, {
      request: requestOf(),
      identity,
      facts,
      settings: DEFAULT_SETTINGS,
    });
    assert.notEqual(verdict?.kind, 'proven', `${type} ${text}`);
  }
});

test('the short names of Services are proven by their own kinds only', () => {
  const kinds = PROVABLE_NAMES.filter((kind) => kind !== 'ServiceBareDNS' && kind !== 'ServiceNamespaceDNS');
  for (const name of ['web', 'web.shop']) assert.equal(verdictOf(name, {}, kinds), undefined, name);
});

test('a verdict shows nothing unprintable of a name', () => {
  for (const text of [
    '\u202ea.shop.pod.cluster.local',
    'a\x1b[2J.b\x07.pod.cluster.local',
    '\x00.shop.svc',
    'x\x1b.y\x1b',
  ]) {
    const words = verdictText(verdictOf(text));
    assert.ok(!/[\p{Cc}\p{Cf}]/u.test(words), JSON.stringify(words));
  }
});

// Random small clusters: few names and addresses, so that they collide.

const NAMESPACES = ['shop', 'bank'] as const;
const ACCOUNTS = ['web', 'db'] as const;
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.168.0.1', '172.20.0.1', 'fd00::1'] as const;
const namespace = fc.constantFrom('shop', 'shop', 'shop', ...NAMESPACES);
const rarely = fc.constantFrom(true, ...new Array<boolean>(7).fill(false));
const ips = fc.uniqueArray(fc.constantFrom(...IPS), { maxLength: 2 });
const labels = fc.constantFrom<Record<string, string>>(
  { app: 'a' },
  { app: 'a' },
  { app: 'a', tier: 'b' },
  { app: 'b' },
  {},
);
const selector = fc.constantFrom<Record<string, string>>({ app: 'a' }, { app: 'a' }, { app: 'a' }, { tier: 'b' }, {});

const pod: fc.Arbitrary<PodFacts> = fc
  .record({
    namespace,
    name: fc.constantFrom('p-0', 'p-1', 'p-2', '10-0-0-1'),
    labels,
    serviceAccountName: fc.constantFrom(...ACCOUNTS),
    hostNetwork: rarely,
    hostname: fc.constantFrom('', 'p-0', 'p-1'),
    subdomain: fc.constantFrom('', 'web', 'db'),
    phase: fc.constantFrom('Running', 'Running', 'Running', 'Pending', 'Failed'),
    deleting: rarely,
    ips,
    hostIPs: fc.constant(['192.168.0.1']),
  })
  .map((fields) => ({ ...POD, ...fields, uid: `${fields.namespace}/${fields.name}`, nodeName: 'node-a' }));
const service: fc.Arbitrary<ServiceFacts> = fc
  .record({
    namespace,
    name: fc.constantFrom('web', 'web', 'db', 'kubernetes'),
    type: fc.constantFrom('ClusterIP', 'ClusterIP', 'ClusterIP', 'ExternalName'),
    selector,
    headless: fc.boolean(),
    clusterIPs: ips,
    externalIPs: ips,
    deleting: rarely,
  })
  .map((fields) => ({ ...SERVICE, ...fields, uid: `${fields.namespace}/${fields.name}` }));
const slice: fc.Arbitrary<EndpointSliceFacts> = fc
  .record({
    namespace,
    name: fc.constantFrom('v', 'w', 'x', 'y', 'z'),
    serviceUid: fc.constantFrom('', 'shop/web', 'shop/web', 'shop/db', 'bank/web'),
    podUids: fc.subarray(['shop/p-0', 'shop/p-1', 'shop/p-2', 'bank/p-0', 'shop/10-0-0-1']),
  })
  .map((fields) => ({ ...SLICE, ...fields }));
const node: fc.Arbitrary<NodeFacts> = fc.record({ ips }).map((fields) => ({ ...NODE, ...fields, uid: 'n0' }));

/** A cluster as an API server keeps it: one object of a name. Slices say whatever somebody may write. */
const cluster: fc.Arbitrary<Required<Cluster>> = fc
  .record({
    pods: fc.uniqueArray(pod, { minLength: 4, maxLength: 6, selector: ({ uid }) => uid }),
    services: fc.uniqueArray(service, { minLength: 2, maxLength: 4, selector: ({ uid }) => uid }),
    slices: fc.array(slice, { minLength: 3, maxLength: 5 }),
    nodes: fc.array(node, { maxLength: 1 }),
  })
  .map((objects) => ({
    ...objects,
    namespaces: [],
    accounts: NAMESPACES.flatMap((ns) =>
      ACCOUNTS.map((name) => ({ ...ACCOUNT, namespace: ns, name, uid: `${ns}/${name}` })),
    ),
  }));

/** The token of a pod, as an API server vouches for it. */
function requesterOf({ namespace: ns, name, uid, serviceAccountName }: PodFacts): Requester {
  return {
    username: `system:serviceaccount:${ns}:${serviceAccountName}`,
    uid: `${ns}/${serviceAccountName}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${ns}`],
    extra: {
      'authentication.kubernetes.io/pod-name': [name],
      'authentication.kubernetes.io/pod-uid': [uid],
    },
  };
}

/** Every name that anybody in such a cluster could be called by, and some more. */
const EVERY_NAME: readonly RequestedName[] = [
  ...IPS.map((text) => ({ type: 'ip' as const, text })),
  ...NAMESPACES.flatMap((ns) => [
    ...['p-0', 'p-1', '10-0-0-1', 'fd00--1'].map((name) => `${name}.${ns}.pod.cluster.local`),
    ...['web', 'db', 'kubernetes'].flatMap((name) => [
      name,
      `${name}.${ns}`,
      `${name}.${ns}.svc`,
      `${name}.${ns}.svc.cluster.local`,
      `p-0.${name}.${ns}.svc.cluster.local`,
      `p-1.${name}.${ns}.svc.cluster.local`,
    ]),
  ]).map((text) => ({ type: 'dns' as const, text })),
  ...NAMESPACES.flatMap((ns) =>
    ACCOUNTS.map((name) => ({ type: 'uri' as const, text: `spiffe://cluster.local/ns/${ns}/sa/${name}` })),
  ),
].map((name) => ({ ...name, path: '' }));

function verdictsFor(requester: Requester, facts: Facts): readonly (NameVerdict | undefined)[] {
  const identity = identify(requester, facts);
  const context = { request: requestOf(), identity, facts, settings: DEFAULT_SETTINGS };
  return EVERY_NAME.map((name) => proveName(name, EVERY_KIND, context));
}

test('a name that is proven for a pod is proven for one of another service account only where both back one Service', () => {
  let shared = 0;
  fc.assert(
    fc.property(cluster, (objects) => {
      const facts = clusterFacts(objects);
      const proven = objects.pods.map((each) => verdictsFor(requesterOf(each), facts));
      for (const [i, first] of objects.pods.entries()) {
        for (const [j, second] of objects.pods.entries()) {
          const isSameAccount =
            first.namespace === second.namespace && first.serviceAccountName === second.serviceAccountName;
          if (j <= i || isSameAccount) continue;
          for (const [at, name] of EVERY_NAME.entries()) {
            const verdict = proven[i]?.[at];
            if (verdict?.kind !== 'proven' || proven[j]?.[at]?.kind !== 'proven') continue;
            if (verdict.grantedBy === 'ServiceBareDNS') continue; // see the next test
            shared++;
            const isBackedByBoth = objects.services.some(
              (each) =>
                backsService(first, each, facts).kind === 'backs' && backsService(second, each, facts).kind === 'backs',
            );
            assert.ok(isBackedByBoth, `${name.text} is proven for ${first.name} and ${second.name}`);
          }
        }
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(shared > 20, `only ${shared} names were shared: the clusters show nothing`);
});

test('a bare name means another Service in each namespace: why no policy grants it unasked', () => {
  const bank = { namespace: 'bank' };
  const facts = clusterFacts({
    pods: [POD, { ...POD, ...bank, uid: 'uid-bank' }],
    services: [SERVICE, { ...SERVICE, ...bank, uid: 'uid-svc-bank' }],
    slices: [SLICE, { ...SLICE, ...bank, serviceUid: 'uid-svc-bank', podUids: ['uid-bank'] }],
    accounts: [ACCOUNT, { ...ACCOUNT, ...bank, uid: 'bank/web' }],
  });
  const verdicts = [{ ...requesterOf(POD), uid: ACCOUNT.uid }, requesterOf({ ...POD, ...bank, uid: 'uid-bank' })].map(
    (requester) => verdictsFor(requester, facts)[EVERY_NAME.findIndex(({ text }) => text === 'web')]?.kind,
  );
  assert.deepEqual(verdicts, ['proven', 'proven']);
});

test('an address that is proven belongs to nobody else in the cluster', () => {
  fc.assert(
    fc.property(cluster, (objects) => {
      const facts = clusterFacts(objects);
      for (const each of objects.pods) {
        for (const [at, verdict] of verdictsFor(requesterOf(each), facts).entries()) {
          if (verdict?.kind !== 'proven' || verdict.grantedBy !== 'PodIP') continue;
          const ip = EVERY_NAME[at]?.text ?? '';
          const holders = objects.pods.filter((other) => other.ips.includes(ip) && other.phase !== 'Failed');
          assert.deepEqual(holders, [each]);
          assert.ok(!each.hostNetwork && !each.hostIPs.includes(ip) && !each.deleting);
          assert.ok(!objects.nodes.some((other) => other.ips.includes(ip)));
          assert.ok(!objects.services.some((other) => [...other.clusterIPs, ...other.externalIPs].includes(ip)));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('whoever is no live pod proves nothing but a SPIFFE ID', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom('', 'u9'), (objects, podUid) => {
      const facts = clusterFacts(objects);
      for (const each of objects.pods) {
        const requester = requesterOf({ ...each, uid: podUid });
        for (const verdict of verdictsFor(requester, facts)) {
          assert.ok(verdict?.kind !== 'proven' || verdict.grantedBy === 'SPIFFE');
        }
        for (const verdict of verdictsFor({ ...requester, groups: [] }, facts))
          assert.notEqual(verdict?.kind, 'proven');
      }
    }),
    { numRuns: 500 },
  );
});
