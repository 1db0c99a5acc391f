import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import { grantTexts, reviewOf, reviewOfCase, violationTexts, type ReviewCase } from './testing/decisions.js';
import { compiledPolicyOf, SERVING_SPEC } from './testing/policies.js';
import type { RequestWish } from './testing/requests.js';
import { NODE, POD, SERVICE, USER_REQUESTER } from './testing/world.js';

const users: Partial<ApprovalPolicySpec> = { requesters: { users: ['martha'] } };
const byMartha: RequestWish = { requester: USER_REQUESTER };
const REFUSALS: readonly (ReviewCase & { readonly violations: readonly string[] })[] = [
  {
    name: 'no name at all: nothing asked is not everything granted',
    wish: {},
    violations: ['broken request.subjectAltNames: the request asks for no name'],
  },
  {
    name: 'no name but an organization',
    spec: { subject: { organizations: ['Shop'] } },
    wish: { organizations: ['Shop'] },
    violations: ['broken request.subjectAltNames: the request asks for no name'],
  },
  {
    name: 'more names than the policy takes, and looks at as many',
    spec: { names: { provable: ['PodIP'], maxCount: 1 } },
    wish: { ips: ['10.0.34.2', '10.0.34.3'] },
    violations: ['broken request.subjectAltNames: there are 2 names, at most 1'],
  },
  {
    name: 'a name that no kind and no pattern of the policy is about',
    wish: { dns: ['google.com'], uris: ['https://google.com/'], emails: ['a@google.com'] },
    violations: [
      'broken request.subjectAltNames[0]: DNS "google.com": the policy grants no such name',
      'broken request.subjectAltNames[1]: URI "https://google.com/": the policy grants no such name',
      'broken request.subjectAltNames[2]: Email "a@google.com": the policy grants no such name',
    ],
  },
  {
    name: 'a provable name of a kind that is not listed',
    spec: { names: { provable: ['PodIP'] } },
    wish: { dns: ['web.shop.svc'] },
    violations: ['broken request.subjectAltNames[0]: DNS "web.shop.svc": the policy grants no such name'],
  },
  {
    name: 'the names of another pod',
    wish: { dns: ['web-8a.shop.pod.cluster.local'] },
    violations: [
      'contradicted request.subjectAltNames[0]: DNS "web-8a.shop.pod.cluster.local": it is not the name of pod shop/web-7f',
    ],
  },
  {
    name: 'an address that the pod does not have yet: that may change',
    wish: { ips: ['10.0.34.9'] },
    violations: [
      'unknown request.subjectAltNames[0]: IP "10.0.34.9": pod shop/web-7f does not hold it; it has 10.0.34.2',
    ],
  },
  {
    name: 'every violation, by path with numbers as numbers',
    spec: { names: { provable: ['PodIP'], maxCount: 11 } },
    wish: {
      dns: Array.from({ length: 11 }, (_, i) => `n${i}.example.com`),
      usages: ['server auth', 'client auth', 'any'],
    },
    violations: [
      ...Array.from(
        { length: 11 },
        (_, i) => `broken request.subjectAltNames[${i}]: DNS "n${i}.example.com": the policy grants no such name`,
      ),
      ...['client auth', 'any'].map(
        (usage, i) =>
          `broken spec.usages[${i + 1}]: it is "${usage}", must be one of digital signature, key encipherment, server auth`,
      ),
    ],
  },

  {
    name: 'names beside a zone',
    spec: { names: { dns: ['*.shop.example.com', '**.deep.example.com'] } },
    wish: { dns: ['shop.example.com', 'a.b.shop.example.com', 'xshop.example.com', 'deep.example.com'] },
    violations: ['shop.example.com', 'a.b.shop.example.com', 'xshop.example.com', 'deep.example.com'].map(
      (name, i) => `broken request.subjectAltNames[${i}]: DNS "${name}": the policy grants no such name`,
    ),
  },
  {
    name: 'a wildcard that a pattern would cover: only that very wildcard is granted',
    spec: { names: { dns: ['*.shop.example.com'], wildcards: ['*.a.shop.example.com'] } },
    wish: { dns: ['*.shop.example.com', '*.b.shop.example.com'] },
    violations: ['*.shop.example.com', '*.b.shop.example.com'].map(
      (name, i) => `broken request.subjectAltNames[${i}]: DNS "${name}": the policy grants no such name`,
    ),
  },
  {
    name: "an address in a network that another pod, node or Service holds, and one that is not the pod's alone",
    spec: { names: { cidrs: ['10.0.34.0/24', '192.168.7.0/24'] } },
    wish: { ips: ['10.0.34.3', '192.168.7.11', '10.0.34.2'] },
    change: (facts) => {
      facts.set('Pod', { ...POD, name: 'db-0', uid: 'uid-pod-db-0', ips: ['10.0.34.3'] });
      facts.set('Service', { ...SERVICE, name: 'out', uid: 'uid-svc-out', clusterIPs: [], externalIPs: ['10.0.34.2'] });
    },
    violations: [
      'contradicted request.subjectAltNames[0]: IP "10.0.34.3": it belongs to pod shop/db-0',
      'contradicted request.subjectAltNames[1]: IP "192.168.7.11": it belongs to node node-a',
      'unknown request.subjectAltNames[2]: IP "10.0.34.2": it belongs to Service shop/out too',
    ],
  },
  {
    name: 'the name of a node that does not report it',
    spec: { names: { dns: ['*.example.net'] } },
    wish: { dns: ['node-b.example.net'] },
    change: (facts) => facts.set('Node', { ...NODE, name: 'node-b.example.net', uid: 'uid-b', ips: [], dnsNames: [] }),
    violations: [
      'contradicted request.subjectAltNames[0]: DNS "node-b.example.net": it belongs to node node-b.example.net',
    ],
  },
  {
    name: 'a name that a node reports',
    spec: { names: { dns: ['*.example.net'] } },
    wish: { dns: ['node-a.example.net'] },
    violations: ['contradicted request.subjectAltNames[0]: DNS "node-a.example.net": it belongs to node node-a'],
  },
  {
    name: 'identities of the trust domain, whoever lists them',
    spec: { names: { uris: ['spiffe://cluster.local/ns/bank/sa/vault'] } },
    wish: { uris: ['spiffe://cluster.local/ns/bank/sa/vault'] },
    violations: [
      'contradicted request.subjectAltNames[0]: URI "spiffe://cluster.local/ns/bank/sa/vault": an identity of the trust domain is proven, or listed in reservedNames',
    ],
  },
  {
    name: 'identities of the trust domain in another spelling',
    wish: { uris: ['SPIFFE://Cluster.Local/admin'] },
    violations: [
      'broken request.subjectAltNames[0]: URI "SPIFFE://Cluster.Local/admin": a SPIFFE ID begins with spiffe://, in lower case',
      'broken request.subjectAltNames[0]: URI "SPIFFE://Cluster.Local/admin": the policy grants no such name',
    ],
  },
  {
    name: 'a URI that differs from what is listed in anything',
    spec: { names: { uris: ['https://a.example/x'] } },
    wish: { uris: ['https://a.example/X'] },
    violations: ['broken request.subjectAltNames[0]: URI "https://a.example/X": the policy grants no such name'],
  },
  {
    name: 'reserved names by pattern or network',
    spec: { ...users, names: { dns: ['*.google.internal'], cidrs: ['169.254.0.0/16'] } },
    wish: { ...byMartha, dns: ['metadata.google.internal'], ips: ['169.254.169.254'] },
    violations: [
      'contradicted request.subjectAltNames[0]: DNS "metadata.google.internal": it is a name of cloud metadata',
      'contradicted request.subjectAltNames[1]: IP "169.254.169.254": it is a link-local address',
    ],
  },
];

const GRANTS: readonly (ReviewCase & { readonly grants: readonly string[] })[] = [
  {
    name: 'what a pod can prove, whatever the case of a DNS name',
    wish: { dns: ['WEB.shop.svc'], ips: ['10.0.34.2', '172.20.0.9'] },
    grants: ['DNS web.shop.svc by ServiceDNS', 'IP 10.0.34.2 by PodIP', 'IP 172.20.0.9 by ServiceClusterIP'],
  },
  {
    name: 'names in a zone, addresses in a network, and literals',
    spec: {
      ...users,
      names: {
        dns: ['*.shop.example.com', 'db'],
        cidrs: ['198.51.100.0/24', '2001:db8::/32'],
        uris: ['urn:shop:1'],
        emails: ['shop@example.com'],
        wildcards: ['*.web.shop.example.com'],
      },
    },
    wish: {
      ...byMartha,
      dns: ['www.shop.example.com', 'db', '*.web.shop.example.com'],
      ips: ['198.51.100.7', '2001:db8::1'],
      uris: ['urn:shop:1'],
      emails: ['shop@example.com'],
    },
    grants: [
      'DNS www.shop.example.com by dns',
      'DNS db by dns',
      'DNS *.web.shop.example.com by wildcards',
      'IP 198.51.100.7 by cidrs',
      'IP 2001:db8::1 by cidrs',
      'URI urn:shop:1 by uris',
      'Email shop@example.com by emails',
    ],
  },
  {
    name: 'reserved names and values by their exact literal',
    spec: {
      ...users,
      names: { reservedNames: ['kubernetes.default.svc', '169.254.169.254', 'system:masters', 'system:admin'] },
    },
    wish: {
      ...byMartha,
      dns: ['kubernetes.default.svc'],
      ips: ['169.254.169.254'],
      organizations: ['system:masters'],
      commonName: 'system:admin',
    },
    grants: [
      'DNS kubernetes.default.svc by reservedNames',
      'IP 169.254.169.254 by reservedNames',
      'O system:masters by reservedNames',
      'CN system:admin by reservedNames',
    ],
  },
];

describe('names in a review', () => {
  for (const { violations, ...one } of REFUSALS) {
    it(`refuses ${one.name}`, () => assert.deepEqual(violationTexts(reviewOfCase(one)), violations));
  }

  for (const { grants, ...one } of GRANTS) {
    it(`grants ${one.name}`, () => assert.deepEqual(grantTexts(reviewOfCase(one)), grants));
  }

  it('tells what each grant rests on: the objects, or the policy itself', () => {
    const spec = { names: { ...SERVING_SPEC.names, dns: ['shop.example.com'] } };
    const review = reviewOf({
      policies: [compiledPolicyOf(spec)],
      wish: { dns: ['web.shop.svc', 'shop.example.com'] },
    });
    const names = review.kind === 'approve' ? review.names : [];
    assert.deepEqual(
      names.map(({ evidence }) =>
        evidence.map(({ kind, name, resourceVersion }) => `${kind} ${name}@${resourceVersion}`),
      ),
      [['Pod web-7f@104', 'Service web@105', 'EndpointSlice web-x2k9p@106'], ['ApprovalPolicy workload-serving@201']],
    );
  });

  it('keeps what it grants beside its violations, for whoever explains', () => {
    const review = reviewOf({ wish: { dns: ['web.shop.svc', 'google.com'] } });
    assert.deepEqual(review.kind === 'violated' && review.names.map(({ value }) => value), ['web.shop.svc']);
  });
});
