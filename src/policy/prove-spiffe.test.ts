import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf, verdictText, type ProofWish } from './testing/proof.js';
import { ACCOUNT_REQUESTER, NODE_REQUESTER, POD_REQUESTER, USER_REQUESTER } from './testing/world.js';

const OWN = 'spiffe://cluster.local/ns/shop/sa/web';

const REFUSALS: readonly (readonly [name: string, uri: string, verdict: RegExp, wish?: ProofWish])[] = [
  [
    'another service account',
    'spiffe://cluster.local/ns/shop/sa/db',
    /^contradicted: the SPIFFE ID of service account shop\/web is spiffe:/,
  ],
  ['another namespace', 'spiffe://cluster.local/ns/bank/sa/web', /^contradicted/],
  ['another trust domain', 'spiffe://example.net/ns/shop/sa/web', /^contradicted/],
  ['a trust domain in other letters', 'spiffe://Cluster.local/ns/shop/sa/web', /^contradicted/],
  ['a scheme in other letters', 'SPIFFE://cluster.local/ns/shop/sa/web', /^contradicted/],
  ['a slash at the end', `${OWN}/`, /^contradicted/],
  ['more path', `${OWN}/admin`, /^contradicted/],
  ['a query', `${OWN}?a`, /^contradicted/],
  ['a dot segment', 'spiffe://cluster.local/ns/shop/sa/db/../web', /^contradicted/],
  ['an escape', 'spiffe://cluster.local/ns/shop/sa/%77eb', /^contradicted/],
  ['a port', 'spiffe://cluster.local:443/ns/shop/sa/web', /^contradicted/],
  ['userinfo', 'spiffe://a@cluster.local/ns/shop/sa/web', /^contradicted/],
  ['a user', OWN, /^contradicted: a SPIFFE ID belongs to a service account$/, { requester: USER_REQUESTER }],
  ['a node', OWN, /^contradicted/, { requester: NODE_REQUESTER }],
  ['an account without its groups', OWN, /^contradicted/, { requester: { ...ACCOUNT_REQUESTER, groups: [] } }],
  [
    'an account that is not there',
    OWN,
    /^unknown: .* is not live: there is no service account/,
    { cluster: { accounts: [] } },
  ],
  [
    'an account with another uid',
    OWN,
    /^unknown: .* is not live: .* has another uid/,
    { requester: { ...ACCOUNT_REQUESTER, uid: 'uid-old' } },
  ],
  ['a URI of another scheme', 'https://cluster.local/ns/shop/sa/web', /^no kind$/],
];
for (const [name, uri, verdict, wish] of REFUSALS) {
  test(`does not prove a SPIFFE ID: ${name}`, () => assert.match(verdictText(verdictOf(uri, wish)), verdict));
}

for (const [name, requester] of [
  ['a pod', POD_REQUESTER],
  ['a service account without a pod', ACCOUNT_REQUESTER],
] as const) {
  test(`proves the SPIFFE ID of ${name}, by the account`, () => {
    const verdict = verdictOf(OWN, { requester });
    assert.equal(verdictText(verdict), 'proven SPIFFE: it is the SPIFFE ID of service account shop/web');
    assert.ok(verdict?.kind === 'proven');
    assert.deepEqual(verdict.evidence, [
      { kind: 'ServiceAccount', namespace: 'shop', name: 'web', uid: 'uid-sa-web', resourceVersion: '102' },
    ]);
  });
}

test('takes the trust domain of the settings', () => {
  const wish = { settings: { trustDomain: 'prod.example.net' } };
  assert.equal(verdictOf('spiffe://prod.example.net/ns/shop/sa/web', wish)?.kind, 'proven');
  assert.equal(verdictOf(OWN, wish)?.kind, 'contradicted');
});
