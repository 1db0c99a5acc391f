import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateSigningRequest } from './certificate-signing-request.js';
import { conditionText, isApproved, isDenied, isFailed, isIssued } from './conditions.js';

function csr(types: readonly string[], certificate?: string): CertificateSigningRequest {
  return {
    metadata: { name: 'x' },
    spec: { request: '', signerName: '' },
    status: {
      // the status of a condition is not consulted, as nowhere in the API
      ...(types.length === 0 ? {} : { conditions: types.map((type) => ({ type, status: 'False' })) }),
      ...(certificate === undefined ? {} : { certificate }),
    },
  };
}

for (const [types, certificate, text] of [
  [[], undefined, 'Pending'],
  [[], '', 'Pending'],
  [['Other'], undefined, 'Pending'],
  [[], 'YQ==', 'Pending,Issued'],
  [['Approved'], undefined, 'Approved'],
  [['Approved'], 'YQ==', 'Approved,Issued'],
  [['Approved', 'Failed'], undefined, 'Approved,Failed'],
  [['Failed'], undefined, 'Pending,Failed'],
  [['Denied'], undefined, 'Denied'],
  [['Approved', 'Denied'], 'YQ==', 'Denied,Issued'],
  [['Denied', 'Failed'], 'YQ==', 'Denied,Failed,Issued'],
] as const) {
  test(`shows ${types.join(' and ') || 'no condition'}${certificate === undefined ? '' : ` with certificate "${certificate}"`} as ${text}`, () => {
    assert.equal(conditionText(csr(types, certificate)), text);
  });
}

test('counts a request as approved only while it is not denied', () => {
  assert.deepEqual(
    [isApproved(csr(['Approved'])), isApproved(csr(['Approved', 'Denied'])), isApproved(csr([]))],
    [true, false, false],
  );
  assert.deepEqual([isDenied(csr(['Denied'])), isFailed(csr(['Failed'])), isIssued(csr([], ''))], [true, true, false]);
});
