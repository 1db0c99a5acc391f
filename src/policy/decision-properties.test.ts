import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';
import type { FactStore } from './fact-store.js';
import { decisionOf } from './testing/decisions.js';
import { compiledPolicyOf } from './testing/policies.js';
import { SERVING_WISH, type RequestWish } from './testing/requests.js';
import { ACCOUNT_REQUESTER, NODE_REQUESTER, shopFacts, USER_REQUESTER } from './testing/world.js';

/** Numbers that look random and are the same in every run (xorshift32). */
function numbers(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Pick = <Item>(items: readonly Item[]) => Item;

function picker(seed: number): Pick {
  const next = numbers(seed);
  return (items) => items[next(items.length)]!;
}

/** What would be a pattern elsewhere. */
const HOSTILE = ['*', '*.', '.', '**.example.com', '*.example.com', '.example.com', '[', '(', '.*', '%', '\\', '?'];

/** Requests that some policy below approves. */
const USUAL: readonly RequestWish[] = [
  SERVING_WISH,
  { uris: ['spiffe://cluster.local/ns/shop/sa/web'] },
  { dns: ['www.example.com'], ips: ['198.51.100.7'], commonName: 'www.example.com' },
  {
    requester: NODE_REQUESTER,
    dns: ['node-a'],
    ips: ['192.168.7.11'],
    commonName: 'system:node:node-a',
    organizations: ['system:nodes'],
  },
];

/** What may be otherwise: names that are foreign, early, reserved or hostile, and other requesters. */
function oddityOf(pick: Pick): RequestWish {
  return pick<RequestWish>([
    { dns: [pick(['web-8a.shop.pod.cluster.local', 'kubernetes.default.svc', 'node-a', 'web.shop.svc'])] },
    { dns: ['web.shop.svc', pick(HOSTILE)] },
    { ips: [pick(['10.0.34.9', '10.0.34.2', '172.20.0.9', '172.20.0.1', '192.168.7.11'])] },
    { uris: [pick(['spiffe://cluster.local/ns/bank/sa/vault', 'urn:a', ...HOSTILE].filter(isWritable))] },
    { commonName: pick(['10.0.34.2', 'web.shop.svc', 'system:node:node-a', 'system:admin', ...HOSTILE]) },
    { organizations: [pick(['system:nodes', 'Shop', ...HOSTILE])] },
    { usages: pick([['client auth'], ['*'], []]) },
    { requester: pick([ACCOUNT_REQUESTER, NODE_REQUESTER, USER_REQUESTER]) },
  ]);
}

function wishOf(pick: Pick): RequestWish {
  return { usages: ['server auth'], ...pick(USUAL), ...pick([{}, oddityOf(pick), oddityOf(pick)]) };
}

/** The API refuses other URIs before anybody decides. */
function isWritable(uri: string): boolean {
  return !uri.includes('%') && !uri.startsWith('[');
}

function specOf(pick: Pick): Partial<ApprovalPolicySpec> {
  return {
    mode: pick(['Enforce', 'Enforce', 'Shadow']),
    onViolation: pick(['Deny', 'Defer']),
    requesters: pick([
      { serviceAccounts: [{ namespaces: ['shop'] }] },
      { serviceAccounts: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] },
      { groups: ['system:authenticated'] },
      { nodes: true },
    ]),
    names: pick([
      { provable: ['PodIP', 'PodDNS', 'ServiceDNS', 'ServiceClusterIP'] },
      { provable: ['SPIFFE'], ownNode: true, uris: ['urn:a'] },
      { dns: ['**.example.com'], cidrs: ['198.51.100.0/24', '10.0.0.0/8'], wildcards: ['*.a.example.com'] },
      { ownNode: true, nodeAddresses: { cidrs: ['192.168.0.0/16'] }, provable: ['PodIP', 'ServiceDNS'] },
    ]),
    subject: pick([{}, { commonName: 'Required' }, { organizations: ['Shop'] }]),
    usages: {
      allowed: pick([
        ['server auth', 'digital signature'],
        ['server auth', 'digital signature', 'client auth'],
      ]),
    },
  };
}

function policiesOf(pick: Pick): readonly CompiledPolicy[] {
  return ['b', 'd', 'f'].slice(0, pick([1, 2, 3])).map((name) => compiledPolicyOf(specOf(pick), name));
}

const REMOVALS: readonly ((facts: FactStore) => void)[] = [
  (facts) => facts.remove('Pod', 'shop', 'web-7f'),
  (facts) => facts.remove('Service', 'shop', 'web'),
  (facts) => facts.remove('EndpointSlice', 'shop', 'web-x2k9p'),
  (facts) => facts.remove('ServiceAccount', 'shop', 'web'),
  (facts) => facts.remove('Namespace', '', 'shop'),
  (facts) => facts.remove('Node', '', 'node-a'),
];

const SEEDS = Array.from({ length: 250 }, (_, i) => i + 1);

describe('decideApproval, whatever is asked', () => {
  it('decides differently from case to case, so that the properties below mean something', () => {
    const kinds = new Map<string, number>();
    for (const seed of SEEDS) {
      const pick = picker(seed);
      const { kind } = decisionOf({ wish: wishOf(pick), policies: policiesOf(pick) });
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    for (const kind of ['approve', 'deny', 'defer'])
      assert.ok((kinds.get(kind) ?? 0) >= 20, `${kind}: ${kinds.get(kind) ?? 0}`);
  });

  it('does not change its verdict for a policy that does not match, is about another signer, or is in shadow mode', () => {
    for (const seed of SEEDS) {
      const pick = picker(seed);
      const wish = wishOf(pick);
      const policies = policiesOf(pick);
      const idle = pick<CompiledPolicy | NotReadyPolicy>([
        compiledPolicyOf({ ...specOf(pick), mode: 'Enforce', requesters: { users: ['*', 'nobody'].slice(1) } }, 'a'),
        compiledPolicyOf({ ...specOf(pick), signerNames: ['countersign.dev/other'] }, 'c'),
        compiledPolicyOf({ ...specOf(pick), mode: 'Shadow' }, 'e'),
      ]);
      const before = decisionOf({ wish, policies });
      const after = decisionOf({ wish, policies: [...policies, idle] });
      assert.equal(after.kind, before.kind, `seed ${seed}`);
      if (before.kind === 'approve' || before.kind === 'deny') {
        assert.equal(after.kind === before.kind && after.message, before.message, `seed ${seed}`);
      }
    }
  });

  it('never approves with fewer objects of the cluster what it does not approve with all of them', () => {
    for (const seed of SEEDS) {
      const pick = picker(seed);
      const situation = { wish: wishOf(pick), policies: policiesOf(pick).filter(isAboutProofs) };
      if (decisionOf(situation).kind === 'approve') continue;
      for (const remove of REMOVALS) {
        const { kind } = decisionOf({ ...situation, facts: shopFacts(remove) });
        assert.notEqual(kind, 'approve', `seed ${seed}`);
      }
    }
  });

  it('never approves with less than two grants what neither policy grants whole', () => {
    for (const seed of SEEDS) {
      const pick = picker(seed);
      const wish = wishOf(pick);
      const policies = policiesOf(pick);
      const alone = policies.some((policy) => decisionOf({ wish, policies: [policy] }).kind === 'approve');
      assert.equal(decisionOf({ wish, policies }).kind === 'approve', alone, `seed ${seed}`);
    }
  });

  it('says the same for the same input, in whatever order policies come', () => {
    for (const seed of SEEDS.slice(0, 100)) {
      const pick = picker(seed);
      const wish = wishOf(pick);
      const policies = policiesOf(pick);
      assert.deepEqual(decisionOf({ wish, policies }), decisionOf({ wish, policies: policies.toReversed() }));
    }
  });

  it('takes no value of a request for a pattern', () => {
    const spec: Partial<ApprovalPolicySpec> = {
      requesters: { groups: ['system:authenticated'] },
      names: { dns: ['**.example.com', '*.shop.example.com'], uris: ['urn:a'], emails: ['a@example.com'] },
      subject: { organizations: ['Shop'] },
      usages: { allowed: ['server auth'] },
    };
    const policies = [compiledPolicyOf(spec)];
    for (const text of HOSTILE) {
      const wishes: readonly RequestWish[] = [
        { dns: [text] },
        ...(isWritable(text) ? [{ uris: [text] }] : []),
        { emails: [text] },
        { dns: ['a.example.com'], commonName: text },
        { dns: ['a.example.com'], organizations: [text] },
        { dns: ['a.example.com'], usages: [text] },
        { dns: ['a.example.com'], signerName: text },
      ];
      for (const wish of wishes) {
        const { kind } = decisionOf({ policies, wish: { usages: ['server auth'], ...wish } });
        assert.equal(kind, 'defer', JSON.stringify(wish));
      }
    }
    assert.equal(decisionOf({ policies, wish: { dns: ['a.example.com'], usages: ['server auth'] } }).kind, 'approve');
  });
});

/**
 * Whether a policy grants only what objects prove. What a policy grants by itself is withheld where an object of the
 * cluster has it, so that fewer objects may mean more.
 */
function isAboutProofs({ names }: CompiledPolicy): boolean {
  return names.explicit.dns.length === 0 && names.explicit.cidrs.length === 0;
}
