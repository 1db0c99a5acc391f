import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PolicyRequesters } from '../certificates/approval-policy.js';
import type { Requester } from '../certificates/normalised-request.js';
import { notReadyPolicy } from './compile-policy.js';
import { createFactStore } from './fact-store.js';
import { identify } from './identity.js';
import { createPolicySet } from './policy-set.js';
import { createRequesterIndex } from './requester-index.js';
import { requesterMismatch } from './requesters.js';
import { compiledPolicyOf, policyOf } from './testing/policies.js';
import { ACCOUNT_REQUESTER, NODE_REQUESTER, POD_REQUESTER, shopFacts, USER_REQUESTER } from './testing/world.js';

/** Everything by which a policy can select. */
const SELECTIONS: readonly PolicyRequesters[] = [
  { serviceAccounts: [{ namespaces: ['bank'] }] },
  { serviceAccounts: [{ namespaces: ['shop'] }] },
  { serviceAccounts: [{ namespaces: ['bank'] }, { namespaces: ['shop', 'bank'], names: ['db'] }] },
  { serviceAccounts: [{ namespaceSelector: {}, names: ['web'] }] },
  { serviceAccounts: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] },
  { serviceAccounts: [{ namespaces: ['shop'], namespaceSelector: { matchLabels: { team: 'bank' } } }] },
  { users: [USER_REQUESTER.username] },
  { users: [POD_REQUESTER.username, NODE_REQUESTER.username] },
  { groups: ['system:authenticated'] },
  { groups: ['system:serviceaccounts', 'nobody'] },
  { nodes: true },
  { nodes: true, users: ['somebody'] },
];

const REQUESTERS: Readonly<Record<string, Requester>> = {
  pod: POD_REQUESTER,
  'service account': ACCOUNT_REQUESTER,
  node: NODE_REQUESTER,
  user: USER_REQUESTER,
};

suite('requester index', () => {
  const policies = SELECTIONS.map((requesters, i) =>
    compiledPolicyOf({ requesters, minimumIdentity: 'User' }, `policy-${String(i).padStart(2, '0')}`),
  );
  for (const [who, requester] of Object.entries(REQUESTERS)) {
    for (const [facts, name] of [
      [shopFacts(), 'with all facts'],
      [createFactStore(), 'without any fact'],
    ] as const) {
      test(`what is left out for a ${who} ${name} does not match for good`, () => {
        const identity = identify(requester, facts);
        const places = new Set(createRequesterIndex(policies).placesFor(identity));
        assert.ok(places.size > 0 && places.size < policies.length);
        for (const [place, policy] of policies.entries()) {
          if (!places.has(place)) assert.equal(requesterMismatch(policy, identity, facts), policy.noMatch);
        }
      });
    }
  }

  test('what is not ready is found for everybody, in its place', () => {
    const notReady = notReadyPolicy(policyOf({}), 'it does not compile');
    const [first, second] = policies;
    assert.ok(first !== undefined && second !== undefined);
    const index = createRequesterIndex([first, second, notReady]);
    assert.deepEqual(index.placesFor(identify(POD_REQUESTER, shopFacts())), [1, 2]);
    assert.deepEqual(index.placesFor(identify(USER_REQUESTER, shopFacts())), [2]);
  });

  test('a set asks those that it finds, and answers for the others in the order of names', () => {
    const set = createPolicySet([...policies].reverse());
    const signerName = policies[0]?.signerNames[0] ?? '';
    const asked: string[] = [];
    const reviews = set.review(signerName, identify(USER_REQUESTER, shopFacts()), ({ reference }) => {
      asked.push(reference.name);
      return { policy: reference, mode: 'Enforce', kind: 'notReady', because: 'it was asked' };
    });
    assert.deepEqual(asked, ['policy-06', 'policy-08']);
    assert.deepEqual(
      reviews.all.map(({ policy, kind }) => [policy.name, kind]),
      policies.map(({ reference: { name } }) => [name, asked.includes(name) ? 'notReady' : 'noMatch']),
    );
    assert.deepEqual(
      set.review('example.com/none', identify(USER_REQUESTER, shopFacts()), () => assert.fail()),
      {
        all: [],
        asked: [],
      },
    );
  });
});
