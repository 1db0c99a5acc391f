import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { toUnixSeconds } from '../../base/clock.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { CERTIFICATE_PEM } from '../../certificates/testing/samples.js';
import { sha256 } from '../../crypto/digest.js';
import { decideKeeping, requestFacts, type RecordFacts, type RequestFacts, type RequestOutcome } from './decide.js';
import type { Issuance } from './issuance.js';
import { DEFAULT_RETENTION, recordExpiry } from './record-cleaner.js';

const NOW = toUnixSeconds(1_700_000_000);
const INTENT: Issuance = { phase: 'Intended', serialNumber: '0a', notAfter: '2023-11-15T00:00:00Z' };
const ISSUED: RequestOutcome = {
  kind: 'issued',
  serialNumber: '0a',
  fingerprint: 'sha256:00',
  notBefore: NOW,
  notAfter: toUnixSeconds(NOW + 60),
};

function record(issuance?: Issuance, verdict: RecordFacts['verdict'] = 'Approved'): RecordFacts {
  return { name: 'u', uid: 'r', resourceVersion: '1', requestName: 'web', requestUid: 'u', verdict, issuance };
}

function request(outcome: RequestOutcome, approved = true): RequestFacts {
  return { name: 'web', uid: 'u', approved, outcome };
}

interface Case {
  readonly name: string;
  readonly record?: RecordFacts;
  readonly request?: RequestFacts;
  readonly maySign?: false;
  /** `nothing`, `create`, or phase, serial number and message that are written. */
  readonly expect: string;
}

const CASES: readonly Case[] = [
  { name: 'does nothing about nothing', expect: 'nothing' },
  {
    name: 'does nothing while a request waits',
    record: record(INTENT),
    request: request({ kind: 'open' }),
    expect: 'nothing',
  },
  { name: 'puts nothing on record that is pending', request: request({ kind: 'open' }, false), expect: 'nothing' },
  {
    name: 'puts nothing on record that is approved and not issued',
    request: request({ kind: 'open' }),
    expect: 'nothing',
  },
  {
    name: 'puts nothing on record that has a certificate without an approval',
    request: request(ISSUED, false),
    expect: 'nothing',
  },
  { name: 'puts nothing on record without a key', request: request(ISSUED), maySign: false, expect: 'nothing' },
  {
    name: 'puts nothing on record whose certificate has ended',
    request: request({ ...ISSUED, notAfter: NOW }),
    expect: 'nothing',
  },
  {
    name: 'puts nothing on record whose certificate cannot be read',
    request: request({ kind: 'unreadable', detail: 'x' }),
    expect: 'nothing',
  },
  { name: 'puts on record what somebody else approved', request: request(ISSUED), expect: 'create' },
  { name: 'writes what was issued', record: record(INTENT), request: request(ISSUED), expect: 'Issued 0a ' },
  {
    name: 'writes what was issued without an intent',
    record: record(),
    request: request(ISSUED),
    expect: 'Issued 0a ',
  },
  {
    name: 'tells of an intent that lost to another certificate',
    record: record({ ...INTENT, serialNumber: '0b' }),
    request: request(ISSUED),
    expect: 'Issued 0a serial number 0b was intended, and never published',
  },
  {
    name: 'writes a failure',
    record: record(),
    request: request({ kind: 'failed', message: 'too weak' }),
    expect: 'Failed - too weak',
  },
  {
    name: 'writes a failure after an intent',
    record: record(INTENT),
    request: request({ kind: 'failed', message: 'too weak' }),
    expect: 'Failed - too weak; serial number 0a was intended, and never published',
  },
  {
    name: 'writes that a certificate cannot be read',
    record: record(),
    request: request({ kind: 'unreadable', detail: 'no PEM' }),
    expect: 'Issued - its certificate cannot be read: no PEM',
  },
  {
    name: 'gives up an intent whose request is gone',
    record: record(INTENT),
    expect: 'Lost 0a its request is gone, and no certificate was seen in it',
  },
  {
    name: 'gives up an intent whose request was denied',
    record: record(INTENT),
    request: request({ kind: 'denied' }, false),
    expect: 'Lost 0a its request was denied',
  },
  {
    name: 'says of an approval on record that its request was denied, and nothing more when that goes',
    record: record(),
    request: request({ kind: 'denied' }, false),
    expect: 'Denied - its request was denied',
  },
  { name: 'leaves what was denied when the request goes', record: record({ phase: 'Denied' }), expect: 'nothing' },
  {
    name: 'leaves what failed when the request is denied',
    record: record({ phase: 'Failed' }),
    request: request({ kind: 'denied' }, false),
    expect: 'nothing',
  },
  { name: 'leaves what was issued when the request goes', record: record({ phase: 'Issued' }), expect: 'nothing' },
  { name: 'leaves what failed when the request goes', record: record({ phase: 'Failed' }), expect: 'nothing' },
  {
    name: 'leaves a denial alone',
    record: record(undefined, 'Denied'),
    request: request({ kind: 'denied' }, false),
    expect: 'nothing',
  },
  { name: 'leaves a denial alone when its request goes', record: record(undefined, 'Denied'), expect: 'nothing' },
];

suite('decideKeeping', () => {
  for (const { name, record: kept, request: seen, maySign = true, expect } of CASES) {
    test(name, () => {
      const decision = decideKeeping({ record: kept, request: seen, maySign }, NOW);
      const [action] = decision.kind === 'act' ? decision.actions : [];
      if (action?.kind !== 'write') {
        assert.equal(action?.kind ?? 'nothing', expect);
        return;
      }
      const { phase, serialNumber = '-', message = '' } = action.issuance;
      assert.equal(`${phase} ${serialNumber} ${message}`, expect);
      // Once it is written there is nothing more to do.
      const after = decideKeeping(
        { record: { ...action.record, issuance: action.issuance }, request: seen, maySign },
        NOW,
      );
      assert.equal(after.kind, 'done');
    });
  }

  test('comes to rest whatever a failure says', () => {
    const message = `x; serial number 0f was intended, and never published; ${'y'.repeat(5000)}`;
    let kept = record(INTENT);
    const seen = request({ kind: 'failed', message });
    for (let i = 0; i < 3; i++) {
      const decision = decideKeeping({ record: kept, request: seen, maySign: true }, NOW);
      const [action] = decision.kind === 'act' ? decision.actions : [];
      if (action?.kind === 'write') kept = record(action.issuance);
    }
    assert.equal(decideKeeping({ record: kept, request: seen, maySign: true }, NOW).kind, 'done');
  });
});

suite('requestFacts', () => {
  const csr = (status: CertificateSigningRequest['status']): RequestFacts =>
    requestFacts({ metadata: { name: 'web', uid: 'u' }, spec: { request: '', signerName: 's' }, status }, sha256);
  const condition = (type: string, message = ''): NonNullable<CertificateSigningRequest['status']['conditions']> => [
    { type, status: 'True', message },
  ];

  test('tells what came of a request', () => {
    assert.deepEqual(csr({}), { name: 'web', uid: 'u', approved: false, outcome: { kind: 'open' } });
    assert.deepEqual(csr({ conditions: condition('Denied') }).outcome, { kind: 'denied' });
    assert.deepEqual(csr({ conditions: condition('Failed', 'x') }).outcome, { kind: 'failed', message: 'x' });
    assert.equal(csr({ certificate: toBase64(utf8('no PEM')) }).outcome.kind, 'unreadable');
    const issued = csr({ conditions: condition('Approved'), certificate: toBase64(utf8(CERTIFICATE_PEM)) });
    assert.deepEqual(issued, {
      name: 'web',
      uid: 'u',
      approved: true,
      outcome: {
        kind: 'issued',
        // openssl x509 -serial -fingerprint -sha256
        serialNumber: '5c3d298acf7e6d3ba227dab433a6d07e8b3fb362',
        fingerprint: 'sha256:187b4bbb8380096c69379bbc6897a968d76a3b8c49b3c6a63ad76851215e3ac8',
        notBefore: 1_795_454_886,
        notAfter: 2_110_814_886,
      },
    });
  });
});

suite('recordExpiry', () => {
  const DAY = 86_400;
  const ago = (days: number, seconds = 0) => toUnixSeconds(NOW - days * DAY - seconds);
  const kind = (decidedAt: number | undefined, notAfter?: number): string =>
    recordExpiry(
      {
        decidedAt: decidedAt === undefined ? undefined : toUnixSeconds(decidedAt),
        notAfter: notAfter === undefined ? undefined : toUnixSeconds(notAfter),
      },
      NOW,
      DEFAULT_RETENTION,
    )?.kind ?? 'stays';

  test('keeps what has no time, and what has a certificate for 90 days after its end, to the second', () => {
    assert.equal(kind(undefined), 'stays');
    assert.equal(kind(ago(500), ago(90)), 'stays');
    assert.equal(kind(ago(500), ago(-300)), 'stays');
    assert.equal(kind(ago(500), ago(90, 1)), 'certificate');
  });

  test('keeps a decision without certificate for 30 days, to the second', () => {
    assert.equal(kind(ago(30)), 'stays');
    assert.equal(kind(ago(30, 1)), 'decision');
  });
});
