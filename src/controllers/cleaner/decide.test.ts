import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import { cn, testCertificate, testKey } from '../../authority/testing/test-certificates.js';
import type { CertificateSigningRequest } from '../../certificates/certificate-signing-request.js';
import { formatTime } from '../../kube/time.js';
import { cleaningFacts, expiryReason } from './decide.js';

const NOW = toUnixSeconds(1_800_000_000);
const HOUR = 3600;

const ago = (seconds: number): string => formatTime(toUnixSeconds(NOW - seconds));

interface Case {
  readonly name: string;
  /** Conditions as `Type` and the age of their last update in seconds; null for no time. */
  readonly conditions?: readonly (readonly [type: string, age: number | null | undefined])[];
  readonly created?: number;
  readonly certificate?: string;
  readonly expect: string | undefined;
}

const ISSUED = 'issued more than 1 hour ago';
const DENIED = 'denied more than 1 hour ago';
const FAILED = 'failed more than 1 hour ago';
const PENDING = 'pending for more than 24 hours';
const UNISSUED = 'approved, and not issued within 24 hours';
const OLD = 100 * 24 * HOUR;

const cases: readonly Case[] = [
  {
    name: 'keeps an issued request at exactly one hour',
    conditions: [['Approved', HOUR]],
    certificate: 'eA==',
    expect: undefined,
  },
  {
    name: 'deletes an issued request a second later',
    conditions: [['Approved', HOUR + 1]],
    certificate: 'eA==',
    expect: ISSUED,
  },
  { name: 'keeps a denied request at exactly one hour', conditions: [['Denied', HOUR]], expect: undefined },
  { name: 'deletes a denied request a second later', conditions: [['Denied', HOUR + 1]], expect: DENIED },
  { name: 'keeps a failed request at exactly one hour', conditions: [['Failed', HOUR]], expect: undefined },
  { name: 'deletes a failed request a second later', conditions: [['Failed', HOUR + 1]], expect: FAILED },
  { name: 'keeps a pending request at exactly a day', created: 24 * HOUR, expect: undefined },
  { name: 'deletes a pending request a second later', created: 24 * HOUR + 1, expect: PENDING },
  {
    name: 'keeps an approved request that waits for exactly a day',
    conditions: [['Approved', 24 * HOUR]],
    expect: undefined,
  },
  { name: 'deletes an approved request a second later', conditions: [['Approved', 24 * HOUR + 1]], expect: UNISSUED },
  {
    name: 'goes by the approval, not by the age, of an issued request',
    conditions: [['Approved', 60]],
    created: OLD,
    certificate: 'eA==',
    expect: undefined,
  },
  {
    name: 'goes by the approval, not by the age, of an approved request',
    conditions: [['Approved', 60]],
    created: OLD,
    expect: undefined,
  },
  {
    name: 'goes by the failure of a request that is approved and failed',
    conditions: [
      ['Approved', 2 * HOUR],
      ['Failed', HOUR],
    ],
    expect: undefined,
  },
  {
    name: 'deletes a request that is approved and failed by the clock of its failure',
    conditions: [
      ['Approved', 2 * HOUR],
      ['Failed', HOUR + 1],
    ],
    expect: FAILED,
  },
  {
    name: 'does not go by the approval of a request that failed long after it',
    conditions: [
      ['Approved', OLD],
      ['Failed', 60],
    ],
    expect: undefined,
  },
  {
    name: 'keeps for ever a request with other conditions only',
    conditions: [['Reviewed', OLD]],
    created: OLD,
    expect: undefined,
  },
  {
    name: 'keeps an issued request that nobody approved',
    conditions: [],
    created: 60,
    certificate: 'eA==',
    expect: undefined,
  },
  {
    name: 'counts an issued request without conditions as pending',
    conditions: [],
    created: OLD,
    certificate: 'eA==',
    expect: PENDING,
  },
  {
    name: 'keeps a request whose times are missing',
    conditions: [
      ['Denied', undefined],
      ['Failed', undefined],
    ],
    expect: undefined,
  },
  {
    name: 'keeps a request whose times are null',
    conditions: [['Approved', null]],
    certificate: 'eA==',
    expect: undefined,
  },
  {
    name: 'believes a time that its writer set to long ago',
    conditions: [['Denied', OLD]],
    created: 1,
    expect: DENIED,
  },
  { name: 'keeps a request whose time lies in the future', conditions: [['Denied', -OLD]], expect: undefined },
  {
    name: 'deletes by the oldest of several conditions of a kind',
    conditions: [
      ['Denied', 1],
      ['Denied', HOUR + 1],
    ],
    expect: DENIED,
  },
];

function csr({ conditions, created, certificate }: Case): CertificateSigningRequest {
  return {
    metadata: {
      name: 'a',
      uid: 'u',
      resourceVersion: '1',
      ...(created === undefined ? {} : { creationTimestamp: ago(created) }),
    },
    spec: { request: '', signerName: 'example.com/serving' },
    status: {
      ...(conditions === undefined
        ? {}
        : {
            conditions: conditions.map(([type, age]) => ({
              type,
              status: 'True',
              ...(age === undefined ? {} : { lastUpdateTime: age === null ? null : ago(age) }),
            })),
          }),
      ...(certificate === undefined ? {} : { certificate }),
    },
  };
}

suite('cleaner', () => {
  for (const c of cases) {
    test(c.name, () => assert.equal(expiryReason(cleaningFacts(csr(c)), NOW), c.expect));
  }

  test('never ages by the zero time', () => {
    const zero = '0001-01-01T00:00:00Z';
    const seen: CertificateSigningRequest = {
      ...csr({ name: '', expect: undefined }),
      metadata: { name: 'a', creationTimestamp: zero },
    };
    assert.equal(expiryReason(cleaningFacts(seen), NOW), undefined);
    const denied = { ...seen, status: { conditions: [{ type: 'Denied', status: 'True', lastUpdateTime: zero }] } };
    assert.equal(expiryReason(cleaningFacts(denied), NOW), undefined);
  });

  test('goes by the end of the first certificate, if the request is approved', async () => {
    const until = async (notAfter: UnixSeconds): Promise<string> =>
      testCertificate({
        subject: cn('a'),
        key: await testKey('leaf'),
        notBefore: toUnixSeconds(NOW - OLD),
        notAfter,
      });
    const [past, present] = [await until(toUnixSeconds(NOW - 1)), await until(NOW)];
    const reason = (pem: string, conditions: Case['conditions'] = [['Approved', 60]]): string | undefined =>
      expiryReason(cleaningFacts(csr({ name: '', conditions, certificate: toBase64(utf8(pem)), expect: '' })), NOW);
    assert.equal(reason(past), 'its certificate has expired');
    assert.equal(reason(`text\n${past}${present}`), 'its certificate has expired');
    assert.equal(reason(present), undefined);
    assert.equal(reason(`${present}${past}`), undefined);
    assert.equal(reason(past, [['Reviewed', 60]]), undefined);
  });

  test('keeps an issued request whose certificate cannot be read', () => {
    const empty = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
    const junk = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    for (const certificate of ['!', toBase64(utf8('no PEM')), toBase64(utf8(empty)), toBase64(utf8(junk))]) {
      const seen = csr({ name: '', conditions: [['Approved', 60]], certificate, expect: undefined });
      assert.equal(expiryReason(cleaningFacts(seen), NOW), undefined);
    }
  });
});
