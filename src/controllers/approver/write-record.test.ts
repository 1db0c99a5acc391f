import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createSoftwareCustody } from '../../authority/key-custody.js';
import { signRecord, verifyRecord } from '../../authority/record-signature.js';
import { testKey } from '../../authority/testing/test-certificates.js';
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
import { FakeClock } from '../../base/fake-clock.js';
import type { CertificateSigningRequestCondition } from '../../certificates/certificate-signing-request.js';
import { createRecordWriter } from './write-record.js';

const CSR_PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests/web';
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
}

/** A writer beside an API that holds the request, and a record of it where there is one. */
async function bench(standing?: Standing) {
  const api = createMemoryApi();
  const clock = new FakeClock();
  const putRecord = async ({ spec, by = 'approver', forge = (same) => same }: Standing): Promise<void> => {
    const custody = createSoftwareCustody(await testKey(by));
    api.put(PATH, forge({ metadata: { name: 'uid-1' }, spec: await signRecord(spec, custody) }));
  };
  const putRequest = (...conditions: CertificateSigningRequestCondition[]): void => {
    const csr = { metadata: { name: 'web', uid: 'uid-1' }, spec: {}, status: { conditions } };
    api.put(CSR_PATH, csr);
  };
  putRequest();
  if (standing !== undefined) await putRecord(standing);
  const key = await testKey('approver');
  const client = createClient(api.transport, { userAgent: 'test' });
  const writer = createRecordWriter({ client, clock, custody: createSoftwareCustody(key) });
  return {
    api,
    clock,
    writer,
    putRecord,
    putRequest,
    /** Writes the decision `fine`; answers the outcome, what then stands, and the calls that it took. */
    write: async () => {
      const before = api.log.length;
      const outcome = await writer.write(specOf(), signal);
      const record = api.objects.get(PATH) as CertificateRecord; // all that is ever put there
      const valid = verifyRecord(record, [key.publicKey]).kind === 'valid';
      const calls = api.log.slice(before).map((line) => line.split(' ')[0] ?? '');
      return { outcome, message: record.spec.decision.message, valid, calls };
    },
  };
}

const FORGED: Standing = {
  spec: specOf(),
  forge: (record) => ({
    ...record,
    spec: { ...record.spec, requester: { username: 'root', identity: { kind: 'User' } } },
  }),
};

const IN_THE_WAY: readonly { readonly name: string; readonly standing: Standing }[] = [
  { name: 'with another verdict', standing: { spec: specOf({ verdict: 'Denied', message: 'no' }) } },
  { name: 'with another message', standing: { spec: specOf({ message: 'fine, too' }) } },
  { name: 'of another policy', standing: { spec: specOf({ policy: { name: 'q', uid: 'v', generation: 1 } }) } },
  {
    name: 'of another generation of the policy',
    standing: { spec: specOf({ policy: { name: 'p', uid: 'u', generation: 2 } }) },
  },
  { name: 'of another approver', standing: { spec: specOf(), by: 'other' } },
  { name: 'that was changed after it was signed', standing: FORGED },
];

suite('writing records', () => {
  test('one that is new is written at once', async () => {
    const { write } = await bench();
    assert.deepEqual(await write(), { outcome: { kind: 'stands' }, message: 'fine', valid: true, calls: ['POST'] });
  });

  test('the same decision from before a crash stands, though it was made at another time', async () => {
    const { write } = await bench({ spec: specOf({ decidedAt: '2023-11-14T20:00:00Z' }) });
    const { outcome, calls } = await write();
    assert.deepEqual([outcome.kind, calls], ['stands', ['POST', 'GET']]);
  });

  for (const { name, standing } of IN_THE_WAY) {
    test(`one ${name} is left for a minute, for its approval may be on its way, and then gives way`, async () => {
      const { clock, write } = await bench(standing);
      const first = await write();
      assert.deepEqual([first.outcome.kind, first.calls], ['taken', ['POST', 'GET']]);
      assert.ok(first.outcome.kind === 'taken');
      assert.equal(first.outcome.delayMs, 60_000);
      clock.advance(59_000);
      const second = await write();
      assert.ok(second.outcome.kind === 'taken');
      assert.equal(second.outcome.delayMs, 1000);
      clock.advance(1000);
      const { outcome, message, valid, calls } = await write();
      assert.deepEqual([outcome.kind, message, valid], ['stands', 'fine', true]);
      assert.deepEqual(calls, ['POST', 'GET', 'GET', 'DELETE', 'POST']);
    });
  }

  test('one never gives way once somebody has decided, though the cache may not have heard of it', async () => {
    const { clock, write, putRequest } = await bench(FORGED);
    await write();
    putRequest({ type: 'Approved', status: 'True' });
    clock.advance(60_000);
    const { outcome, calls } = await write();
    assert.deepEqual([outcome.kind, calls], ['taken', ['POST', 'GET', 'GET']]);
  });

  test('another one in the place of that has its own minute', async () => {
    const { api, clock, write, putRecord } = await bench(FORGED);
    await write();
    clock.advance(60_000);
    api.remove(PATH);
    await putRecord({ spec: specOf({ message: 'fine, too' }) });
    assert.equal((await write()).outcome.kind, 'taken');
  });

  test('a request that waits no longer is forgotten', async () => {
    const { clock, write, writer } = await bench(FORGED);
    await write();
    clock.advance(60_000);
    writer.forget('uid-1');
    assert.equal((await write()).outcome.kind, 'taken');
  });
});
