import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { byteLength } from '../kube/names.js';
import { describeApproval, describeDeferral, describeDenial } from './describe-decision.js';
import { identify } from './identity.js';
import { decisionOf, type Situation } from './testing/decisions.js';
import { compiledPolicyOf } from './testing/policies.js';
import { NODE_REQUESTER, shopFacts, USER_REQUESTER } from './testing/world.js';
import type { GrantedName, PolicyReview } from './verdict.js';
import { broken } from './violations.js';

const REFERENCE = { name: 'p', uid: 'u', generation: 1 };

const APPROVALS: readonly (Situation & { readonly name: string; readonly message: string })[] = [
  {
    name: 'names of a pod, and the Services it serves',
    message:
      'approved by policy workload-serving: 2 DNS names and 1 IP belong to pod shop/web-7f, serving Service shop/web',
  },
  {
    name: 'one name of a pod',
    wish: { ips: ['10.0.34.2'], commonName: '10.0.34.2' },
    message: 'approved by policy workload-serving: 1 IP belongs to pod shop/web-7f',
  },
  {
    name: 'names that are proven beside names that the policy grants by itself',
    policies: [compiledPolicyOf({ names: { provable: ['PodIP'], dns: ['*.example.com'], uris: ['urn:a'] } })],
    wish: { dns: ['a.example.com', 'b.example.com'], ips: ['10.0.34.2'], uris: ['urn:a'] },
    message:
      'approved by policy workload-serving: 1 IP belongs to pod shop/web-7f; 2 DNS names and 1 URI are granted by the policy itself',
  },
  {
    name: 'one name that the policy grants by itself',
    policies: [compiledPolicyOf({ requesters: { users: ['martha'] }, names: { emails: ['martha@example.com'] } })],
    wish: { requester: USER_REQUESTER, emails: ['martha@example.com'] },
    message: 'approved by policy workload-serving: 1 email address is granted by the policy itself',
  },
  {
    name: "a node's subject beside its name",
    policies: [compiledPolicyOf({ requesters: { nodes: true }, names: { ownNode: true } })],
    wish: {
      requester: NODE_REQUESTER,
      dns: ['node-a'],
      commonName: 'system:node:node-a',
      organizations: ['system:nodes'],
    },
    message: 'approved by policy workload-serving: 1 DNS name belongs to node node-a',
  },
];

describe('describeApproval', () => {
  for (const { name, message, ...situation } of APPROVALS) {
    it(`tells ${name}`, () => {
      const decision = decisionOf(situation);
      assert.equal(decision.kind, 'approve');
      assert.equal(decision.message, message);
    });
  }

  it('counts Services beyond a few', () => {
    const names = Array.from({ length: 9 }, (_, i): GrantedName => ({
      type: 'DNS',
      value: `s${i}.shop.svc`,
      path: `request.subjectAltNames[${i}]`,
      grantedBy: 'ServiceDNS',
      because: '',
      evidence: [{ kind: 'Service', namespace: 'shop', name: `s${i}`, uid: '', resourceVersion: '' }],
    }));
    const identity = identify(USER_REQUESTER, shopFacts());
    assert.equal(
      describeApproval(REFERENCE, names, identity),
      'approved by policy p: 9 DNS names belong to user "martha", serving Service shop/s0, Service shop/s1, Service shop/s2 and 6 more',
    );
  });
});

describe('describeDenial', () => {
  it('tells every violation with its path', () => {
    const violations = [broken('spec.usages', 'it is empty'), broken('request', 'it is not DER')];
    assert.equal(
      describeDenial([REFERENCE], violations),
      'denied by policy p: spec.usages: it is empty; request: it is not DER',
    );
  });

  it('counts what does not fit into a message', () => {
    const violations = Array.from({ length: 500 }, (_, i) => broken(`spec.usages[${i}]`, 'ä'.repeat(20)));
    const message = describeDenial([REFERENCE], violations);
    assert.ok(byteLength(message) <= 1024);
    assert.match(message, /^denied by policy p: spec\.usages\[0\]: ä{20}; .*; and 4[0-9]{2} more$/);
    const told = message.split('; ').length - 1;
    assert.ok(message.endsWith(`; and ${500 - told} more`));
  });

  it('cuts a single violation that is too long between characters, and counts the others', () => {
    const long = broken('request', '🔑'.repeat(1000));
    for (const message of [describeDenial([REFERENCE], [long]), describeDenial([REFERENCE], [long, long, long])]) {
      assert.ok(byteLength(message) <= 1024 && byteLength(message) > 1015);
      assert.doesNotMatch(message, /\p{Cs}/u);
    }
    assert.match(describeDenial([REFERENCE], [long, long, long]), /🔑… and 2 more$/u);
  });

  it('shows nothing of a request that a terminal or a person could be misled by', () => {
    const decision = decisionOf({
      policies: [compiledPolicyOf({ onViolation: 'Deny' })],
      wish: { dns: ['\u001b[31m"; approved by policy p'], commonName: 'ab\u202ecd\n', usages: ['\u0007'] },
    });
    assert.equal(decision.kind, 'deny');
    assert.doesNotMatch(decision.message, /[\u0000-\u001f\u007f\u202e]/);
    assert.match(decision.message, /DNS "\\u\{1b\}\[31m\\"; approved by policy p"/);
  });
});

describe('describeDeferral', () => {
  const review = (name: string, more: Partial<PolicyReview>): PolicyReview =>
    ({ policy: { ...REFERENCE, name }, mode: 'Enforce', ...more }) as PolicyReview;
  const standing = { kind: 'fresh' } as const;
  const unknown = {
    path: 'request.subjectAltNames[0]',
    detail: 'IP "10.0.0.7": no pod holds it',
    kind: 'unknown',
  } as const;

  const cases: readonly {
    readonly name: string;
    readonly reviews: readonly PolicyReview[];
    readonly message: string;
  }[] = [
    {
      name: 'facts that one policy waits for',
      reviews: [
        review('a', { kind: 'noMatch', because: 'it is for nodes', mayChange: false }),
        review('b', { kind: 'violated', onViolation: 'Deny', violations: [unknown], names: [] }),
      ],
      message: 'waits: policy b: request.subjectAltNames[0]: IP "10.0.0.7": no pod holds it',
    },
    {
      name: 'a person, where no fact can help',
      reviews: [
        review('b', { kind: 'violated', onViolation: 'Defer', violations: [broken('a', 'b'), unknown], names: [] }),
      ],
      message: 'waits for a person: policy b: a: b; request.subjectAltNames[0]: IP "10.0.0.7": no pod holds it',
    },
    {
      name: 'why no policy matches',
      reviews: [
        review('a', { kind: 'noMatch', because: 'it is for nodes', mayChange: false }),
        review('b', { kind: 'noMatch', because: 'it is for user x', mayChange: false }),
      ],
      message:
        'waits for a person: no policy matches: policy a does not match: it is for nodes; policy b does not match: it is for user x',
    },
    {
      name: 'the authorizer',
      reviews: [review('a', { kind: 'needs', questions: [] })],
      message: 'waits: policy a waits for the authorizer',
    },
  ];
  for (const { name, reviews, message } of cases) {
    it(`tells ${name}`, () => assert.equal(describeDeferral({ standing, signerName: 's', reviews }), message));
  }

  it('stays within its bound, however many policies there are', () => {
    const reviews = Array.from({ length: 200 }, (_, i) =>
      review(`p${i}`, { kind: 'noMatch', because: 'it is for nodes', mayChange: false }),
    );
    const message = describeDeferral({ standing, signerName: 's', reviews });
    assert.ok(byteLength(message) <= 1024);
    assert.match(message, /; and [0-9]+ more$/);
  });
});
