import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { verifyRecord } from './record-signature.js';
import { createRecordVerifier } from './record-verifier.js';
import { testKey } from './testing/test-certificates.js';
import { testRecord } from './testing/test-records.js';

const { publicKey } = await testKey('approver');
const record = await testRecord();

suite('record verifier', () => {
  const changes: readonly { readonly name: string; readonly change: object }[] = [
    { name: 'another name', change: { metadata: { ...record.metadata, name: 'another' } } },
    {
      name: 'another signer',
      change: { spec: { ...record.spec, request: { ...record.spec.request, signerName: 'x' } } },
    },
    {
      name: 'another signature',
      change: { spec: { ...record.spec, signature: { ...record.spec.signature, value: 'AAAA' } } },
    },
    {
      name: 'another key',
      change: { spec: { ...record.spec, signature: { ...record.spec.signature, keyID: 'sha256:00' } } },
    },
    { name: 'a field that nobody knows', change: { spec: { ...record.spec, more: 'x' } } },
  ];
  for (const { name, change } of changes) {
    test(`refuses a record that was genuine, with ${name}, as verifyRecord does`, () => {
      const verifier = createRecordVerifier([publicKey]);
      assert.equal(verifier.verify(record).kind, 'valid');
      const changed = { ...record, ...change };
      const verdict = verifier.verify(changed);
      assert.equal(verdict.kind, 'invalid');
      assert.deepEqual(verdict, verifyRecord(changed, [publicKey]));
      assert.equal(verifier.verify(record).kind, 'valid');
    });
  }

  test('refuses every record without keys, and what is none', () => {
    assert.equal(createRecordVerifier([]).verify(record).kind, 'invalid');
    assert.equal(createRecordVerifier([publicKey]).verify('a record').kind, 'invalid');
  });

  test('gives the status as it is each time: no signature covers it', () => {
    const verifier = createRecordVerifier([publicKey]);
    verifier.verify(record);
    const issued = { ...record, status: { issuance: { phase: 'Issued' } } };
    assert.deepEqual(verifier.verify(issued), verifyRecord(issued, [publicKey]));
  });

  test('forgets the oldest, and finds it genuine again', async () => {
    const verifier = createRecordVerifier([publicKey], { maxRemembered: 1 });
    const other = await testRecord({ decision: { message: 'another' } });
    for (const each of [record, other, record]) assert.equal(verifier.verify(each).kind, 'valid');
  });
});
