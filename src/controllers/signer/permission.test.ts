import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toUnixSeconds } from '../../base/clock.js';
import type { CertificateRecord, CertificateRecordStatus } from '../../certificates/certificate-record.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { formatTime } from '../../kube/time.js';
import { recordedCase } from '../../policy/testing/records.js';
import { decideNext, type SigningSeen } from './next-step.js';
import { decidePermission, type Permission, type RecordedApproval } from './permission.js';

const NOW = toUnixSeconds(1_700_000_000);

function approvedCsr(secondsAgo: number | null = 0): CertificateSigningRequest {
  const lastUpdateTime = secondsAgo === null ? null : formatTime(toUnixSeconds(NOW - secondsAgo));
  return {
    metadata: { name: 'web', uid: 'u1' },
    spec: { request: '', signerName: 'example.com/serving' },
    status: { conditions: [{ type: 'Approved', status: 'True', reason: 'ApprovedByPolicy', lastUpdateTime }] },
  };
}

function record(status: CertificateRecordStatus = {}): CertificateRecord {
  return { metadata: { name: 'u1' }, spec: recordedCase().spec, status };
}

const HOLDS: Extract<RecordedApproval, { readonly kind: 'recorded' }> = {
  kind: 'recorded',
  record: record(),
  standing: { kind: 'fresh' },
  evidence: { kind: 'reached' },
  recheck: { kind: 'holds' },
  asked: false,
};

function text(permission: Permission): string {
  switch (permission.kind) {
    case 'sign':
      return permission.record === undefined ? 'sign' : 'sign on record';
    case 'fail':
      return `fail ${permission.reason}: ${permission.message}`;
    case 'wait':
      return `wait ${permission.delayMs ?? 'for a change'}, ${permission.reason}: ${permission.because}`;
  }
}

interface Case {
  readonly name: string;
  readonly approval: RecordedApproval;
  readonly csr?: CertificateSigningRequest;
  readonly expect: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'fails what is recorded by somebody whom nobody trusts',
    approval: { kind: 'invalid', detail: 'its signature does not verify' },
    expect: /^fail RecordInvalid: its signature does not verify$/,
  },
  {
    name: 'waits for a record for a minute, and looks again',
    approval: { kind: 'absent' },
    csr: approvedCsr(59),
    expect: /^wait 2000, SigningWaits: .*no record/,
  },
  {
    name: 'fails what has no record after a minute',
    approval: { kind: 'absent' },
    csr: approvedCsr(60),
    expect: /^fail RecordMissing: .*no record/,
  },
  {
    name: 'gives an approval from the future no more time',
    approval: { kind: 'absent' },
    csr: approvedCsr(-3600),
    expect: /^fail RecordMissing/,
  },
  {
    name: 'gives an approval without a time none',
    approval: { kind: 'absent' },
    csr: approvedCsr(null),
    expect: /^fail RecordMissing/,
  },
  {
    name: 'waits where nobody told it whom to trust',
    approval: { kind: 'untrusted' },
    expect: /^wait for a change, RecordTrustMissing: .*--record-trust/,
  },
  {
    name: 'fails what facts contradict',
    approval: { ...HOLDS, recheck: { kind: 'stale', because: 'IP 10.0.0.7: it belongs to pod shop/b' } },
    expect: /^fail EvidenceStale: IP 10\.0\.0\.7: it belongs to pod shop\/b$/,
  },
  {
    name: 'does not believe a contradiction from caches that are silent',
    approval: {
      ...HOLDS,
      standing: { kind: 'silent', resource: 'pods', seconds: 200 },
      recheck: { kind: 'stale', because: 'x' },
    },
    expect: /^wait 2000, SigningWaits: nothing was heard of pods for 200 s$/,
  },
  {
    name: 'does not believe a contradiction from caches that are not filled',
    approval: {
      ...HOLDS,
      standing: { kind: 'syncing', resources: ['pods', 'services'] },
      recheck: { kind: 'stale', because: 'x' },
    },
    expect: /^wait 2000, SigningWaits: nothing is known yet of pods, services$/,
  },
  {
    name: 'does not believe a contradiction from caches that are behind the evidence',
    approval: {
      ...HOLDS,
      evidence: { kind: 'behind', because: 'Pod a/b was seen later', comparable: true },
      recheck: { kind: 'stale', because: 'x' },
    },
    expect: /^wait 2000, SigningWaits: Pod a\/b was seen later$/,
  },
  {
    name: 'waits without polling for what may come',
    approval: { ...HOLDS, recheck: { kind: 'unknown', because: 'not yet' } },
    expect: /^wait for a change, SigningWaits: not yet$/,
  },
  {
    name: 'asks the authorizer again after a minute where it said no',
    approval: { ...HOLDS, asked: true, recheck: { kind: 'unknown', because: 'not yet' } },
    expect: /^wait 60000, SigningWaits: not yet$/,
  },
  {
    name: 'looks again where the authorizer did not answer',
    approval: { ...HOLDS, recheck: { kind: 'needs', questions: [] } },
    expect: /^wait 2000/,
  },
  {
    name: 'does not sign again what its record says is issued',
    approval: { ...HOLDS, record: record({ issuance: { phase: 'Issued', serialNumber: '0a' } }) },
    expect: /^wait for a change, SigningWaits: its record says that it has its certificate$/,
  },
  {
    name: 'leaves what cannot be read to the checks of every request',
    approval: { kind: 'unreadable' },
    expect: /^sign$/,
  },
  { name: 'signs what still holds', approval: HOLDS, expect: /^sign on record$/ },
  {
    name: 'signs again what a crash left unpublished',
    approval: { ...HOLDS, record: record({ issuance: { phase: 'Intended', serialNumber: '0a' } }) },
    expect: /^sign on record$/,
  },
];

suite('decidePermission', () => {
  for (const { name, approval, csr = approvedCsr(), expect } of CASES) {
    test(name, () => assert.match(text(decidePermission(csr, approval, NOW)), expect));
  }
});

suite('decideNext', () => {
  const seen: SigningSeen = {
    csr: approvedCsr(),
    signed: undefined,
    settled: false,
    approval: undefined,
    told: undefined,
  };
  const waiting: RecordedApproval = { ...HOLDS, recheck: { kind: 'unknown', because: 'not yet' } };
  const kinds = (more: Partial<SigningSeen>): string => {
    const decision = decideNext({ ...seen, ...more }, NOW);
    return decision.kind === 'act' ? decision.actions.map(({ kind }) => kind).join(', ') : decision.kind;
  };
  const signed = { uid: 'u0', name: 'web', signerName: 's', serialNumberHex: '0a', certificate: '', record: undefined };

  test('does nothing about what is not there, or settled', () => {
    assert.equal(kinds({ csr: undefined }), 'done');
    assert.equal(kinds({ settled: true, approval: { kind: 'absent' } }), 'done');
  });

  test('says why it waits once, and then only waits', () => {
    assert.equal(kinds({ approval: waiting }), 'tell');
    assert.equal(kinds({ approval: waiting, told: 'another reason' }), 'tell');
    assert.equal(kinds({ approval: waiting, told: 'not yet' }), 'done');
    const behind: RecordedApproval = { ...HOLDS, evidence: { kind: 'behind', because: 'later', comparable: true } };
    assert.equal(kinds({ approval: behind, told: 'later' }), 'wait');
  });

  test('settles a signature of the name first, and does not lose sight of who waits now', () => {
    assert.equal(kinds({ signed }), 'settle, sign');
    assert.equal(kinds({ signed, approval: waiting, told: 'not yet' }), 'settle, tell');
    assert.equal(kinds({ signed: { ...signed, uid: 'u1' }, approval: HOLDS }), 'settle');
  });

  test('signs and fails as it is permitted', () => {
    assert.equal(kinds({}), 'sign');
    assert.equal(kinds({ approval: HOLDS }), 'sign');
    assert.equal(kinds({ approval: { kind: 'invalid', detail: 'x' } }), 'fail');
  });
});
