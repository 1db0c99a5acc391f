import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { UnixSeconds } from '../../base/clock.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { requestOf } from '../../policy/testing/requests.js';
import { USER_REQUESTER } from '../../policy/testing/world.js';
import type { PolicyReview } from '../../policy/verdict.js';
import { decide, isPending, withDecision, type Judgement, type Seen, type Told } from './decide.js';

const POLICY = { name: 'workload-serving', uid: 'p1', generation: 3 };
const NOTHING_TOLD: Told = { shadows: new Set() };

const CSR: CertificateSigningRequest = {
  metadata: { name: 'web', uid: 'uid-csr-web', resourceVersion: '7', labels: { team: 'shop' } },
  spec: { request: '', signerName: 'countersign.dev/serving' },
  status: {},
};

const APPROVE: Judgement['verdict'] = { kind: 'approve', policy: POLICY, names: [], message: 'fine', reviews: [] };
const DENY: Judgement['verdict'] = { kind: 'deny', policies: [POLICY], violations: [], message: 'no', reviews: [] };
const DEFER: Judgement['verdict'] = { kind: 'defer', message: 'pod shop/web has no address yet', reviews: [] };

function judged(verdict: Judgement['verdict'], told: Partial<Told> = {}, asked = false): Seen {
  const request = requestOf();
  const identity = { kind: 'user', requester: USER_REQUESTER } as const;
  const judgement: Judgement = { csr: CSR, request, identity, verdict };
  return { kind: 'judged', judgement, told: { ...NOTHING_TOLD, ...told }, asked };
}

const inShadow = (review: Partial<PolicyReview>): PolicyReview =>
  ({ policy: POLICY, mode: 'Shadow', kind: 'approve', names: [], ...review }) as PolicyReview;

/** What is done, in short: kinds of actions, or what the decision is. */
function outcome(seen: Seen): readonly string[] {
  const decision = decide(seen);
  if (decision.kind !== 'act') return [decision.kind];
  return decision.actions.map((action) => {
    switch (action.kind) {
      case 'settle':
        return `settle ${action.verdict.kind}`;
      case 'defer':
        return `defer: ${action.message}`;
      case 'shadow':
        return `${action.shadow.reason}: ${action.shadow.message}`;
    }
  });
}

suite('approver decisions', () => {
  const violation = { path: 'spec.usages', detail: 'it is empty', kind: 'broken' } as const;
  const unknown = { path: 'request.subjectAltNames[0]', detail: 'it has no address yet', kind: 'unknown' } as const;
  const cases: readonly { readonly name: string; readonly seen: Seen; readonly expect: readonly string[] }[] = [
    { name: 'nothing is done about what is decided or gone', seen: { kind: 'settled' }, expect: ['done'] },
    {
      name: 'nothing is decided while not everything has been read',
      seen: { kind: 'blind', standing: { kind: 'syncing', resources: ['pods'] } },
      expect: ['wait'],
    },
    {
      name: 'nothing is decided on caches that nobody has heard of for too long',
      seen: { kind: 'blind', standing: { kind: 'silent', resource: 'pods', seconds: 200 } },
      expect: ['wait'],
    },
    {
      name: 'what cannot be read waits for a person, with the reason',
      seen: { kind: 'unreadable', csr: CSR, detail: 'no PEM', told: NOTHING_TOLD },
      expect: ['defer: the request cannot be read: no PEM'],
    },
    {
      name: 'that is told once',
      seen: {
        kind: 'unreadable',
        csr: CSR,
        detail: 'no PEM',
        told: { ...NOTHING_TOLD, deferral: 'the request cannot be read: no PEM' },
      },
      expect: ['done'],
    },
    { name: 'an approval is carried out', seen: judged(APPROVE), expect: ['settle approve'] },
    { name: 'a denial is carried out', seen: judged(DENY), expect: ['settle deny'] },
    { name: 'a deferral is told', seen: judged(DEFER), expect: ['defer: pod shop/web has no address yet'] },
    {
      name: 'a deferral for another reason is told',
      seen: judged(DEFER, { deferral: 'something else' }),
      expect: ['defer: pod shop/web has no address yet'],
    },
    {
      name: 'a deferral for the same reason is not told again',
      seen: judged(DEFER, { deferral: 'pod shop/web has no address yet' }),
      expect: ['done'],
    },
    {
      name: 'an authorizer that was asked is asked again some time',
      seen: judged(DEFER, { deferral: 'pod shop/web has no address yet' }, true),
      expect: ['wait'],
    },
    {
      name: 'what a policy in shadow mode would have approved is told beside what is done',
      seen: judged({ ...DENY, reviews: [inShadow({})] }),
      expect: [
        'ShadowApproved: policy workload-serving is in shadow mode, and would have approved 0 names',
        'settle deny',
      ],
    },
    {
      name: 'what a policy in shadow mode would have denied is told, with what is final of its reasons',
      seen: judged({
        ...DEFER,
        reviews: [inShadow({ kind: 'violated', onViolation: 'Deny', violations: [violation, unknown], names: [] })],
      }),
      expect: [
        'ShadowDenied: policy workload-serving is in shadow mode, and would have denied: spec.usages: it is empty',
        'defer: pod shop/web has no address yet',
      ],
    },
    {
      name: 'a policy in shadow mode that would have waited is not told',
      seen: judged({
        ...APPROVE,
        reviews: [
          inShadow({ kind: 'violated', onViolation: 'Deny', violations: [unknown], names: [] }),
          inShadow({ kind: 'violated', onViolation: 'Defer', violations: [violation], names: [] }),
          inShadow({ kind: 'noMatch', because: 'users', mayChange: false }),
          inShadow({ kind: 'notReady', because: 'it is new' }),
        ],
      }),
      expect: ['settle approve'],
    },
    {
      name: 'a policy in shadow mode is told once for each of its versions',
      seen: judged(
        { ...DEFER, reviews: [inShadow({}), inShadow({ policy: { ...POLICY, generation: 4 } })] },
        { deferral: DEFER.message, shadows: new Set(['p1/3/approve']) },
      ),
      expect: ['ShadowApproved: policy workload-serving is in shadow mode, and would have approved 0 names'],
    },
    {
      name: 'a policy that is enforced is no shadow',
      seen: judged({ ...APPROVE, reviews: [{ policy: POLICY, mode: 'Enforce', kind: 'approve', names: [] }] }),
      expect: ['settle approve'],
    },
  ];
  for (const { name, seen, expect } of cases) {
    test(name, () => assert.deepEqual(outcome(seen), expect));
  }

  test('a deferral that depends on the authorizer says when to look again', () => {
    const decision = decide(judged(DEFER, {}, true));
    assert.ok(decision.kind === 'act' && decision.actions[0]?.kind === 'defer');
    assert.equal(decision.actions[0].again?.delayMs, 60_000);
  });
});

suite('pending requests', () => {
  const condition = (type: string, status = 'True') => ({ conditions: [{ type, status }] });
  const cases: readonly { readonly name: string; readonly status: object; readonly pending: boolean }[] = [
    { name: 'without conditions', status: {}, pending: true },
    { name: 'with a condition of somebody else', status: condition('Reviewed'), pending: true },
    { name: 'approved', status: condition('Approved'), pending: false },
    { name: 'denied', status: condition('Denied'), pending: false },
    { name: 'failed', status: condition('Failed'), pending: false },
    { name: 'approved with status False, which counts', status: condition('Approved', 'False'), pending: false },
    { name: 'with a certificate', status: { certificate: 'AAAA' }, pending: false },
  ];
  for (const { name, status, pending } of cases) {
    test(`a request ${name} is ${pending ? '' : 'not '}pending`, () => {
      assert.equal(isPending({ ...CSR, status }), pending);
    });
  }
});

suite('decided requests', () => {
  const now = 1_700_000_000 as UnixSeconds;

  test('an approval is added to what is there, and nothing else changes', () => {
    const csr = { ...CSR, status: { conditions: [{ type: 'Reviewed', status: 'True' }] } };
    assert.deepEqual(withDecision(csr, { kind: 'approve', message: 'fine' }, now), {
      ...csr,
      status: {
        conditions: [
          { type: 'Reviewed', status: 'True' },
          {
            type: 'Approved',
            status: 'True',
            reason: 'ApprovedByPolicy',
            message: 'fine',
            lastUpdateTime: '2023-11-14T22:13:20Z',
          },
        ],
      },
    });
  });

  test('a denial has its own type and reason, and a bounded message', () => {
    const [condition] = withDecision(CSR, { kind: 'deny', message: 'x'.repeat(5000) }, now).status.conditions ?? [];
    assert.equal(condition?.type, 'Denied');
    assert.equal(condition.reason, 'DeniedByPolicy');
    assert.equal(condition.message, `${'x'.repeat(4093)}...`);
  });
});
