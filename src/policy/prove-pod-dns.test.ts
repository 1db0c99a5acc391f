import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProvableName } from '../certificates/approval-policy.js';
import { readsAsAddress } from './prove-pod-dns.js';
import type { Cluster } from './testing/facts.js';
import { verdictOf, verdictText, type ProofWish } from './testing/proof.js';
import { ACCOUNT_REQUESTER, NODE, POD } from './testing/world.js';

const BOTH: readonly ProvableName[] = ['PodDNS', 'PodIPDNS'];
const named = (name: string): Cluster => ({ pods: [{ ...POD, name }] });
const asPod = (name: string): ProofWish => {
  const pod = { ...POD, name };
  const extra = {
    'authentication.kubernetes.io/pod-name': [name],
    'authentication.kubernetes.io/pod-uid': [pod.uid],
  };
  return {
    cluster: { pods: [pod] },
    requester: {
      username: 'system:serviceaccount:shop:web',
      uid: 'uid-sa-web',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop'],
      extra,
    },
  };
};

interface Case {
  readonly name: string;
  readonly text: string;
  readonly kinds?: readonly ProvableName[];
  readonly wish?: ProofWish;
  readonly verdict: RegExp;
}

const REFUSALS: readonly Case[] = [
  {
    name: 'the name of another pod',
    text: 'web-8.shop.pod.cluster.local',
    verdict: /^contradicted: it is not the name of pod shop\/web-7f$/,
  },
  {
    name: 'its name in another namespace',
    text: 'web-7f.bank.pod.cluster.local',
    verdict: /^contradicted: it belongs to a pod of namespace "bank"/,
  },
  { name: 'its name below another domain', text: 'web-7f.shop.pod.example.com', verdict: /^no kind$/ },
  { name: 'its name without the domain', text: 'web-7f.shop.pod', verdict: /^no kind$/ },
  {
    name: 'a name of a pod without namespace',
    text: 'web-7f.pod.cluster.local',
    verdict: /^contradicted: it is not of the form/,
  },
  {
    name: 'a name below its own',
    text: 'a.web-7f.shop.pod.cluster.local',
    verdict: /^contradicted: it is not of the form/,
  },
  {
    name: 'the name of a pod with a dot, in its own namespace',
    text: 'web.1.shop.pod.cluster.local',
    wish: asPod('web.1'),
    verdict: /^contradicted: it is not of the form/,
  },
  {
    name: 'the name of a pod with a dot, as one of another namespace',
    text: 'web.bank.pod.cluster.local',
    wish: asPod('web.bank'),
    verdict: /^contradicted: it belongs to a pod of namespace "bank"/,
  },
  {
    name: 'a pod whose name reads as an address of somebody else',
    text: '10-0-34-9.shop.pod.cluster.local',
    kinds: ['PodDNS'],
    wish: asPod('10-0-34-9'),
    verdict: /^contradicted: "10-0-34-9" reads as an address/,
  },
  {
    name: 'a pod whose name reads as an IPv6 address',
    text: 'fd00--9.shop.pod.cluster.local',
    kinds: ['PodDNS'],
    wish: asPod('fd00--9'),
    verdict: /^contradicted: "fd00--9" reads as an address/,
  },
  {
    name: 'a pod whose name reads as an address, where addresses are granted, too',
    text: '10-0-34-9.shop.pod.cluster.local',
    wish: asPod('10-0-34-9'),
    verdict: /^unknown: pod shop\/10-0-34-9 does not hold it/,
  },
  { name: 'a wildcard', text: '*.shop.pod.cluster.local', verdict: /^no kind$/ },
  {
    name: 'a name for a service account',
    text: 'web-7f.shop.pod.cluster.local',
    wish: { requester: ACCOUNT_REQUESTER },
    verdict: /^unknown: only a pod/,
  },
  {
    name: 'an address for a service account',
    text: '10-0-34-2.shop.pod.cluster.local',
    wish: { requester: ACCOUNT_REQUESTER },
    verdict: /^unknown: only a pod/,
  },
  {
    name: 'an address in another namespace',
    text: '10-0-34-2.bank.pod.cluster.local',
    verdict: /^contradicted: it belongs to a pod of namespace "bank"/,
  },
  {
    name: 'an address below a name',
    text: '10-0-34-2.a.shop.pod.cluster.local',
    verdict: /^contradicted: it is not of the form/,
  },
  {
    name: 'an address with leading zeros',
    text: '010-0-34-2.shop.pod.cluster.local',
    verdict: /^contradicted: "010-0-34-2" is not the canonical/,
  },
  {
    name: 'an address with too large numbers',
    text: '10-0-34-258.shop.pod.cluster.local',
    verdict: /^contradicted: .* canonical/,
  },
  {
    name: 'an IPv6 address that is not shortened',
    text: 'fd00-0-0-0-0-0-0-7.shop.pod.cluster.local',
    wish: { cluster: { pods: [{ ...POD, ips: ['fd00::7'] }] } },
    verdict: /^contradicted: .* canonical/,
  },
  {
    name: 'an IPv4 address as IPv6',
    text: '0--ffff-a00-2202.shop.pod.cluster.local',
    verdict: /^contradicted: .* canonical/,
  },
  {
    name: 'the address of a node',
    text: '192-168-7-11.shop.pod.cluster.local',
    verdict: /^contradicted: it is an address of the host/,
  },
  {
    name: 'the address of the API server',
    text: '172-20-0-1.shop.pod.cluster.local',
    wish: {
      settings: { reserved: { dnsNames: [], ips: ['172.20.0.1'] } },
      cluster: { pods: [{ ...POD, ips: ['172.20.0.1'] }] },
    },
    verdict: /^contradicted: 172\.20\.0\.1: the settings reserve it/,
  },
  {
    name: 'an address that is not proven',
    text: '10-0-34-2.shop.pod.cluster.local',
    wish: { cluster: { nodes: [{ ...NODE, ips: ['10.0.34.2'] }] } },
    verdict: /^unknown: pod shop\/web-7f holds it, and so does node node-a$/,
  },
  {
    name: 'a name where only addresses are granted',
    text: 'web-7f.shop.pod.cluster.local',
    kinds: ['PodIPDNS'],
    verdict: /^no kind$/,
  },
  {
    name: 'an address where only names are granted',
    text: '10-0-34-2.shop.pod.cluster.local',
    kinds: ['PodDNS'],
    verdict: /^contradicted/,
  },
];
for (const { name, text, kinds = BOTH, wish = {}, verdict } of REFUSALS) {
  test(`does not prove ${name}`, () => assert.match(verdictText(verdictOf(text, wish, kinds)), verdict));
}

const PROOFS: readonly Case[] = [
  {
    name: 'its own name',
    text: 'web-7f.shop.pod.cluster.local',
    verdict: /^proven PodDNS: it is the name of pod shop\/web-7f$/,
  },
  {
    name: 'its own name below the domain of the settings',
    text: 'web-7f.shop.pod.k8s.example.net',
    wish: { settings: { clusterDomain: 'k8s.example.net' } },
    verdict: /^proven PodDNS/,
  },
  {
    name: 'its own name on the network of its host',
    text: 'web-7f.shop.pod.cluster.local',
    wish: { cluster: { pods: [{ ...POD, hostNetwork: true }] } },
    verdict: /^proven PodDNS/,
  },
  {
    name: 'its address',
    text: '10-0-34-2.shop.pod.cluster.local',
    verdict: /^proven PodIPDNS: pod shop\/web-7f holds it$/,
  },
  {
    name: 'its IPv6 address',
    text: 'fd00--7.shop.pod.cluster.local',
    wish: { cluster: { pods: [{ ...POD, ips: ['fd00::7'] }] } },
    verdict: /^proven PodIPDNS/,
  },
];
for (const { name, text, kinds = BOTH, wish = {}, verdict } of PROOFS) {
  test(`proves ${name}`, () => assert.match(verdictText(verdictOf(text, wish, kinds)), verdict));
}

for (const label of ['web', 'web-0', 'a-b-c-d', 'cafe-babe', '1-2-3', '1-2-3-4-5', 'g--1']) {
  test(`${label} reads as a name`, () => assert.equal(readsAsAddress(label), false));
}
for (const label of ['10-0-0-7', '999-0-0-7', '010-0-0-7', 'fd00--7', 'a-b-c-d-e-f-0-1', '--1']) {
  test(`${label} reads as an address`, () => assert.equal(readsAsAddress(label), true));
}

test('a pod that has another name now proves nothing by the old one', () => {
  assert.match(
    verdictText(verdictOf('web-7f.shop.pod.cluster.local', { cluster: named('web-8') }, BOTH)),
    /^unknown: only a pod/,
  );
});
