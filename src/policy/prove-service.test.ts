import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProvableName } from '../certificates/approval-policy.js';
import { endpointSliceFactsOf } from './facts-of.js';
import type { PodFacts, ServiceFacts } from './facts.js';
import type { Cluster } from './testing/facts.js';
import { verdictOf, verdictText, type ProofWish } from './testing/proof.js';
import {
  ACCOUNT,
  ACCOUNT_REQUESTER,
  NODE,
  NODE_REQUESTER,
  POD,
  POD_REQUESTER,
  SERVICE,
  SLICE,
  USER_REQUESTER,
} from './testing/world.js';

const NAME = 'web.shop.svc.cluster.local';
const service = (change: Partial<ServiceFacts>): Cluster => ({ services: [{ ...SERVICE, ...change }] });

interface Case {
  readonly name: string;
  readonly text?: string;
  readonly wish?: ProofWish;
  readonly cluster?: Cluster;
  readonly verdict: RegExp;
}

function tableTest(kinds: readonly ProvableName[], prefix: string, cases: readonly Case[], text: string): void {
  for (const { name, text: own = text, wish = {}, cluster = {}, verdict } of cases) {
    test(`${prefix} ${name}`, () => assert.match(verdictText(verdictOf(own, { cluster, ...wish }, kinds)), verdict));
  }
}

// Which Services a pod does not back: refused for every name that rests on it.
const UNBACKED: readonly Case[] = [
  {
    name: 'an ExternalName',
    cluster: service({ type: 'ExternalName' }),
    verdict: /^contradicted: Service shop\/web is an ExternalName/,
  },
  {
    name: 'a Service without selector, whose slice was written by hand',
    cluster: service({ selector: {} }),
    verdict: /^contradicted: Service shop\/web has no selector/,
  },
  {
    name: 'a Service that selects other pods, whose slice names this one',
    cluster: service({ selector: { app: 'db' } }),
    verdict: /^contradicted: the selector of Service shop\/web does not match pod shop\/web-7f$/,
  },
  {
    name: 'a Service of whose selector only a part matches',
    cluster: service({ selector: { app: 'web', tier: 'front' } }),
    verdict: /^contradicted: the selector/,
  },
  {
    name: 'a Service that selects by a name of every object',
    cluster: service({ selector: { constructor: 'x', app: 'web' } }),
    verdict: /^contradicted: the selector/,
  },
  {
    name: 'a Service that is not in a slice yet',
    cluster: { slices: [] },
    verdict: /^unknown: no EndpointSlice of Service shop\/web has pod shop\/web-7f yet$/,
  },
  {
    name: 'a Service whose slices hold other pods',
    cluster: { slices: [{ ...SLICE, podUids: ['uid-pod-other'] }] },
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service that was created anew: its slices are those of the one before',
    cluster: service({ uid: 'uid-svc-new' }),
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service by a slice that nobody controls',
    cluster: { slices: [{ ...SLICE, serviceUid: '' }] },
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service without uid by a slice that nobody controls',
    cluster: { ...service({ uid: '' }), slices: [{ ...SLICE, serviceUid: '' }] },
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service by a slice of another namespace',
    cluster: { slices: [{ ...SLICE, namespace: 'evil' }] },
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service by a slice that names the pod as the same address only',
    cluster: {
      slices: [
        endpointSliceFactsOf({
          metadata: {
            name: 'web-x',
            namespace: 'shop',
            ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: SERVICE.uid, controller: true }],
          },
          endpoints: [{ addresses: ['10.0.34.2'] }],
        }),
      ],
    },
    verdict: /^unknown: no EndpointSlice/,
  },
  {
    name: 'a Service that is being deleted',
    cluster: service({ deleting: true }),
    verdict: /^unknown: Service shop\/web is being deleted$/,
  },
];

tableTest(['ServiceDNS'], 'does not prove the name of', UNBACKED, NAME);
tableTest(['ServiceBareDNS'], 'does not prove the bare name of', UNBACKED, 'web');

tableTest(
  ['ServiceDNS'],
  'does not prove',
  [
    {
      name: 'the name of a Service that is not there yet',
      cluster: { services: [] },
      verdict: /^unknown: there is no Service shop\/web yet$/,
    },
    {
      name: 'the name of a Service of another namespace with the same selector and a slice that names the pod',
      text: 'web.bank.svc.cluster.local',
      cluster: { services: [{ ...SERVICE, namespace: 'bank' }], slices: [{ ...SLICE, namespace: 'bank' }] },
      verdict: /^contradicted: only pods of namespace bank back its Services, and pod shop\/web-7f is in another$/,
    },
    { name: 'a name below that of a Service', text: 'a.web.shop.svc.cluster.local', verdict: /^no kind$/ },
    { name: 'a name below that of a Service, without domain', text: 'a.web.shop.svc', verdict: /^no kind$/ },
    { name: 'the name of a namespace', text: 'shop.svc.cluster.local', verdict: /^no kind$/ },
    { name: 'the name below another domain', text: 'web.shop.svc.example.com', verdict: /^no kind$/ },
    { name: 'the name with namespace', text: 'web.shop', verdict: /^no kind$/ },
    { name: 'the bare name', text: 'web', verdict: /^no kind$/ },
    { name: 'a wildcard', text: '*.shop.svc.cluster.local', verdict: /^no kind$/ },
    {
      name: 'a name that no Service can have',
      text: 'we_b.shop.svc',
      verdict: /^contradicted: no Service can have this name$/,
    },
    { name: 'a name without a label', text: '.shop.svc', verdict: /^contradicted: no Service can have this name$/ },
    {
      name: 'the API server, for whoever backs a Service of that name',
      text: 'kubernetes.shop.svc',
      cluster: service({ name: 'kubernetes' }),
      verdict: /^contradicted: Service kubernetes is the API server$/,
    },
    {
      name: 'a name for a service account',
      wish: { requester: ACCOUNT_REQUESTER },
      verdict: /^unknown: only a pod proves it/,
    },
    { name: 'a name for a user', wish: { requester: USER_REQUESTER }, verdict: /^unknown: only a pod proves it/ },
    { name: 'a name for a node', wish: { requester: NODE_REQUESTER }, verdict: /^unknown: only a pod proves it/ },
  ],
  NAME,
);

/** The cluster of world.ts, with `shop-1` for `shop`, which is also a top-level domain. */
const SHOP_1 = {
  requester: {
    ...POD_REQUESTER,
    username: 'system:serviceaccount:shop-1:web',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:shop-1'],
  },
  cluster: {
    pods: [{ ...POD, namespace: 'shop-1' }],
    services: [{ ...SERVICE, namespace: 'shop-1' }],
    slices: [{ ...SLICE, namespace: 'shop-1' }],
    accounts: [{ ...ACCOUNT, namespace: 'shop-1' }],
  },
};
tableTest(
  ['ServiceNamespaceDNS'],
  'does not prove the name with namespace of',
  [
    {
      name: 'a Service that selects others',
      wish: {
        ...SHOP_1,
        cluster: { ...SHOP_1.cluster, services: [{ ...SERVICE, namespace: 'shop-1', selector: { a: 'b' } }] },
      },
      verdict: /^contradicted: the selector of Service shop-1\/web/,
    },
    {
      name: 'a Service before its slice is there',
      wish: { ...SHOP_1, cluster: { ...SHOP_1.cluster, slices: [] } },
      verdict: /^unknown: no EndpointSlice/,
    },
    {
      name: 'a Service that is not there yet',
      wish: { ...SHOP_1, cluster: { ...SHOP_1.cluster, services: [] } },
      verdict: /^unknown: there is no Service shop-1\/web yet$/,
    },
    {
      name: 'a Service where a Node reports that name',
      wish: { ...SHOP_1, cluster: { ...SHOP_1.cluster, nodes: [{ ...NODE, dnsNames: ['web.shop-1'] }] } },
      verdict: /^contradicted: it is a name of node node-a$/,
    },
    { name: 'kubernetes', text: 'kubernetes.shop-1', wish: SHOP_1, verdict: /^contradicted: Service kubernetes is/ },
  ],
  'web.shop-1',
);

test('proves the name with namespace of a Service', () => {
  const verdict = verdictOf('web.shop-1', SHOP_1, ['ServiceNamespaceDNS']);
  assert.equal(verdictText(verdict), 'proven ServiceNamespaceDNS: pod shop-1/web-7f backs Service shop-1/web');
});

const shop = (name: string): Cluster => service({ name });
tableTest(
  ['ServiceBareDNS', 'ServiceNamespaceDNS'],
  'does not prove',
  [
    {
      name: 'kubernetes',
      text: 'kubernetes',
      cluster: shop('kubernetes'),
      verdict: /^contradicted: Service kubernetes is/,
    },
    {
      name: 'kubernetes in a namespace',
      text: 'kubernetes.shop',
      cluster: shop('kubernetes'),
      verdict: /^contradicted: Service kubernetes is/,
    },
    {
      name: 'localhost',
      text: 'localhost',
      cluster: shop('localhost'),
      verdict: /^contradicted: it is a name of the machine/,
    },
    { name: 'a public suffix', text: 'com', cluster: shop('com'), verdict: /^contradicted: "com" is a public suffix/ },
    {
      name: 'google.com for a Service google in namespace com',
      text: 'google.com',
      cluster: { ...service({ name: 'google', namespace: 'com' }) },
      verdict: /^contradicted: "com" is a public suffix/,
    },
    {
      name: 'its name where a namespace is called as a top-level domain',
      text: 'web.shop',
      verdict: /^contradicted: "shop" is a public suffix/,
    },
    { name: 'the top-level domain of a country', text: 'web.de', verdict: /^contradicted: "de" is a public suffix/ },
    {
      name: 'the name of a Node',
      text: 'node-a',
      cluster: shop('node-a'),
      verdict: /^contradicted: it is a name of node node-a$/,
    },
    { name: 'three labels', text: 'web.shop.example', verdict: /^no kind$/ },
    {
      name: 'a Service of another namespace',
      text: 'web.shop-2',
      verdict: /^contradicted: only pods of namespace shop-2/,
    },
    { name: 'a bare name that is none', text: 'we_b', verdict: /^contradicted: no Service can have this name$/ },
    {
      name: 'a bare name for a service account',
      wish: { requester: ACCOUNT_REQUESTER },
      verdict: /^unknown: only a pod proves it/,
    },
  ],
  'web',
);

const STABLE = 'web-0.web.shop.svc.cluster.local';
const member: PodFacts = { ...POD, hostname: 'web-0', subdomain: 'web' };
const set = (pod: Partial<PodFacts> = {}, change: Partial<ServiceFacts> = {}): Cluster => ({
  pods: [{ ...member, ...pod }],
  services: [{ ...SERVICE, headless: true, clusterIPs: [], ...change }],
});
tableTest(
  ['StablePodDNS'],
  'does not prove the stable name of',
  [
    {
      name: 'a pod without hostname',
      cluster: set({ hostname: '' }),
      verdict: /^contradicted: pod shop\/web-7f has no spec\.hostname$/,
    },
    {
      name: 'another pod of the set',
      text: 'web-1.web.shop.svc.cluster.local',
      cluster: set(),
      verdict: /^contradicted: the spec\.hostname of pod shop\/web-7f is "web-0"$/,
    },
    {
      name: 'a pod by the name of the object',
      text: 'web-7f.web.shop.svc.cluster.local',
      cluster: set(),
      verdict: /^contradicted: the spec\.hostname/,
    },
    {
      name: 'a pod without subdomain',
      cluster: set({ subdomain: '' }),
      verdict: /^contradicted: .* has no spec\.subdomain$/,
    },
    {
      name: 'a pod of another subdomain',
      cluster: set({ subdomain: 'db' }),
      verdict: /^contradicted: the spec\.subdomain of .* is "db"$/,
    },
    {
      name: 'a Service that is not headless',
      cluster: set({}, { headless: false }),
      verdict: /^contradicted: Service shop\/web is not headless/,
    },
    {
      name: 'a Service that is not there yet',
      cluster: { ...set(), services: [] },
      verdict: /^unknown: there is no Service shop\/web yet$/,
    },
    {
      name: 'a Service that the pod does not back yet',
      cluster: { ...set(), slices: [] },
      verdict: /^unknown: no EndpointSlice/,
    },
    {
      name: 'a Service that selects others',
      cluster: set({}, { selector: { app: 'db' } }),
      verdict: /^contradicted: the selector/,
    },
    {
      name: 'a pod of another namespace',
      text: 'web-0.web.bank.svc.cluster.local',
      cluster: set(),
      verdict: /^contradicted: only pods of namespace bank/,
    },
    { name: 'a pod, without domain', text: 'web-0.web.shop.svc', cluster: set(), verdict: /^no kind$/ },
    {
      name: 'a pod of a Service kubernetes',
      text: 'web-0.kubernetes.shop.svc.cluster.local',
      cluster: set({ subdomain: 'kubernetes' }, { name: 'kubernetes' }),
      verdict: /^contradicted: Service kubernetes is/,
    },
    { name: 'a service account', wish: { requester: ACCOUNT_REQUESTER }, verdict: /^unknown: only a pod proves it/ },
  ],
  STABLE,
);

const CLUSTER_IP = '172.20.0.9';
tableTest(
  ['PodIP', 'ServiceClusterIP'],
  'does not prove',
  [
    {
      name: 'the cluster IP of a Service of others',
      cluster: service({ selector: { app: 'db' } }),
      verdict: /^contradicted: it is a cluster IP of Service shop\/web$/,
    },
    {
      name: 'the cluster IP of a Service of another namespace',
      cluster: service({ namespace: 'bank' }),
      verdict: /^contradicted: it is a cluster IP of Service bank\/web$/,
    },
    { name: 'a cluster IP before the slice is there', cluster: { slices: [] }, verdict: /^unknown: no EndpointSlice/ },
    {
      name: 'an external IP of its Service',
      text: '203.0.113.1',
      cluster: service({ externalIPs: ['203.0.113.1'] }),
      verdict: /^contradicted: it belongs to Service shop\/web$/,
    },
    {
      name: 'the load balancer of its Service',
      text: '203.0.113.1',
      cluster: service({ ingressIPs: ['203.0.113.1'] }),
      verdict: /^contradicted: it belongs to Service shop\/web$/,
    },
    {
      name: 'an address that two of its Services have',
      cluster: { services: [SERVICE, { ...SERVICE, name: 'web2', uid: 'uid-svc-web2' }] },
      verdict: /^unknown: it is a cluster IP of Service shop\/web and Service shop\/web2$/,
    },
    {
      name: 'the cluster IP of the API server, for whoever backs it',
      cluster: {
        pods: [{ ...POD, namespace: 'default' }],
        services: [{ ...SERVICE, namespace: 'default', name: 'kubernetes' }],
      },
      verdict: /^contradicted: it is the address of the API server$/,
    },
  ],
  CLUSTER_IP,
);

test('where only cluster IPs are granted, the address of a pod waits for a Service', () => {
  assert.match(
    verdictText(verdictOf('10.0.34.2', {}, ['ServiceClusterIP'])),
    /^unknown: no Service has this cluster IP yet$/,
  );
});

test('where only pod IPs are granted, the cluster IP of its own Service is none of a pod', () => {
  assert.match(verdictText(verdictOf(CLUSTER_IP, {}, ['PodIP'])), /^contradicted: it belongs to Service shop\/web$/);
});

const PROOFS: readonly (readonly [name: string, text: string, kind: ProvableName, cluster?: Cluster])[] = [
  ['the name of a Service that it backs', NAME, 'ServiceDNS'],
  ['the name of a Service that it backs, without domain', 'web.shop.svc', 'ServiceDNS'],
  ['a name before it is ready', NAME, 'ServiceDNS', { pods: [{ ...POD, phase: 'Pending', ips: [] }] }],
  ['the name of a Service on the network of its host', NAME, 'ServiceDNS', { pods: [{ ...POD, hostNetwork: true }] }],
  [
    'a name by a slice of the other address family',
    NAME,
    'ServiceDNS',
    { slices: [{ ...SLICE, addresses: ['fd00::7'] }] },
  ],
  [
    'a name by one of several slices',
    NAME,
    'ServiceDNS',
    {
      slices: [
        { ...SLICE, name: 'a', podUids: ['x'] },
        { ...SLICE, name: 'b', serviceUid: 'other' },
        { ...SLICE, name: 'c' },
      ],
    },
  ],
  ['the bare name', 'web', 'ServiceBareDNS'],
  ['a cluster IP', CLUSTER_IP, 'ServiceClusterIP'],
  [
    'the other cluster IP of a dual-stack Service',
    'fd01::9',
    'ServiceClusterIP',
    service({ clusterIPs: [CLUSTER_IP, 'fd01::9'] }),
  ],
  ['its stable name', STABLE, 'StablePodDNS', set()],
];
for (const [name, text, kind, cluster = {}] of PROOFS) {
  test(`proves ${name}`, () => {
    const verdict = verdictOf(text, { cluster }, [kind]);
    assert.equal(verdictText(verdict), `proven ${kind}: pod shop/web-7f backs Service shop/web`);
    assert.ok(verdict?.kind === 'proven');
    assert.deepEqual(
      verdict.evidence.map((each) => each.kind),
      ['Pod', 'Service', 'EndpointSlice'],
    );
  });
}

test('every name of a Service keeps the versions of pod, Service and slice as evidence', () => {
  const verdict = verdictOf(NAME);
  assert.ok(verdict?.kind === 'proven');
  assert.deepEqual(verdict.evidence, [
    { kind: 'Pod', namespace: 'shop', name: 'web-7f', uid: 'uid-pod-web-7f', resourceVersion: '104' },
    { kind: 'Service', namespace: 'shop', name: 'web', uid: 'uid-svc-web', resourceVersion: '105' },
    { kind: 'EndpointSlice', namespace: 'shop', name: 'web-x2k9p', uid: 'uid-slice-web', resourceVersion: '106' },
  ]);
});
