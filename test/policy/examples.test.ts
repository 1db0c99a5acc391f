import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { FakeClock } from '../../src/base/fake-clock.js';
import { loadCelEngine } from '../../src/cel/cel-engine.js';
import type { ApprovalPolicy } from '../../src/certificates/approval-policy.js';
import { decodeObject } from '../../src/kube/decode-json.js';
import { fieldErrorText } from '../../src/kube/field-error.js';
import { compilePolicy } from '../../src/policy/compile-policy.js';
import type { CompiledPolicy } from '../../src/policy/compiled-policy.js';
import { decisionOf, withAnswers } from '../../src/policy/testing/decisions.js';
import { SERVING_WISH, type RequestWish } from '../../src/policy/testing/requests.js';
import {
  ACCOUNT_REQUESTER,
  NAMESPACE,
  NODE,
  NODE_REQUESTER,
  shopFacts,
  USER_REQUESTER,
} from '../../src/policy/testing/world.js';
import { approvalPolicySchema } from '../../src/registry/approvalpolicies/schema.js';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const engine = await loadCelEngine({ clock: new FakeClock() });

/** The policy of an example, read as the API server reads it and compiled as an approver does. */
function policyOf(file: string): CompiledPolicy {
  const { object, unknownFields } = decodeObject(
    approvalPolicySchema,
    'ApprovalPolicy',
    parse(readFileSync(`${FOLDER}${file}`, 'utf8')),
  );
  assert.deepEqual(unknownFields, []);
  const compilation = compilePolicy(object as ApprovalPolicy, engine); // decoded by the schema of its kind
  if (compilation.kind === 'compiled') return compilation.policy;
  return assert.fail(compilation.errors.map(fieldErrorText).join('\n'));
}

/** What each example is there for: a request that it approves, and requests that it does not. */
interface Example {
  readonly file: string;
  readonly approves: RequestWish;
  readonly denies?: readonly RequestWish[];
  readonly defers: readonly RequestWish[];
}

const CLIENT_USAGES = ['digital signature', 'key encipherment', 'client auth'];
const nodeSubject: RequestWish = {
  requester: NODE_REQUESTER,
  commonName: 'system:node:node-a',
  organizations: ['system:nodes'],
};
const kubeletServing: RequestWish = {
  ...nodeSubject,
  signerName: 'kubernetes.io/kubelet-serving',
  dns: ['node-a', 'node-a.nodes.example.com'],
  ips: ['192.168.7.11'],
};
const kubeletClient: RequestWish = {
  ...nodeSubject,
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: CLIENT_USAGES,
};
const spiffe: RequestWish = {
  signerName: 'countersign.dev/client',
  requester: ACCOUNT_REQUESTER,
  uris: ['spiffe://cluster.local/ns/shop/sa/web'],
  usages: CLIENT_USAGES,
  expirationSeconds: 3600,
};
const zone: RequestWish = {
  dns: ['payments.example.com', 'a.b.payments.example.com', '*.payments.example.com'],
  organizations: ['Payments'],
  usages: ['digital signature', 'server auth'],
  expirationSeconds: 86_400,
};

const EXAMPLES: readonly Example[] = [
  {
    file: 'workload-serving.yaml',
    approves: { ...SERVING_WISH, ips: ['10.0.34.2', '172.20.0.9'], commonName: 'web.shop.svc.cluster.local' },
    denies: [
      { dns: ['web-8a.shop.pod.cluster.local'] },
      { dns: ['web'] },
      { ...SERVING_WISH, organizations: ['Shop'] },
      { ...SERVING_WISH, usages: CLIENT_USAGES },
    ],
    defers: [{ ips: ['10.0.34.9'] }, { ...SERVING_WISH, requester: ACCOUNT_REQUESTER }],
  },
  {
    file: 'workload-client.yaml',
    approves: spiffe,
    denies: [
      { ...spiffe, uris: ['spiffe://cluster.local/ns/shop/sa/db'] },
      { ...spiffe, commonName: 'spiffe://cluster.local/ns/shop/sa/web' },
      { ...spiffe, expirationSeconds: 86_401 },
    ],
    defers: [{ ...spiffe, requester: USER_REQUESTER }],
  },
  {
    file: 'kubelet-serving.yaml',
    approves: kubeletServing,
    defers: [
      { ...kubeletServing, dns: [], ips: [] },
      { ...kubeletServing, ips: ['10.0.34.2'] },
      { ...kubeletServing, dns: ['node-a.example.net'] },
      { ...kubeletServing, commonName: 'system:node:node-b' },
      { ...kubeletServing, requester: USER_REQUESTER },
    ],
  },
  {
    file: 'kubelet-client.yaml',
    approves: kubeletClient,
    defers: [
      { ...kubeletClient, dns: ['node-a'] },
      { ...kubeletClient, organizations: ['system:masters'] },
      { ...kubeletClient, commonName: 'system:node:node-b' },
    ],
  },
  {
    file: 'team-zone.yaml',
    approves: zone,
    defers: [
      { ...zone, dns: ['*.a.payments.example.com'] },
      { ...zone, dns: ['web.shop.svc.cluster.local'] },
      { ...zone, organizations: ['payments'] },
      { ...zone, requester: ACCOUNT_REQUESTER },
    ],
  },
];

/** The shop, in production, run by the payments team, on a node in the domain of nodes that may ask for itself. */
const facts = withAnswers(
  shopFacts((store) => {
    store.set('Namespace', { ...NAMESPACE, labels: { team: 'payments', stage: 'production' } });
    store.set('Node', { ...NODE, dnsNames: ['node-a', 'node-a.nodes.example.com', 'node-a.example.net'] });
  }),
  { selfnodeclient: 'allowed', nodeclient: 'denied' },
);

describe('the policies in examples/', () => {
  it('are all here', () => {
    const files = EXAMPLES.map(({ file }) => file).sort();
    assert.deepEqual(
      readdirSync(FOLDER)
        .filter((file) => file.endsWith('.yaml'))
        .sort(),
      files,
    );
  });

  for (const { file, approves, denies = [], defers } of EXAMPLES) {
    it(`${file} approves what it is there for, and nothing beside it`, () => {
      const policies = [policyOf(file)];
      const kindOf = (wish: RequestWish): string => {
        const decision = decisionOf({ wish, policies, facts });
        return decision.kind === 'approve' ? 'approve' : `${decision.kind} ${JSON.stringify(wish)}`;
      };
      for (const wish of denies) assert.match(kindOf(wish), /^deny/);
      for (const wish of defers) assert.match(kindOf(wish), /^defer/);
      assert.equal(kindOf(approves), 'approve');
    });
  }

  it('team-zone.yaml waits for a namespace in production, as its rule says', () => {
    const staging = shopFacts((store) => store.set('Namespace', { ...NAMESPACE, labels: { team: 'payments' } }));
    const decision = decisionOf({ wish: zone, policies: [policyOf('team-zone.yaml')], facts: staging });
    assert.equal(decision.kind, 'defer');
    assert.match(decision.message, /rule "production-only" is not met: names of this zone/);
  });
});
