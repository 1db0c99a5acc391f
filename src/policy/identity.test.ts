import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Requester } from '../certificates/normalised-request.js';
import { describeIdentity, identify, identityKey, type Identity } from './identity.js';
import { clusterFacts, type Cluster } from './testing/facts.js';
import {
  ACCOUNT,
  ACCOUNT_REQUESTER,
  NODE,
  NODE_REQUESTER,
  POD,
  POD_REQUESTER,
  USER_REQUESTER,
} from './testing/world.js';

const EXTRA = 'authentication.kubernetes.io/';

function withExtra(name: string, ...values: readonly string[]): Requester {
  return { ...POD_REQUESTER, extra: { ...POD_REQUESTER.extra, [EXTRA + name]: values } };
}

function withoutExtra(...names: readonly string[]): Requester {
  const gone = new Set(names.map((name) => EXTRA + name));
  return {
    ...POD_REQUESTER,
    extra: Object.fromEntries(Object.entries(POD_REQUESTER.extra).filter(([key]) => !gone.has(key))),
  };
}

interface Case {
  readonly name: string;
  readonly requester?: Requester;
  readonly cluster?: Cluster;
  readonly because: RegExp;
  readonly mayGrow?: boolean;
}

const NO_PODS: readonly Case[] = [
  { name: 'a token without a pod', requester: withoutExtra('pod-name', 'pod-uid'), because: /not bound to a pod/ },
  { name: 'a pod name without a uid', requester: withoutExtra('pod-uid'), because: /not bound to a pod/ },
  { name: 'a pod uid without a name', requester: withoutExtra('pod-name'), because: /not bound to a pod/ },
  { name: 'an empty pod uid', requester: withExtra('pod-uid', ''), because: /names no pod/ },
  { name: 'a pod name that is none', requester: withExtra('pod-name', '../web-7f'), because: /names no pod/ },
  { name: 'two pod names', requester: withExtra('pod-name', 'web-7f', 'web-8'), because: /pod-name" has 2 values/ },
  {
    name: 'the same pod uid twice',
    requester: withExtra('pod-uid', POD.uid, POD.uid),
    because: /pod-uid" has 2 values/,
  },
  { name: 'no value of a pod uid', requester: withExtra('pod-uid'), because: /pod-uid" has 0 values/ },
  {
    name: 'two credential ids',
    requester: withExtra('credential-id', 'JTI=a', 'JTI=b'),
    because: /credential-id" has 2/,
  },
  { name: 'two values of an extra nobody knows', requester: withExtra('new', 'a', 'b'), because: /new" has 2 values/ },
  {
    name: 'an extra of the API server in other letters',
    requester: {
      ...POD_REQUESTER,
      extra: { ...POD_REQUESTER.extra, 'Authentication.Kubernetes.io/pod-name': ['web-8'] },
    },
    because: /not in lower case/,
  },
  { name: 'a pod that is not there', cluster: { pods: [] }, because: /there is no pod shop\/web-7f/, mayGrow: true },
  {
    name: 'a pod of that name in another namespace',
    cluster: { pods: [{ ...POD, namespace: 'other' }] },
    because: /there is no pod shop\/web-7f/,
    mayGrow: true,
  },
  {
    name: 'a pod that was created anew under its name',
    cluster: { pods: [{ ...POD, uid: 'uid-pod-new' }] },
    because: /another pod shop\/web-7f than the one/,
    mayGrow: true,
  },
  {
    name: 'a pod of another service account',
    cluster: { pods: [{ ...POD, serviceAccountName: 'db' }] },
    because: /runs under another service account/,
  },
  { name: 'a pod that is being deleted', cluster: { pods: [{ ...POD, deleting: true }] }, because: /being deleted/ },
  { name: 'a pod that succeeded', cluster: { pods: [{ ...POD, phase: 'Succeeded' }] }, because: /ended \(Succeeded\)/ },
  { name: 'a pod that failed', cluster: { pods: [{ ...POD, phase: 'Failed' }] }, because: /ended \(Failed\)/ },
  {
    name: 'the name of another node',
    requester: withExtra('node-name', 'node-b'),
    because: /not run on the node of its token/,
  },
  {
    name: 'a node where the pod has none',
    cluster: { pods: [{ ...POD, nodeName: '' }] },
    because: /not run on the node of its token/,
    mayGrow: true,
  },
  {
    name: 'the uid of another node',
    requester: withExtra('node-uid', 'uid-b'),
    because: /is not the node that pod/,
    mayGrow: true,
  },
  { name: 'a node that is not there', cluster: { nodes: [] }, because: /is not the node that pod/, mayGrow: true },
];

for (const { name, requester = POD_REQUESTER, cluster, because, mayGrow = false } of NO_PODS) {
  test(`is a service account and no pod: ${name}`, () => {
    const identity = identify(requester, clusterFacts(cluster));
    assert.equal(identity.kind, 'serviceAccount');
    assert.match(identity.because, because);
    assert.equal(identity.account, ACCOUNT);
    assert.equal(identity.mayGrow, mayGrow);
  });
}

const NO_LIVE_ACCOUNTS: readonly Case[] = [
  { name: 'is not there', cluster: { accounts: [] }, because: /there is no service account shop\/web/, mayGrow: true },
  {
    name: 'was created anew',
    cluster: { accounts: [{ ...ACCOUNT, uid: 'uid-sa-new' }] },
    because: /has another uid/,
    mayGrow: true,
  },
  { name: 'is being deleted', cluster: { accounts: [{ ...ACCOUNT, deleting: true }] }, because: /is being deleted/ },
];
for (const { name, cluster, because, mayGrow = false } of NO_LIVE_ACCOUNTS) {
  test(`a service account that ${name} proves nothing`, () => {
    const identity = identify(POD_REQUESTER, clusterFacts(cluster));
    assert.equal(identity.kind, 'serviceAccount');
    assert.match(identity.because, because);
    assert.equal(identity.account, undefined);
    assert.equal(identity.mayGrow, mayGrow);
  });
}

const ONLY_USERS: readonly (readonly [name: string, requester: Requester])[] = [
  ['a service account without groups', { ...POD_REQUESTER, groups: ['system:authenticated'] }],
  ['a service account without the group of its namespace', { ...POD_REQUESTER, groups: ['system:serviceaccounts'] }],
  [
    'a service account in the group of another namespace',
    { ...POD_REQUESTER, groups: ['system:serviceaccounts', 'system:serviceaccounts:other'] },
  ],
  ['a service account without the group of all', { ...POD_REQUESTER, groups: ['system:serviceaccounts:shop'] }],
  ['a client certificate with the name of a service account, without uid', { ...POD_REQUESTER, uid: '' }],
  ['a service account without a name', { ...POD_REQUESTER, username: 'system:serviceaccount:shop' }],
  ['a service account with an empty name', { ...POD_REQUESTER, username: 'system:serviceaccount:shop:' }],
  ['a service account with a third part', { ...POD_REQUESTER, username: 'system:serviceaccount:shop:web:x' }],
  ['a service account of a namespace with a slash', { ...POD_REQUESTER, username: 'system:serviceaccount:a/b:web' }],
  ['other letters', { ...POD_REQUESTER, username: 'system:serviceAccount:shop:web' }],
  ['a node without group', { ...NODE_REQUESTER, groups: ['system:authenticated'] }],
  ['a node without name', { ...NODE_REQUESTER, username: 'system:node:' }],
  ['a node whose name is none', { ...NODE_REQUESTER, username: 'system:node:node-a:b' }],
  ['a member of system:nodes with another name', { ...NODE_REQUESTER, username: 'martha' }],
  ['a person', USER_REQUESTER],
  ['nobody', { username: '', uid: '', groups: [], extra: {} }],
];
for (const [name, requester] of ONLY_USERS) {
  test(`is a user and no more: ${name}`, () => assert.equal(identify(requester, clusterFacts()).kind, 'user'));
}

test('a token of a deleted pod is none of the pod that has its name now, whoever asks first', () => {
  const renewed = { ...POD, uid: 'uid-2' };
  const facts = clusterFacts({ pods: [renewed] });
  assert.equal(identify(POD_REQUESTER, facts).kind, 'serviceAccount');
  assert.equal(identify(withExtra('pod-uid', 'uid-2'), facts).kind, 'pod');
});

const PODS: readonly (readonly [name: string, requester: Requester, cluster?: Cluster])[] = [
  ['a bound token', POD_REQUESTER],
  ['a bound token of before Kubernetes told nodes', withoutExtra('node-name', 'node-uid')],
  ['a bound token without an id', withoutExtra('credential-id')],
  ['a pod that has not started', POD_REQUESTER, { pods: [{ ...POD, phase: 'Pending', ips: [] }] }],
  ['a pod on the network of its host', POD_REQUESTER, { pods: [{ ...POD, hostNetwork: true }] }],
  [
    'an extra of somebody else with two values',
    { ...POD_REQUESTER, extra: { ...POD_REQUESTER.extra, 'example.com/roles': ['a', 'b'] } },
  ],
];
for (const [name, requester, cluster] of PODS) {
  test(`is a pod: ${name}`, () => {
    const facts = clusterFacts(cluster);
    const identity = identify(requester, facts);
    assert.equal(identity.kind, 'pod');
    assert.equal(identity.pod, facts.pod('shop', 'web-7f'));
    assert.equal(identity.account, ACCOUNT);
  });
}

test('is a node by username and group, live or not', () => {
  const live = identify(NODE_REQUESTER, clusterFacts());
  assert.deepEqual(live, { kind: 'node', requester: NODE_REQUESTER, nodeName: 'node-a', node: NODE });
  for (const nodes of [[], [{ ...NODE, deleting: true }]]) {
    assert.deepEqual(identify(NODE_REQUESTER, clusterFacts({ nodes })), {
      kind: 'node',
      requester: NODE_REQUESTER,
      nodeName: 'node-a',
    });
  }
});

const who = (requester: Requester, cluster?: Cluster): Identity => identify(requester, clusterFacts(cluster));

test('one holder of keys: a pod, the pod after it under its name, and their service account', () => {
  const keys = [
    who(POD_REQUESTER),
    who(withExtra('pod-uid', 'uid-2'), { pods: [{ ...POD, uid: 'uid-2' }] }),
    who(withExtra('pod-name', 'web-8'), { pods: [{ ...POD, name: 'web-8' }] }),
    who(ACCOUNT_REQUESTER),
    who(POD_REQUESTER, { accounts: [] }),
  ].map(identityKey);
  assert.deepEqual(new Set(keys), new Set(['serviceaccount:shop/web']));
});

test('holders of keys are different where they could be confused', () => {
  const keys = [
    who(POD_REQUESTER),
    who({ ...POD_REQUESTER, uid: '' }),
    who(NODE_REQUESTER),
    who({ ...NODE_REQUESTER, groups: [] }),
    who({ ...USER_REQUESTER, username: 'node:node-a' }),
    who({ ...USER_REQUESTER, username: 'shop/web' }),
    who({
      ...POD_REQUESTER,
      username: 'system:serviceaccount:shop:db',
    }),
  ].map(identityKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('says who asks, without unprintable characters', () => {
  assert.equal(describeIdentity(who(POD_REQUESTER)), 'pod shop/web-7f');
  assert.equal(describeIdentity(who(ACCOUNT_REQUESTER)), 'service account shop/web');
  assert.equal(describeIdentity(who(NODE_REQUESTER)), 'node node-a');
  assert.equal(
    describeIdentity(who({ ...USER_REQUESTER, username: 'ma\u202ertha\x1b[2J"' })),
    'user "ma\\u{202e}rtha\\u{1b}[2J\\""',
  );
  assert.ok(describeIdentity(who({ ...USER_REQUESTER, username: 'x'.repeat(5000) })).length < 200);
});
