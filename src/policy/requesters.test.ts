import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import type { Requester } from '../certificates/normalised-request.js';
import type { FactStore } from './fact-store.js';
import { identify } from './identity.js';
import { requesterMismatch, type Mismatch } from './requesters.js';
import { compiledPolicyOf } from './testing/policies.js';
import {
  ACCOUNT_REQUESTER,
  NAMESPACE,
  NODE_REQUESTER,
  POD_REQUESTER,
  shopFacts,
  USER_REQUESTER,
} from './testing/world.js';

interface Case {
  readonly name: string;
  readonly spec: Partial<ApprovalPolicySpec>;
  readonly requester: Requester;
  readonly change?: (facts: FactStore) => void;
}

const team = { namespaceSelector: { matchLabels: { team: 'shop' } } };

const MISMATCHES: readonly (Case & { readonly because: string; readonly mayChange?: boolean })[] = [
  {
    name: 'a pod of another namespace',
    spec: { requesters: { serviceAccounts: [{ namespaces: ['bank', 'shop-2'] }] } },
    requester: POD_REQUESTER,
    because: 'it is for service accounts of namespaces bank or shop-2',
  },
  {
    name: 'another service account of the namespace',
    spec: { requesters: { serviceAccounts: [{ namespaces: ['shop'], names: ['db'] }] } },
    requester: POD_REQUESTER,
    because: 'it is for service account db of namespace shop',
  },
  {
    name: 'a namespace that the selector does not match',
    spec: { requesters: { serviceAccounts: [{ namespaceSelector: { matchLabels: { team: 'bank' } } }] } },
    requester: POD_REQUESTER,
    because: 'it is for service accounts of selected namespaces',
  },
  {
    name: 'a namespace that is listed and not selected: all that is given must hold',
    spec: {
      requesters: {
        serviceAccounts: [{ namespaces: ['shop'], namespaceSelector: { matchLabels: { team: 'bank' } } }],
      },
    },
    requester: POD_REQUESTER,
    because: 'it is for service accounts of namespace shop where it is selected',
  },
  {
    name: 'a namespace that is not known yet',
    spec: { requesters: { serviceAccounts: [team] } },
    requester: POD_REQUESTER,
    change: (facts) => facts.remove('Namespace', '', 'shop'),
    because: 'the namespace of who asks is not known yet',
    mayChange: true,
  },
  {
    name: 'a service account where pods are wanted',
    spec: {},
    requester: ACCOUNT_REQUESTER,
    because: 'it takes pods, and service account shop/web asks: its token is not bound to a pod',
  },
  {
    name: 'a pod that is not seen yet, which may change',
    spec: {},
    requester: POD_REQUESTER,
    change: (facts) => facts.remove('Pod', 'shop', 'web-7f'),
    because: 'it takes pods, and service account shop/web asks: there is no pod shop/web-7f',
    mayChange: true,
  },
  {
    name: 'a service account that is not seen alive',
    spec: { minimumIdentity: 'ServiceAccount' },
    requester: ACCOUNT_REQUESTER,
    change: (facts) => facts.remove('ServiceAccount', 'shop', 'web'),
    because: 'it takes service accounts, and service account shop/web asks: there is no service account shop/web',
    mayChange: true,
  },
  {
    name: 'who has the name of a service account and not its groups',
    spec: {},
    requester: { ...POD_REQUESTER, groups: ['system:authenticated'] },
    because: 'it is for service accounts of namespace shop',
  },
  {
    name: 'a user by the name of a pod where pods are wanted',
    spec: { requesters: { users: [POD_REQUESTER.username] }, minimumIdentity: 'Pod' },
    requester: { ...POD_REQUESTER, groups: [] },
    because: 'it takes pods, and a user asks: it is not in group system:serviceaccounts',
  },
  {
    name: 'who has the name of a node and not its group',
    spec: { requesters: { nodes: true } },
    requester: { ...NODE_REQUESTER, groups: ['system:authenticated'] },
    because: 'it is for nodes',
  },
  {
    name: 'a pod where nodes are wanted',
    spec: { requesters: { groups: ['system:authenticated'] }, minimumIdentity: 'Node' },
    requester: POD_REQUESTER,
    because: 'it takes nodes, and a pod asks',
  },
  {
    name: 'a user whose name differs in case',
    spec: { requesters: { users: ['Martha'], groups: ['Platform'] } },
    requester: USER_REQUESTER,
    because: 'it is for user Martha or group Platform',
  },
  {
    name: 'a user whose name is a pattern: names of requesters are data',
    spec: { requesters: { users: ['martha'] } },
    requester: { ...USER_REQUESTER, username: '*', groups: ['.*', '['] },
    because: 'it is for user martha',
  },
];

const MATCHES: readonly Case[] = [
  { name: 'a pod of a listed namespace', spec: {}, requester: POD_REQUESTER },
  {
    name: 'a pod of a selected namespace',
    spec: { requesters: { serviceAccounts: [team] } },
    requester: POD_REQUESTER,
  },
  {
    name: 'a pod of any namespace, also one that is not known, where the selector is empty',
    spec: { requesters: { serviceAccounts: [{ namespaceSelector: {} }] } },
    requester: POD_REQUESTER,
    change: (facts) => facts.remove('Namespace', '', NAMESPACE.name),
  },
  {
    name: 'by the second entry what the first does not name',
    spec: { requesters: { serviceAccounts: [{ namespaces: ['bank'] }, { namespaces: ['shop'], names: ['web'] }] } },
    requester: POD_REQUESTER,
  },
  {
    name: 'a pod where service accounts are enough',
    spec: { minimumIdentity: 'ServiceAccount' },
    requester: POD_REQUESTER,
  },
  {
    name: 'a service account where it is enough',
    spec: { minimumIdentity: 'ServiceAccount' },
    requester: ACCOUNT_REQUESTER,
  },
  { name: 'a node', spec: { requesters: { nodes: true }, minimumIdentity: 'Node' }, requester: NODE_REQUESTER },
  { name: 'a user', spec: { requesters: { users: ['martha'] } }, requester: USER_REQUESTER },
  { name: 'a member of a group', spec: { requesters: { groups: ['x', 'platform'] } }, requester: USER_REQUESTER },
];

function mismatchOf({ spec, requester, change }: Case): Mismatch | undefined {
  const facts = shopFacts(change);
  const mismatch = requesterMismatch(compiledPolicyOf(spec), identify(requester, facts), facts);
  return mismatch && { because: mismatch.because, mayChange: mismatch.mayChange };
}

describe('requesterMismatch', () => {
  for (const { because, mayChange = false, ...one } of MISMATCHES) {
    it(`does not match ${one.name}`, () => assert.deepEqual(mismatchOf(one), { because, mayChange }));
  }

  for (const one of MATCHES) {
    it(`matches ${one.name}`, () => assert.equal(mismatchOf(one), undefined));
  }
});
