import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import type { FactStore } from './fact-store.js';
import type { Facts } from './facts.js';
import { recheckRecord, type Recheck } from './recheck-record.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { recordedCase } from './testing/records.js';
import { SERVING_WISH, type RequestWish } from './testing/requests.js';
import {
  ACCOUNT,
  ACCOUNT_REQUESTER,
  NODE,
  NODE_REQUESTER,
  POD,
  SERVICE,
  shopFacts,
  SLICE,
  USER_REQUESTER,
} from './testing/world.js';

interface Case {
  readonly name: string;
  readonly wish?: RequestWish;
  readonly policy?: Partial<ApprovalPolicySpec>;
  /** What became of the cluster since. */
  readonly change?: (facts: FactStore) => void;
  readonly isGone?: boolean;
  readonly expect: RegExp;
}

const SPIFFE_WISH: RequestWish = { uris: ['spiffe://cluster.local/ns/shop/sa/web'], usages: ['client auth'] };
const SPIFFE_POLICY: Partial<ApprovalPolicySpec> = {
  names: { provable: ['SPIFFE'] },
  minimumIdentity: 'ServiceAccount',
  usages: { allowed: ['client auth'] },
};
const NODE_WISH: RequestWish = {
  requester: NODE_REQUESTER,
  dns: ['node-a'],
  ips: ['192.168.7.11'],
  commonName: 'system:node:node-a',
  organizations: ['system:nodes'],
};
const NODE_POLICY: Partial<ApprovalPolicySpec> = {
  requesters: { nodes: true },
  names: { ownNode: true, nodeAddresses: { cidrs: ['192.168.7.0/24'] } },
};
const ZONE_WISH: RequestWish = { requester: USER_REQUESTER, dns: ['web.example.org'], ips: ['203.0.113.7'] };
const ZONE_POLICY: Partial<ApprovalPolicySpec> = {
  requesters: { users: ['martha'] },
  names: {
    dns: ['*.example.org'],
    cidrs: ['203.0.113.0/24'],
    reservedNames: ['localhost'],
    wildcards: ['*.shop.example.net'],
  },
};

const CASES: readonly Case[] = [
  {
    name: 'is stale where the address belongs to another pod now',
    change: (facts) => {
      facts.set('Pod', { ...POD, resourceVersion: '900', ips: ['10.0.34.3'] });
      facts.set('Pod', { ...POD, name: 'web-8a', uid: 'uid-other', resourceVersion: '901', ips: ['10.0.34.2'] });
    },
    expect: /^stale: IP "10\.0\.34\.2": .*web-8a/,
  },
  {
    name: 'is stale where the pod was deleted',
    change: (facts) => facts.remove('Pod', 'shop', 'web-7f'),
    expect: /^stale: pod shop\/web-7f is gone: there is no pod shop\/web-7f/,
  },
  {
    name: 'is stale where another pod has its name',
    change: (facts) => facts.set('Pod', { ...POD, uid: 'uid-other', resourceVersion: '900' }),
    expect: /^stale: pod shop\/web-7f is gone/,
  },
  {
    name: 'is stale where the pod is being deleted',
    change: (facts) => facts.set('Pod', { ...POD, deleting: true, resourceVersion: '900' }),
    expect: /^stale: pod shop\/web-7f is being deleted/,
  },
  {
    name: 'is stale where the pod has ended',
    change: (facts) => facts.set('Pod', { ...POD, phase: 'Failed', resourceVersion: '900' }),
    expect: /^stale: pod shop\/web-7f has ended/,
  },
  {
    name: 'waits where the service account is not seen, which is no evidence of these names',
    change: (facts) => facts.remove('ServiceAccount', 'shop', 'web'),
    expect: /^unknown, account missing: there is no service account shop\/web/,
  },
  {
    name: 'is stale where the Service does not select the pod any more',
    change: (facts) => facts.set('Service', { ...SERVICE, selector: { app: 'other' }, resourceVersion: '900' }),
    expect: /^stale: DNS "web\.shop\.svc\.cluster\.local"/,
  },
  {
    name: 'waits where the pod is in no slice',
    change: (facts) => facts.set('EndpointSlice', { ...SLICE, podUids: [], resourceVersion: '900' }),
    expect: /^unknown: DNS "web\.shop\.svc\.cluster\.local"/,
  },
  {
    name: 'is stale where the key is on record for somebody else',
    change: (facts) =>
      facts.setKeyHolder(recordedCase().request.publicKeyDigest, {
        record: 'r',
        requestName: 'theirs',
        identityKey: 'user:mallory',
      }),
    expect: /^stale: the key is on record for somebody else, by request/,
  },
  {
    name: 'waits where a pod is not seen that is no evidence, and it may be the cache',
    wish: SPIFFE_WISH,
    policy: SPIFFE_POLICY,
    change: (facts) => facts.remove('Pod', 'shop', 'web-7f'),
    expect: /^unknown, pod missing: there is no pod shop\/web-7f/,
  },
  {
    name: 'is stale where the API server says that this pod is gone',
    wish: SPIFFE_WISH,
    policy: SPIFFE_POLICY,
    change: (facts) => facts.remove('Pod', 'shop', 'web-7f'),
    isGone: true,
    expect: /^stale: pod shop\/web-7f is gone/,
  },
  {
    name: 'waits where the account of a pod was made anew, and it may be the cache',
    change: (facts) => facts.set('ServiceAccount', { ...ACCOUNT, uid: 'uid-other', resourceVersion: '900' }),
    expect: /^unknown, account missing: service account shop\/web has another uid/,
  },
  {
    name: 'is stale where the API server says that the account of a pod is gone',
    change: (facts) => facts.set('ServiceAccount', { ...ACCOUNT, uid: 'uid-other', resourceVersion: '900' }),
    isGone: true,
    expect: /^stale: service account shop\/web has another uid/,
  },
  {
    name: 'is stale where a service account was deleted',
    wish: { ...SPIFFE_WISH, requester: ACCOUNT_REQUESTER },
    policy: SPIFFE_POLICY,
    change: (facts) => facts.remove('ServiceAccount', 'shop', 'web'),
    expect: /^stale: there is no service account shop\/web/,
  },
  {
    name: 'is stale where a service account was made anew',
    wish: { ...SPIFFE_WISH, requester: ACCOUNT_REQUESTER },
    policy: SPIFFE_POLICY,
    change: (facts) => facts.set('ServiceAccount', { ...ACCOUNT, uid: 'uid-other', resourceVersion: '900' }),
    expect: /^stale: service account shop\/web has another uid/,
  },
  {
    name: 'is stale where the node was deleted',
    wish: NODE_WISH,
    policy: NODE_POLICY,
    change: (facts) => facts.remove('Node', '', 'node-a'),
    expect: /^stale: node node-a is gone/,
  },
  {
    name: 'waits where the node does not report the address any more',
    wish: NODE_WISH,
    policy: NODE_POLICY,
    change: (facts) => facts.set('Node', { ...NODE, ips: [], resourceVersion: '900' }),
    expect: /^unknown: IP "192\.168\.7\.11"/,
  },
  {
    name: 'is stale where a node has a name that a policy grants by pattern',
    wish: ZONE_WISH,
    policy: ZONE_POLICY,
    change: (facts) => facts.set('Node', { ...NODE, dnsNames: ['web.example.org'], resourceVersion: '900' }),
    expect: /^stale: DNS "web\.example\.org": it belongs to node node-a/,
  },
  {
    name: 'is stale where a Service has an address that a policy grants by network',
    wish: ZONE_WISH,
    policy: ZONE_POLICY,
    change: (facts) => facts.set('Service', { ...SERVICE, externalIPs: ['203.0.113.7'], resourceVersion: '900' }),
    expect: /^stale: IP "203\.0\.113\.7": /,
  },
  { name: 'holds where nothing changed', expect: /^holds$/ },
  {
    name: 'holds where objects have newer versions that say the same',
    change: (facts) => {
      facts.set('Pod', { ...POD, resourceVersion: '900', labels: { app: 'web', more: 'x' } });
      facts.set('Service', { ...SERVICE, resourceVersion: '901' });
    },
    expect: /^holds$/,
  },
  { name: 'holds for a SPIFFE ID', wish: SPIFFE_WISH, policy: SPIFFE_POLICY, expect: /^holds$/ },
  { name: 'holds for a node', wish: NODE_WISH, policy: NODE_POLICY, expect: /^holds$/ },
  { name: 'holds for a zone', wish: ZONE_WISH, policy: ZONE_POLICY, expect: /^holds$/ },
  {
    name: 'holds for a reserved name that a policy lists, and for a wildcard',
    wish: { ...ZONE_WISH, dns: ['localhost', '*.shop.example.net'], ips: [] },
    policy: ZONE_POLICY,
    expect: /^holds$/,
  },
  {
    name: 'holds for a common name that is one of the names',
    wish: { ...SERVING_WISH, commonName: 'web.shop.svc.cluster.local' },
    expect: /^holds$/,
  },
];

function text(recheck: Recheck): string {
  switch (recheck.kind) {
    case 'holds':
      return 'holds';
    case 'stale':
      return `stale: ${recheck.because}`;
    case 'unknown':
      return `unknown${recheck.missing === undefined ? '' : `, ${recheck.missing} missing`}: ${recheck.because}`;
    case 'needs':
      return `needs: ${recheck.questions.map(({ subresource }) => subresource).join(', ')}`;
  }
}

suite('recheckRecord', () => {
  for (const { name, wish, policy, change, isGone = false, expect } of CASES) {
    test(name, () => {
      const recorded = recordedCase(wish, policy);
      const facts = shopFacts();
      change?.(facts);
      assert.match(text(recheckRecord({ ...recorded, facts, settings: DEFAULT_SETTINGS, isGone })), expect);
    });
  }

  test('asks the authorizer again about a kubelet, and waits where it says no', () => {
    const wish: RequestWish = {
      requester: NODE_REQUESTER,
      commonName: 'system:node:node-a',
      organizations: ['system:nodes'],
      usages: ['digital signature', 'client auth'],
    };
    const policy: Partial<ApprovalPolicySpec> = {
      requesters: { nodes: true },
      names: { provable: ['KubeletClient'] },
      usages: { allowed: ['digital signature', 'client auth'] },
    };
    const answering = (answer: 'allowed' | 'denied' | undefined): Facts => ({
      ...shopFacts(),
      accessReview: () => answer,
    });
    const recorded = recordedCase(wish, policy, answering('allowed'));
    const recheck = (answer: 'allowed' | 'denied' | undefined): string =>
      text(recheckRecord({ ...recorded, facts: answering(answer), settings: DEFAULT_SETTINGS }));
    assert.match(recheck(undefined), /^needs: selfnodeclient/);
    assert.match(recheck('denied'), /^unknown: (CN|O) /);
    assert.equal(recheck('allowed'), 'holds');
  });
});
