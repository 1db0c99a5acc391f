import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createSoftwareCustody } from '../../authority/key-custody.js';
import { signRecord, verifyRecord } from '../../authority/record-signature.js';
import { testKey } from '../../authority/testing/test-certificates.js';
import { toUnixSeconds } from '../../base/clock.js';
import type { UnsignedRecordSpec } from '../../certificates/canonical-record.js';
import type { CertificateRecord } from '../../certificates/certificate-record.js';
import { createClient } from '../../client/client.js';
import { createMemoryApi } from '../../client/testing/memory-api.js';
import { cn } from '../../authority/testing/test-certificates.js';
import { toBase64 } from '../../base/base64.js';
import { utf8 } from '../../base/bytes.js';
import { digestText } from '../../certificates/normalised-request.js';
import { createCertificationRequest } from '../../crypto/certification-request.js';
import { sha256 } from '../../crypto/digest.js';
import { encodePem } from '../../x509/pem.js';
import { writeRecord } from './write-record.js';

const NOW = toUnixSeconds(1_700_000_000);
const PATH = '/apis/countersign.dev/v1alpha1/certificaterecords/uid-1';
const signal = new AbortController().signal;
const workload = await testKey('workload');
const der = await createCertificationRequest(workload, { subject: cn('web') });

function specOf(decision: Partial<UnsignedRecordSpec['decision']> = {}): UnsignedRecordSpec {
  return {
    request: {
      name: 'web',
      uid: 'uid-1',
      signerName: 'example.com/serving',
      request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))),
      requestDigest: digestText(sha256(der)),
      publicKeyDigest: digestText(sha256(workload.publicKeyDer)),
      usages: ['server auth'],
    },
    requester: { username: 'jane', identity: { kind: 'User' } },
    decision: {
      verdict: 'Approved',
      by: 'Policy',
      policy: { name: 'p', uid: 'u', generation: 1 },
      reason: 'ApprovedByPolicy',
      message: 'fine',
      decidedAt: '2023-11-14T22:13:20Z',
      ...decision,
    },
    names: [],
  };
}

interface Standing {
  readonly spec: UnsignedRecordSpec;
  readonly by?: string;
  /** After it was signed. */
  readonly forge?: (record: CertificateRecord) => CertificateRecord;
  readonly creationTimestamp?: string;
}

/** Writes a record where another one may stand; answers the outcome, what then stands, and the calls that it took. */
async function written(standing?: Standing, spec = specOf()) {
  const api = createMemoryApi();
  if (standing !== undefined) {
    const custody = createSoftwareCustody(await testKey(standing.by ?? 'approver'));
    const { creationTimestamp = '2023-11-14T22:13:10Z' } = standing;
    const record = { metadata: { name: 'uid-1', creationTimestamp }, spec: await signRecord(standing.spec, custody) };
    api.put(PATH, (standing.forge ?? ((same) => same))(record));
  }
  const key = await testKey('approver');
  const client = createClient(api.transport, { userAgent: 'test' });
  const outcome = await writeRecord({ client, custody: createSoftwareCustody(key) }, spec, NOW, signal);
  const record = api.objects.get(PATH) as CertificateRecord; // all that is ever put there
  const valid = verifyRecord(record, [key.publicKey]).kind === 'valid';
  return { outcome: outcome.kind, message: record.spec.decision.message, valid, calls: api.log.map(method) };
}

const method = (line: string): string => line.split(' ')[0] ?? '';

suite('writing records', () => {
  test('one that is new is written at once', async () => {
    assert.deepEqual(await written(), { outcome: 'stands', message: 'fine', valid: true, calls: ['POST'] });
  });

  test('the same decision from before a crash stands, though it was made at another time', async () => {
    const { outcome, calls } = await written({ spec: specOf({ decidedAt: '2023-11-14T20:00:00Z' }) });
    assert.deepEqual([outcome, calls], ['stands', ['POST', 'GET']]);
  });

  const others: readonly { readonly name: string; readonly decision: Partial<UnsignedRecordSpec['decision']> }[] = [
    { name: 'another verdict', decision: { verdict: 'Denied', message: 'no' } },
    { name: 'another message', decision: { message: 'fine, too' } },
    { name: 'another policy', decision: { policy: { name: 'q', uid: 'v', generation: 1 } } },
    { name: 'another generation of the policy', decision: { policy: { name: 'p', uid: 'u', generation: 2 } } },
  ];
  for (const { name, decision } of others) {
    test(`a decision of ours that was never carried out gives way: ${name}`, async () => {
      const { outcome, message, calls } = await written({ spec: specOf(decision) });
      assert.deepEqual([outcome, message, calls], ['stands', 'fine', ['POST', 'GET', 'DELETE', 'POST']]);
    });
  }

  const foreign: readonly { readonly name: string; readonly standing: Standing }[] = [
    { name: 'of another approver', standing: { spec: specOf(), by: 'other' } },
    {
      name: 'that was changed after it was signed',
      standing: {
        spec: specOf(),
        forge: (record) => ({
          ...record,
          spec: { ...record.spec, requester: { username: 'root', identity: { kind: 'User' } } },
        }),
      },
    },
  ];
  for (const { name, standing } of foreign) {
    test(`a fresh record ${name} is left, and nothing is decided on it`, async () => {
      const { outcome, calls } = await written(standing);
      assert.deepEqual([outcome, calls], ['taken', ['POST', 'GET']]);
    });

    test(`an old record ${name} gives way: whoever wrote it has not decided`, async () => {
      const { outcome, valid } = await written({ ...standing, creationTimestamp: '2023-11-14T22:12:20Z' });
      assert.deepEqual([outcome, valid], ['stands', true]);
    });
  }
});
