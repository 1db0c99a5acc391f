import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podFactsOf } from './facts-of.js';
import type { PodFacts } from './facts.js';
import type { Cluster } from './testing/facts.js';
import { verdictOf, verdictText, type ProofWish } from './testing/proof.js';
import { ACCOUNT_REQUESTER, NODE, NODE_REQUESTER, POD, SERVICE, USER_REQUESTER } from './testing/world.js';

const IP = '10.0.34.2';
const OTHER: PodFacts = {
  ...POD,
  namespace: 'bank',
  name: 'vault-0',
  uid: 'uid-vault',
  labels: {},
  serviceAccountName: 'vault',
};

interface Case {
  readonly name: string;
  readonly ip?: string;
  readonly wish?: ProofWish;
  readonly cluster?: Cluster;
  readonly verdict: RegExp;
}

const REFUSALS: readonly Case[] = [
  // Somebody else has it.
  {
    name: 'the address of another pod',
    ip: '10.0.34.9',
    cluster: { pods: [POD, { ...OTHER, ips: ['10.0.34.9'] }] },
    verdict: /^contradicted: it belongs to pod bank\/vault-0$/,
  },
  {
    name: 'the address that a pod had, and another has now',
    cluster: {
      pods: [
        { ...POD, ips: ['10.0.34.3'] },
        { ...OTHER, ips: [IP] },
      ],
    },
    verdict: /^contradicted: it belongs to pod bank\/vault-0$/,
  },
  {
    name: 'the address of a pod that is being deleted',
    cluster: {
      pods: [
        { ...POD, ips: ['10.0.34.3'] },
        { ...OTHER, ips: [IP], deleting: true },
      ],
    },
    verdict: /^contradicted: it belongs to pod bank\/vault-0 \(being deleted\)$/,
  },
  {
    name: 'the address of a node',
    ip: '192.168.7.12',
    cluster: { nodes: [NODE, { ...NODE, name: 'node-b', uid: 'b', ips: ['192.168.7.12'] }] },
    verdict: /^contradicted: it belongs to node node-b$/,
  },
  {
    name: 'an external IP of its own Service',
    ip: '203.0.113.1',
    cluster: { services: [{ ...SERVICE, externalIPs: ['203.0.113.1'] }] },
    verdict: /^contradicted: it belongs to Service shop\/web$/,
  },
  {
    name: 'the load balancer of its own Service',
    ip: '203.0.113.2',
    cluster: { services: [{ ...SERVICE, ingressIPs: ['203.0.113.2'] }] },
    verdict: /^contradicted: it belongs to Service shop\/web$/,
  },
  // The host's.
  {
    name: 'the address of its host',
    ip: '192.168.7.11',
    verdict: /^contradicted: it is an address of the host of pod shop\/web-7f$/,
  },
  {
    name: 'the address of its host, which no Node reports',
    ip: '192.168.7.11',
    cluster: { nodes: [{ ...NODE, ips: [] }], pods: [{ ...POD, ips: ['192.168.7.11'] }] },
    verdict: /^contradicted: it is an address of the host/,
  },
  {
    name: 'anything for a pod on the network of its host',
    ip: '192.168.7.11',
    cluster: { pods: [{ ...POD, hostNetwork: true, ips: ['192.168.7.11'] }] },
    verdict: /^contradicted: pod shop\/web-7f is on the network of its host/,
  },
  {
    name: 'an address of its own for a pod on the network of its host',
    cluster: { pods: [{ ...POD, hostNetwork: true }] },
    verdict: /^contradicted: pod shop\/web-7f is on the network of its host/,
  },
  // Nobody's for ever, even where a status says that the pod had it.
  ...[
    '127.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:10.0.34.2',
  ].map((ip) => ({
    name: `${ip}, though its status has it`,
    ip,
    cluster: { pods: [{ ...POD, ips: [ip] }] },
    verdict: /^contradicted: it is (an?|the) /,
  })),
  // Two claims.
  {
    name: 'an address that two pods hold',
    cluster: { pods: [POD, OTHER] },
    verdict: /^unknown: pod shop\/web-7f holds it, and so does pod bank\/vault-0$/,
  },
  {
    name: 'an address that a pod on its way out still holds',
    cluster: { pods: [POD, { ...OTHER, deleting: true }] },
    verdict: /^unknown: .* and so does pod bank\/vault-0 \(being deleted\)$/,
  },
  {
    name: 'an address that a pod on the network of its host holds, too',
    cluster: { pods: [POD, { ...OTHER, hostNetwork: true }] },
    verdict: /^unknown: .* and so does pod bank\/vault-0$/,
  },
  {
    name: 'an address that a Node claims, too',
    cluster: { nodes: [{ ...NODE, ips: [IP] }] },
    verdict: /^unknown: .* and so does node node-a$/,
  },
  {
    name: 'an address that a Service lists as external, too',
    cluster: { services: [{ ...SERVICE, namespace: 'evil', externalIPs: [IP] }] },
    verdict: /^unknown: .* and so does Service evil\/web$/,
  },
  {
    name: 'an address that a load balancer has, too',
    cluster: { services: [{ ...SERVICE, ingressIPs: [IP] }] },
    verdict: /^unknown: .* and so does Service shop\/web$/,
  },
  {
    name: 'an address that many hold, and names only some of them',
    cluster: { pods: [POD, ...[1, 2, 3, 4, 5].map((n) => ({ ...OTHER, name: `vault-${n}`, uid: `v${n}` }))] },
    verdict: /^unknown: .* and so do pod bank\/vault-1, pod bank\/vault-2, pod bank\/vault-3 and 2 more$/,
  },
  {
    name: 'an address that another pod holds in an odd spelling',
    cluster: {
      pods: [
        POD,
        podFactsOf({ metadata: { namespace: 'bank', name: 'odd', uid: 'odd' }, status: { podIP: '::ffff:10.0.34.2' } }),
      ],
    },
    verdict: /^unknown: .* and so does pod bank\/odd$/,
  },
  // Not yet.
  {
    name: 'any address before the pod has one',
    cluster: { pods: [{ ...POD, ips: [] }] },
    verdict: /^unknown: pod shop\/web-7f has no address yet$/,
  },
  {
    name: 'an address that another pod has not given back yet, before the pod has one',
    cluster: {
      pods: [
        { ...POD, ips: [] },
        { ...OTHER, ips: [IP], deleting: true },
      ],
    },
    verdict: /^unknown: pod shop\/web-7f has no address yet, and it belongs to pod bank\/vault-0 \(being deleted\)$/,
  },
  {
    name: 'an address that nobody holds',
    ip: '10.0.34.77',
    verdict: /^unknown: pod shop\/web-7f does not hold it; it has 10\.0\.34\.2$/,
  },
  { name: 'an address of the other family', ip: 'fd00::7', verdict: /^unknown: pod shop\/web-7f does not hold it/ },
  // Nobody who could have it.
  {
    name: 'an address for a service account',
    wish: { requester: ACCOUNT_REQUESTER },
    verdict: /^unknown: only a pod proves it; service account shop\/web did not ask as one: its token/,
  },
  {
    name: 'an address for a user',
    wish: { requester: USER_REQUESTER },
    verdict: /^unknown: only a pod proves it; a user asks$/,
  },
  {
    name: 'an address for a node',
    wish: { requester: NODE_REQUESTER },
    verdict: /^unknown: only a pod proves it; node node-a asks$/,
  },
  {
    name: 'the address of a pod that has ended, for it',
    cluster: { pods: [{ ...POD, phase: 'Failed' }] },
    verdict: /^unknown: only a pod proves it; .* has ended/,
  },
];

for (const { name, ip = IP, wish = {}, cluster = {}, verdict } of REFUSALS) {
  test(`does not prove ${name}`, () => {
    assert.match(verdictText(verdictOf(ip, { cluster, ...wish }, ['PodIP'])), verdict);
  });
}

const PROOFS: readonly Case[] = [
  { name: 'the only holder', verdict: /^proven PodIP: pod shop\/web-7f holds it$/ },
  {
    name: 'both addresses of a dual-stack pod',
    ip: 'fd00::7',
    cluster: { pods: [{ ...POD, ips: [IP, 'fd00::7'] }] },
    verdict: /^proven PodIP/,
  },
  {
    name: 'an address that a pod had which has failed since',
    cluster: { pods: [POD, { ...OTHER, phase: 'Failed' }, { ...OTHER, name: 'job', uid: 'job', phase: 'Succeeded' }] },
    verdict: /^proven PodIP/,
  },
  { name: 'a pod that is not ready', cluster: { pods: [{ ...POD, phase: 'Pending' }] }, verdict: /^proven PodIP/ },
];
for (const { name, ip = IP, cluster = {}, verdict } of PROOFS) {
  test(`proves ${name}`, () => assert.match(verdictText(verdictOf(ip, { cluster }, ['PodIP'])), verdict));
}

test('the evidence is the pod in the version that was looked at', () => {
  const verdict = verdictOf(IP, {}, ['PodIP']);
  assert.equal(verdict?.kind, 'proven');
  assert.deepEqual(verdict.evidence, [
    { kind: 'Pod', namespace: 'shop', name: 'web-7f', uid: 'uid-pod-web-7f', resourceVersion: '104' },
  ]);
});
