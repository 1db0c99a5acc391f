import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessReview } from './facts-snapshot.js';
import { proveKubeletClient } from './prove-kubelet-client.js';
import { proofContextOf, verdictText, type ProofWish } from './testing/proof.js';
import type { RequestWish } from './testing/requests.js';
import { NODE_REQUESTER, USER_REQUESTER } from './testing/world.js';
import type { NameVerdict } from './verdict.js';

const CLIENT: RequestWish = {
  commonName: 'system:node:node-a',
  organizations: ['system:nodes'],
  usages: ['digital signature', 'key encipherment', 'client auth'],
};
const BOOTSTRAP = { ...USER_REQUESTER, username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] };

function review(subresource: string, answer: AccessReview['answer']): AccessReview {
  const question = {
    verb: 'create',
    group: 'certificates.k8s.io',
    resource: 'certificatesigningrequests',
    subresource,
  };
  return { question, answer };
}
const ALLOWED = [review('selfnodeclient', 'allowed'), review('nodeclient', 'allowed')];

function verdict(wish: ProofWish): NameVerdict | undefined {
  return proveKubeletClient(proofContextOf({ requester: NODE_REQUESTER, request: CLIENT, reviews: ALLOWED, ...wish }));
}

const REFUSALS: readonly (readonly [name: string, request: RequestWish, verdict: RegExp])[] = [
  ['another organization', { organizations: ['system:masters'] }, /^contradicted: the organization/],
  ['a second organization', { organizations: ['system:nodes', 'system:masters'] }, /^contradicted: the organization/],
  ['no organization', { organizations: [] }, /^contradicted: the organization/],
  ['no name of a node', { commonName: 'system:node:' }, /^contradicted: no node can be called/],
  ['a DNS name', { dns: ['node-a'] }, /^contradicted: .* no subjectAltNames$/],
  ['an address', { ips: ['192.168.7.11'] }, /^contradicted: .* no subjectAltNames$/],
  ['a URI', { uris: ['spiffe://a/b'] }, /^contradicted: .* no subjectAltNames$/],
  ['an email address', { emails: ['a@example.com'] }, /^contradicted: .* no subjectAltNames$/],
  ['server auth', { usages: ['digital signature', 'client auth', 'server auth'] }, /^contradicted: its usages/],
  ['no client auth', { usages: ['digital signature', 'key encipherment'] }, /^contradicted: its usages/],
  ['no digital signature', { usages: ['client auth', 'key encipherment'] }, /^contradicted: its usages/],
  ['a common name that is none of a node', { commonName: 'martha' }, /^no kind$/],
];
for (const [name, request, expected] of REFUSALS) {
  test(`does not prove the client certificate of a kubelet: ${name}`, () => {
    assert.match(verdictText(verdict({ request: { ...CLIENT, ...request } })), expected);
  });
}

const ANSWERS: readonly (readonly [name: string, wish: ProofWish, verdict: RegExp])[] = [
  [
    'asks whether a node may ask for itself',
    { reviews: [] },
    /^needs: .*node node-a may create certificatesigningrequests\/selfnodeclient$/,
  ],
  ['asks whether others may ask for nodes', { requester: BOOTSTRAP, reviews: [] }, /^needs: .*\/nodeclient$/],
  [
    'does not ask whether others may ask for themselves',
    { requester: BOOTSTRAP, reviews: [review('selfnodeclient', 'allowed')] },
    /^needs: .*\/nodeclient$/,
  ],
  [
    'asks whether a node may ask for another',
    { request: { ...CLIENT, commonName: 'system:node:node-b' }, reviews: [review('selfnodeclient', 'allowed')] },
    /^needs: .*\/nodeclient$/,
  ],
  [
    'asks whether a node that may not ask for itself may ask for any',
    { reviews: [review('selfnodeclient', 'denied')] },
    /^needs: .*\/nodeclient$/,
  ],
  [
    'waits for a right where a node has neither',
    { reviews: [review('selfnodeclient', 'denied'), review('nodeclient', 'denied')] },
    /^unknown: node node-a may not create certificatesigningrequests\/selfnodeclient nor certificatesigningrequests\/nodeclient$/,
  ],
  [
    'waits for a right where somebody has none',
    { requester: BOOTSTRAP, reviews: [review('nodeclient', 'denied')] },
    /^unknown: user "system:bootstrap:abcdef" may not create/,
  ],
  [
    'proves it to a node that may ask for itself',
    { reviews: [review('selfnodeclient', 'allowed')] },
    /^proven KubeletClient: node node-a may create/,
  ],
  [
    'proves it to a node that may ask for any',
    { reviews: [review('selfnodeclient', 'denied'), review('nodeclient', 'allowed')] },
    /^proven KubeletClient/,
  ],
  [
    'proves it to whoever may ask for nodes',
    { requester: BOOTSTRAP, reviews: [review('nodeclient', 'allowed')] },
    /^proven KubeletClient/,
  ],
  [
    'proves it without key encipherment',
    { request: { ...CLIENT, usages: ['client auth', 'digital signature'] } },
    /^proven KubeletClient/,
  ],
];
for (const [name, wish, expected] of ANSWERS) test(name, () => assert.match(verdictText(verdict(wish)), expected));

test('asks the authorizer what kube-controller-manager asks', () => {
  const needs = verdict({ reviews: [] });
  assert.ok(needs?.kind === 'needs');
  assert.deepEqual(needs.question, review('selfnodeclient', 'allowed').question);
});
