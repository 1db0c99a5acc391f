import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../base/base64.js';
import { utf8 } from '../base/bytes.js';
import type { ApprovalPolicySpec } from '../certificates/approval-policy.js';
import type { CertificateRecord, CertificateRecordSpec } from '../certificates/certificate-record.js';
import { encodePem } from '../x509/pem.js';
import { decideApproval } from './decide-approval.js';
import { lookAtVariables } from './expression-variables.js';
import { recordingFacts } from './facts-snapshot.js';
import { identify } from './identity.js';
import { parseFactsSnapshot } from './parse-facts-snapshot.js';
import { createPolicySet } from './policy-set.js';
import { buildRecordSpec } from './record.js';
import { replayRecord, type Replay } from './replay-record.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { NOW } from './testing/decisions.js';
import { compiledPolicyOf, scriptedEngine } from './testing/policies.js';
import { digestForTests, requestOf, SERVING_WISH, type RequestWish } from './testing/requests.js';
import { shopFacts } from './testing/world.js';

type Spec = Partial<ApprovalPolicySpec>;

/** The record of what a policy decided about a request in the shop. */
function recorded(policy: Spec = {}, wish: RequestWish = SERVING_WISH): CertificateRecord {
  const facts = recordingFacts(shopFacts());
  const request = requestOf(wish);
  const identity = identify(request.requester, facts);
  const policies = createPolicySet([compiledPolicyOf(policy)]);
  const decision = decideApproval({ request, identity, facts, policies, settings: DEFAULT_SETTINGS, now: NOW });
  assert.ok(decision.kind === 'approve' || decision.kind === 'deny');
  lookAtVariables(identity, facts);
  const unsigned = buildRecordSpec({ request, identity, decision, facts: facts.snapshot(), now: NOW });
  const pem = toBase64(utf8(encodePem('CERTIFICATE REQUEST', request.request.der)));
  const spec: CertificateRecordSpec = {
    ...unsigned,
    request: { ...unsigned.request, request: pem },
    signature: { keyID: '', value: '' },
  };
  return { metadata: { name: 'uid-csr-web' }, spec };
}

function replay(record: CertificateRecord, ...policies: readonly Spec[]): Replay {
  const set = createPolicySet(policies.map((spec, i) => compiledPolicyOf(spec, `p${i}`)));
  return replayRecord(record, { policies: set, settings: DEFAULT_SETTINGS, sha256: digestForTests });
}

function withSpec(record: CertificateRecord, change: Partial<CertificateRecordSpec>): CertificateRecord {
  return { ...record, spec: { ...record.spec, ...change } };
}

function withoutLookup(record: CertificateRecord, lookup: string): CertificateRecord {
  const facts = parseFactsSnapshot(JSON.parse(record.spec.facts ?? ''));
  const lookups = facts.lookups.filter((other) => other !== lookup);
  return withSpec(record, { facts: JSON.stringify({ ...facts, lookups }) });
}

const BY_LABEL: Spec = {
  requesters: { serviceAccounts: [{ namespaceSelector: { matchLabels: { team: 'shop' } } }] },
};

const GREEDY: RequestWish = { dns: ['shop.example.com'] };

interface Case {
  readonly name: string;
  readonly record: CertificateRecord;
  readonly policies: readonly Spec[];
  readonly kind: Replay['kind'];
  readonly message: RegExp;
}

const cases: readonly Case[] = [
  { name: 'the same policy says the same', record: recorded(), policies: [{}], kind: 'same', message: /^approved by/ },
  {
    name: 'a policy with fewer kinds of names approves no longer, and says which name',
    record: recorded(),
    policies: [{ names: { provable: ['ServiceDNS', 'PodDNS'] } }],
    kind: 'noLongerApproved',
    message: /request\.subjectAltNames\[2\]: IP "10\.0\.34\.2": the policy grants no such name/,
  },
  {
    name: 'a policy that now denies approves no longer',
    record: recorded(),
    policies: [{ onViolation: 'Deny', usages: { allowed: ['client auth'] } }],
    kind: 'noLongerApproved',
    message: /^denied by policy p0/,
  },
  {
    name: 'no policy approves no longer',
    record: recorded(),
    policies: [],
    kind: 'noLongerApproved',
    message: /no policy/,
  },
  {
    name: 'a policy in shadow mode approves no longer',
    record: recorded(),
    policies: [{ mode: 'Shadow' }],
    kind: 'noLongerApproved',
    message: /no policy/,
  },
  {
    name: 'a policy that grants more approves what was denied',
    record: recorded({ onViolation: 'Deny' }, { ...SERVING_WISH, usages: ['server auth', 'client auth'] }),
    policies: [{ usages: { allowed: ['server auth', 'client auth'] } }],
    kind: 'newlyApproved',
    message: /^approved by policy p0/,
  },
  {
    name: 'a policy that only defers no longer denies',
    record: recorded({ onViolation: 'Deny' }, GREEDY),
    policies: [{ names: { provable: ['ServiceDNS'] } }],
    kind: 'noLongerDenied',
    message: /^waits for a person/,
  },
  {
    name: 'the same denial is the same',
    record: recorded({ onViolation: 'Deny' }, GREEDY),
    policies: [{ onViolation: 'Deny' }],
    kind: 'same',
    message: /^denied by/,
  },
  {
    name: 'what a policy looks up that nobody looked up then is not known',
    record: recorded({ onViolation: 'Deny' }, GREEDY),
    policies: [{ names: { dns: ['shop.example.com'] } }],
    kind: 'cannotTell',
    message: /^policy p0 depends on what nobody looked at then: node shop\.example\.com$/,
  },
  {
    name: 'a policy that selects namespaces by labels that are not on record is not known',
    record: withoutLookup(recorded(), 'namespace shop'),
    policies: [BY_LABEL],
    kind: 'cannotTell',
    message: /namespace shop$/,
  },
  {
    name: 'one policy that surely approves is enough beside another that is not known',
    record: withoutLookup(recorded(), 'namespace shop'),
    policies: [BY_LABEL, {}],
    kind: 'same',
    message: /^approved by policy p1$/,
  },
  {
    name: 'what somebody else decided is not replayed',
    record: withSpec(recorded(), { decision: { ...recorded().spec.decision, by: 'Other' } }),
    policies: [{}],
    kind: 'cannotTell',
    message: /^no policy decided about it$/,
  },
  {
    name: 'facts that are not facts are none',
    record: withSpec(recorded(), { facts: '{"pods":7}' }),
    policies: [{}],
    kind: 'cannotTell',
    message: /^Cannot read facts: facts\.pods: /,
  },
  {
    name: 'facts that are no JSON are none',
    record: withSpec(recorded(), { facts: '{' }),
    policies: [{}],
    kind: 'cannotTell',
    message: /JSON/,
  },
  {
    name: 'facts that were too many are none',
    record: withSpec(recorded(), { facts: '{"leftOut":"70000 bytes"}' }),
    policies: [{}],
    kind: 'cannotTell',
    message: /^its facts were too many to be kept$/,
  },
];

suite('replay of a record', () => {
  for (const { name, record, policies, kind, message } of cases) {
    test(name, () => {
      const replayed = replay(record, ...policies);
      assert.equal(replayed.kind, kind, replayed.message);
      assert.match(replayed.message, message);
    });
  }

  test('a record without facts cannot be told of', () => {
    const { spec, ...rest } = recorded();
    const { facts: _facts, ...without } = spec;
    assert.deepEqual(replay({ ...rest, spec: without }, {}), { kind: 'cannotTell', message: 'no facts are on record' });
  });

  test('rules see the time of the decision', () => {
    const seen: unknown[] = [];
    const engine = scriptedEngine({
      now: (variables) => {
        seen.push((variables['request'] as { readonly ageSeconds: number }).ageSeconds); // as rules see it
        return { kind: 'value', value: true };
      },
    });
    const policies = createPolicySet([compiledPolicyOf({ rules: [{ name: 'r', expression: 'now' }] }, 'p', engine)]);
    const replayed = replayRecord(recorded(), { policies, settings: DEFAULT_SETTINGS, sha256: digestForTests });
    assert.equal(replayed.kind, 'same');
    assert.deepEqual(new Set(seen), new Set([10]));
  });
});
