import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import { decideSigning, judgeStanding, withCertificate, withFailure } from './decide.js';

function csr(
  conditions: readonly string[],
  more: { certificate?: string; signerName?: string } = {},
): CertificateSigningRequest {
  const list = conditions.map((text): CertificateSigningRequestCondition => {
    const [type = '', status = 'True'] = text.split('=');
    return { type, status };
  });
  return {
    metadata: { name: 'a', uid: 'u1', resourceVersion: '5', labels: { x: 'y' } },
    spec: { request: 'eA==', signerName: more.signerName ?? 'example.com/serving' },
    status: { conditions: list, ...(more.certificate === undefined ? {} : { certificate: more.certificate }) },
  };
}

const ours = (signerName: string): boolean => signerName === 'example.com/serving';

suite('decideSigning', () => {
  const cases: readonly {
    readonly name: string;
    readonly csr: CertificateSigningRequest;
    readonly because?: string;
  }[] = [
    { name: 'leaves a request without conditions', csr: csr([]), because: 'it is not approved' },
    {
      name: 'leaves a request without a list of conditions',
      csr: { ...csr([]), status: {} },
      because: 'it is not approved',
    },
    { name: 'leaves a denied request', csr: csr(['Denied']), because: 'it is denied' },
    {
      name: 'leaves a request that is denied and approved, as an old API allowed',
      csr: csr(['Approved', 'Denied']),
      because: 'it is denied',
    },
    {
      name: 'leaves a request that is denied with status False: presence counts',
      csr: csr(['Approved', 'Denied=False']),
      because: 'it is denied',
    },
    { name: 'leaves a failed request', csr: csr(['Approved', 'Failed']), because: 'it has failed' },
    { name: 'leaves a failed request without a status', csr: csr(['Approved', 'Failed=']), because: 'it has failed' },
    {
      name: 'leaves an issued request',
      csr: csr(['Approved'], { certificate: 'eA==' }),
      because: 'it has its certificate',
    },
    {
      name: 'leaves the request of another signer',
      csr: csr(['Approved'], { signerName: 'example.com/other' }),
      because: 'its signerName is not ours',
    },
    {
      name: 'leaves a signer name in other letters',
      csr: csr(['Approved'], { signerName: 'Example.com/serving' }),
      because: 'its signerName is not ours',
    },
    {
      name: 'leaves a request with conditions of other kinds only',
      csr: csr(['Reviewed']),
      because: 'it is not approved',
    },
    { name: 'signs an approved request', csr: csr(['Approved']) },
    { name: 'signs a request whose approval has another status: presence counts', csr: csr(['Approved=Unknown']) },
    { name: 'signs an approved request with conditions of other kinds', csr: csr(['Reviewed', 'Approved']) },
    { name: 'signs a request with an empty certificate', csr: csr(['Approved'], { certificate: '' }) },
    { name: 'signs a request whose failure is said to be false', csr: csr(['Approved', 'Failed=False']) },
  ];
  for (const { name, csr: seen, because } of cases) {
    test(name, () => {
      assert.deepEqual(
        decideSigning(seen, ours),
        because === undefined ? { kind: 'sign' } : { kind: 'leave', because },
      );
    });
  }
});

suite('judgeStanding', () => {
  const cases: readonly {
    readonly name: string;
    readonly current: CertificateSigningRequest | undefined;
    /** `open`, `published`, or why it is lost. */
    readonly expect: string;
  }[] = [
    { name: 'loses where the request is gone', current: undefined, expect: 'the request was deleted' },
    {
      name: 'loses where another request has the name',
      current: { ...csr(['Approved']), metadata: { name: 'a', uid: 'u2' } },
      expect: 'another request took its name',
    },
    {
      name: 'loses to another certificate',
      current: csr(['Approved'], { certificate: 'b3RoZXI=' }),
      expect: 'another certificate was published first',
    },
    { name: 'loses where the request has failed', current: csr(['Approved', 'Failed']), expect: 'it has failed' },
    { name: 'loses where the request was denied', current: csr(['Approved', 'Denied']), expect: 'it is denied' },
    { name: 'knows its own certificate', current: csr(['Approved'], { certificate: 'bWluZQ==' }), expect: 'published' },
    {
      name: 'knows its own certificate on a request that was denied afterwards',
      current: csr(['Denied'], { certificate: 'bWluZQ==' }),
      expect: 'published',
    },
    { name: 'goes on where the request still waits', current: csr(['Approved', 'Reviewed']), expect: 'open' },
  ];
  for (const { name, current, expect } of cases) {
    test(name, () => {
      const standing = judgeStanding(current, 'u1', 'bWluZQ==', ours);
      assert.equal(standing.kind === 'lost' ? standing.because : standing.kind, expect);
    });
  }
});

test('a failure is added behind the conditions that are there, and nothing else changes', () => {
  const before = csr(['Approved']);
  const after = withFailure(before, 'too weak', '2026-01-01T00:00:00Z');
  assert.deepEqual(after, {
    ...before,
    status: {
      conditions: [
        { type: 'Approved', status: 'True' },
        {
          type: 'Failed',
          status: 'True',
          reason: 'SignerValidationFailure',
          message: 'too weak',
          lastUpdateTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  });
});

test('a certificate is added, and nothing else changes', () => {
  const before = csr(['Approved']);
  assert.deepEqual(withCertificate(before, 'eA=='), { ...before, status: { ...before.status, certificate: 'eA==' } });
});
