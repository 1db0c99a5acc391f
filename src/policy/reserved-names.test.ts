import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTE } from '../x509/name.js';
import { reservedBecause } from './reserved-names.js';
import { proofContextOf, type ProofWish } from './testing/proof.js';
import { NODE_REQUESTER, POD, SERVICE, SLICE, USER_REQUESTER } from './testing/world.js';

const SETTINGS = { reserved: { dnsNames: ['api.example.net'], ips: ['192.168.7.1', 'fd00::1'] } };

function because(type: 'dns' | 'ip' | 'uri' | 'email', text: string, wish: ProofWish = {}): string | undefined {
  return reservedBecause({ type, text, path: '' }, proofContextOf({ settings: SETTINGS, ...wish }));
}

const RESERVED_NAMES: readonly string[] = [
  // the API server
  'kubernetes',
  'KUBERNETES',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.',
  'kubernetes.default.svc.cluster.local',
  // of that name in any namespace
  'kubernetes.shop',
  'kubernetes.shop.svc',
  'kubernetes.shop.svc.cluster.local',
  'web-0.kubernetes.shop.svc.cluster.local',
  'a.b.kubernetes.shop.svc',
  // DNS of the cluster
  'kube-dns',
  'kube-dns.kube-system',
  'kube-dns.kube-system.svc',
  'kube-dns.kube-system.svc.cluster.local',
  // the machine
  'localhost',
  'web.localhost',
  'a.web.localhost',
  'localhost.localdomain',
  // cloud metadata
  'metadata.google.internal',
  'instance-data',
  // zones
  'cluster.local',
  'svc.cluster.local',
  'pod.cluster.local',
  'svc',
  // settings
  'api.example.net',
  'API.example.net',
  // wildcards over any of these
  '*.default',
  '*.default.svc',
  '*.default.svc.cluster.local',
  '*.shop.svc',
  '*.kubernetes.shop.svc',
  '*.localhost',
  '*.google.internal',
  '*.example.net',
  '*.svc.cluster.local',
  '*.cluster.local',
];
for (const name of RESERVED_NAMES) {
  test(`reserves the name ${name}`, () => assert.notEqual(because('dns', name), undefined));
}

const FREE_NAMES: readonly string[] = [
  'web.shop.svc',
  'web.shop.svc.cluster.local',
  'web',
  'web.shop',
  'my-kubernetes.shop.svc',
  'web.kubernetes',
  'web.kubernetes.svc',
  'www.kubernetes.example.com',
  'kube-dns.shop.svc',
  'mylocalhost',
  'localhost.example.com',
  'www.example.net',
  'x.api.example.net.evil.com',
  '*.shop.example.com',
  '*.www.example.net',
  'kubernetes.shop.pod.cluster.local',
];
for (const name of FREE_NAMES) {
  test(`does not reserve the name ${name}`, () => assert.equal(because('dns', name), undefined));
}

const RESERVED_IPS: readonly (readonly [ip: string, because: RegExp])[] = [
  ['0.0.0.0', /unspecified/],
  ['0.1.2.3', /unspecified/],
  ['::', /unspecified/],
  ['127.0.0.1', /loopback/],
  ['127.255.255.254', /loopback/],
  ['::1', /loopback/],
  ['169.254.0.1', /link-local/],
  ['169.254.169.254', /link-local/],
  ['fe80::1', /link-local/],
  ['febf::1', /link-local/],
  ['224.0.0.1', /multicast/],
  ['239.255.255.250', /multicast/],
  ['ff02::1', /multicast/],
  ['255.255.255.255', /broadcast/],
  ['fd00:ec2::254', /metadata/],
  ['fd20:ce::254', /metadata/],
  ['100.100.100.200', /metadata/],
  ['168.63.129.16', /metadata/],
  ['::ffff:10.0.34.2', /written as IPv6/],
  ['::ffff:127.0.0.1', /written as IPv6/],
  ['0a0022', /no address/],
  ['192.168.7.1', /settings/],
  ['fd00::1', /settings/],
];
for (const [ip, expected] of RESERVED_IPS) {
  test(`reserves the address ${ip}`, () => assert.match(because('ip', ip) ?? '', expected));
}

for (const ip of [
  '10.0.34.2',
  '192.168.7.11',
  '203.0.113.1',
  '128.0.0.1',
  '240.0.0.1',
  'fd00::2',
  '2001:db8::1',
  'fec0::1',
]) {
  test(`does not reserve the address ${ip}`, () => assert.equal(because('ip', ip), undefined));
}

const CLUSTER_IPS: readonly (readonly [name: string, wish: ProofWish, because: RegExp | undefined])[] = [
  [
    'the API server for whoever backs it',
    {
      cluster: { services: [{ ...SERVICE, namespace: 'default', name: 'kubernetes' }] },
    },
    /API server/,
  ],
  [
    "the cluster's DNS",
    { cluster: { services: [{ ...SERVICE, namespace: 'kube-system', name: 'kube-dns' }] } },
    /cluster's DNS/,
  ],
  ['a Service for a user', { requester: USER_REQUESTER }, /cluster IP of Service shop\/web/],
  ['a Service for a node', { requester: NODE_REQUESTER }, /cluster IP of Service shop\/web/],
  [
    'a Service that selects others',
    { cluster: { services: [{ ...SERVICE, selector: { app: 'db' } }] } },
    /cluster IP of Service/,
  ],
  [
    'a Service of another namespace',
    { cluster: { services: [{ ...SERVICE, namespace: 'bank' }] } },
    /of Service bank\/web/,
  ],
  [
    'one of two Services with this address',
    { cluster: { services: [SERVICE, { ...SERVICE, namespace: 'bank' }] } },
    /of Service bank\/web/,
  ],
  ['the own Service', {}, undefined],
  ['the own Service before its slice is there', { cluster: { slices: [] } }, undefined],
  [
    'the address of a load balancer',
    { cluster: { services: [{ ...SERVICE, clusterIPs: [], ingressIPs: ['172.20.0.9'] }] } },
    undefined,
  ],
];
for (const [name, wish, expected] of CLUSTER_IPS) {
  test(`${expected === undefined ? 'does not reserve' : 'reserves'} the cluster IP of ${name}`, () => {
    const reason = because('ip', '172.20.0.9', wish);
    if (expected === undefined) assert.equal(reason, undefined);
    else assert.match(reason ?? '', expected);
  });
}

test('reserves the cluster IP of kube-dns also for the pods that back it', () => {
  const wish: ProofWish = {
    cluster: {
      pods: [{ ...POD, namespace: 'kube-system' }],
      services: [{ ...SERVICE, namespace: 'kube-system', name: 'kube-dns' }],
      slices: [{ ...SLICE, namespace: 'kube-system' }],
      accounts: [{ name: 'web', namespace: 'kube-system', uid: 'uid-sa-web', resourceVersion: '1', deleting: false }],
    },
    requester: {
      username: 'system:serviceaccount:kube-system:web',
      uid: 'uid-sa-web',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['web-7f'],
        'authentication.kubernetes.io/pod-uid': ['uid-pod-web-7f'],
      },
    },
  };
  assert.equal(proofContextOf(wish).identity.kind, 'pod');
  assert.match(because('ip', '172.20.0.9', wish) ?? '', /cluster's DNS/);
});

for (const [oid, value, isReserved] of [
  [ATTRIBUTE.commonName, 'system:node:node-a', true],
  [ATTRIBUTE.commonName, 'system:admin', true],
  [ATTRIBUTE.commonName, 'SYSTEM:admin', true],
  [ATTRIBUTE.organization, 'system:masters', true],
  [ATTRIBUTE.organization, 'system:nodes', true],
  [ATTRIBUTE.organizationalUnit, 'system:x', true],
  [ATTRIBUTE.organization, 'systems', false],
  [ATTRIBUTE.organization, 'my system: ours', false],
  [ATTRIBUTE.commonName, 'web.shop.svc', false],
] as const) {
  test(`${isReserved ? 'reserves' : 'does not reserve'} the value ${value} of attribute ${oid}`, () => {
    const reason = reservedBecause({ oid, type: '', value, path: '' }, proofContextOf());
    assert.equal(reason !== undefined, isReserved);
  });
}

test('reserves no URI and no email address: policies grant them to the letter only', () => {
  assert.equal(because('uri', 'spiffe://cluster.local/ns/shop/sa/web'), undefined);
  assert.equal(because('email', 'root@localhost'), undefined);
});

test('reserves what the API server says it listens at, and nothing of slices of other names', () => {
  const own = {
    ...SLICE,
    namespace: 'default',
    name: 'kubernetes',
    serviceUid: '',
    podUids: [],
    addresses: ['192.0.2.7'],
  };
  assert.equal(because('ip', '192.0.2.7', { cluster: { slices: [own] } }), 'it is an address of the API server');
  for (const other of [
    { ...own, namespace: 'shop' },
    { ...own, name: 'kubernetes-2' },
  ]) {
    assert.equal(because('ip', '192.0.2.7', { cluster: { slices: [other] } }), undefined);
  }
});
