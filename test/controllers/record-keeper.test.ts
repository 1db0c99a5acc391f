import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { createSoftwareCustody } from '../../src/authority/key-custody.js';
import { verifyRecord } from '../../src/authority/record-signature.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import { secondsOf } from '../../src/base/clock.js';
import type { CertificateRecord } from '../../src/certificates/certificate-record.js';
import type { Client } from '../../src/client/client.js';
import { createEventRecorder } from '../../src/client/event-recorder.js';
import { CERTIFICATE_RECORDS } from '../../src/client/resources.js';
import { createRecordCleaner } from '../../src/controllers/records/record-cleaner.js';
import { createRecordKeeper } from '../../src/controllers/records/record-keeper.js';
import { writeIssuance } from '../../src/controllers/records/write-issuance.js';
import type { Controller } from '../../src/controllers/runtime/controller.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { formatTime } from '../../src/kube/time.js';
import {
  COLLECTION,
  condition,
  keepingLogger,
  maybe,
  openBench,
  post,
  postApproved,
  read,
  rest,
  SIGNER,
  testAuthority,
  until,
  type ControlBench,
  type Fate,
  type Line,
} from './control-bench.js';
import { handFacts, postByPolicy, readRecord, recordOf, trustIn } from './record-bench.js';

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  return opened;
}

async function keeper(b: ControlBench, client: Client = b.client()): Promise<Controller> {
  const { clock, random } = b;
  const custody = createSoftwareCustody(await testKey('approver'));
  const logger = keepingLogger([]);
  return createRecordKeeper({ client, clock, random, logger, verifier: createRequestVerifier(), custody });
}

async function signer(b: ControlBench): Promise<Controller> {
  const { clock, random } = b;
  const client = b.client();
  const logger = keepingLogger([]);
  return createSigner({
    client,
    clock,
    random,
    logger,
    verifier: createRequestVerifier(),
    events: createEventRecorder({ client, clock, random, logger, component: 'signer' }),
    issuers: new Map([[SIGNER, await testAuthority(clock)]]),
    records: await trustIn(handFacts()),
  });
}

const records = async (b: ControlBench): Promise<readonly CertificateRecord[]> =>
  (await b.client().list(CERTIFICATE_RECORDS)).items;

const phaseOf = async (b: ControlBench, name: string): Promise<string | undefined> =>
  (await readRecord(b, name)).status?.issuance?.phase;

suite('record keeper', () => {
  test('writes what was issued into the record, and puts on record what a person approved', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a');
    await postApproved(b.server, 'b');
    await post(b.server, 'pending');
    await post(b.server, 'denied');
    await condition(b.server, 'denied', 'Denied');
    const stop = b.run([await signer(b), await keeper(b)], keepingLogger([]));
    await until('both are on record', async () => {
      b.clock.advance(1000);
      const all = await records(b);
      return all.length === 2 && all.every(({ status }) => status?.issuance?.phase === 'Issued');
    });
    await rest();
    await stop();
    assert.equal((await records(b)).length, 2);
    for (const name of ['a', 'b']) {
      const { status } = await readRecord(b, name);
      assert.match(status?.issuance?.serialNumber ?? '', /^[0-9a-f]{20,}$/);
      assert.match(status?.issuance?.fingerprint ?? '', /^sha256:[0-9a-f]{64}$/);
    }
    const other = await readRecord(b, 'b');
    assert.equal(verifyRecord(other, [(await testKey('approver')).publicKey]).kind, 'valid');
    assert.equal(other.spec.decision.by, 'Other');
    assert.equal(other.spec.decision.reason, 'Test');
    assert.deepEqual(
      other.spec.names.map(({ type, value, grantedBy }) => [type, value, grantedBy]),
      [
        ['DNS', 'b.ns.svc', undefined],
        ['CN', 'b', undefined],
      ],
    );
  });

  test('says of an intent what became of it', async (t) => {
    const b = await bench(t);
    const intent = { phase: 'Intended', serialNumber: '0a' } as const;
    for (const name of ['gone', 'failed', 'open']) {
      await postByPolicy(b, name);
      await writeIssuance(b.client(), await readRecord(b, name), intent, AbortSignal.timeout(10_000));
    }
    const gone = await readRecord(b, 'gone');
    await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/gone` });
    await condition(b.server, 'failed', 'Failed', { message: 'too weak' });
    const lines: Line[] = [];
    const stop = b.run([await keeper(b)], keepingLogger(lines));
    const name = gone.metadata.name ?? '';
    const lost = async (): Promise<boolean> =>
      (await b.client().get(CERTIFICATE_RECORDS, name)).status?.issuance?.phase === 'Lost';
    await until('it is lost', lost);
    await until('it has failed', async () => (await phaseOf(b, 'failed')) === 'Failed');
    await rest();
    await stop();
    assert.equal(await phaseOf(b, 'open'), 'Intended');
    const { issuance } = (await readRecord(b, 'failed')).status ?? {};
    assert.equal(issuance?.message, 'too weak; serial number 0a was intended, and never published');
  });

  test('is right after a restart, wherever it is killed', async (t) => {
    for (const fate of ['lose-request', 'lose-answer'] as const) {
      for (let killedAt = 1; killedAt <= 7; killedAt++) {
        const b = await bench(t);
        await postByPolicy(b, 'a');
        await postApproved(b.server, 'b');
        const stopSigner = b.run([await signer(b)], keepingLogger([]));
        for (const name of ['a', 'b']) {
          await until('it is issued', async () => (await read(b.server, name)).status.certificate !== undefined);
        }
        await stopSigner();
        let calls = 0;
        let dead = false;
        const dying = b.client((): Fate => {
          if (dead) return 'lose-request';
          if (++calls < killedAt) return 'pass';
          dead = true;
          return fate;
        });
        const stopFirst = b.run([await keeper(b, dying)], keepingLogger([]));
        await maybe(() => dead);
        await stopFirst();
        const stopSecond = b.run([await keeper(b)], keepingLogger([]));
        await until(`both are on record after ${fate} of call ${killedAt}`, async () => {
          b.clock.advance(1000);
          const all = await records(b);
          return all.length === 2 && all.every(({ status }) => status?.issuance?.phase === 'Issued');
        });
        await stopSecond();
      }
    }
  });
});

suite('record cleaner', () => {
  test('deletes what has had its time, and no record of a request that is there', async (t) => {
    const b = await bench(t);
    const day = 86_400;
    const issuance = { phase: 'Issued', notAfter: formatTime(secondsOf(b.clock)) } as const;
    for (const name of ['issued', 'open', 'gone', 'other']) await postByPolicy(b, name);
    await writeIssuance(b.client(), await readRecord(b, 'issued'), issuance, AbortSignal.timeout(10_000));
    await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/gone` });
    await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/other` });
    await post(b.server, 'other');
    const names = async (): Promise<readonly string[]> =>
      (await records(b)).map(({ spec }) => spec.request.name).sort();
    const stop = b.run([createRecordCleaner({ client: b.client(), logger: keepingLogger([]) })], keepingLogger([]));
    await rest();
    assert.deepEqual(await names(), ['gone', 'issued', 'open', 'other']);
    b.clock.advance(30 * day * 1000 + 1000);
    await until('what led to nothing is gone', async () => (await records(b)).length === 2);
    assert.deepEqual(await names(), ['issued', 'open']);
    b.clock.advance(60 * day * 1000);
    await until('what has ended is gone', async () => (await records(b)).length === 1);
    assert.deepEqual(await names(), ['open']);
    await stop();
  });

  test('keeps a record that was changed while it was looked at', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a');
    const record = await recordOf(b, 'a');
    await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/a` });
    const name = record.metadata.name ?? '';
    b.clock.advance(31 * 86_400_000);
    let changed: Promise<unknown> | undefined;
    const client = b.client();
    const racing: Client = {
      ...client,
      delete: async (resource, deleted, options) => {
        const labels = { touched: 'yes' };
        changed ??= b.client().patch(CERTIFICATE_RECORDS, deleted, { metadata: { labels } });
        await changed;
        return client.delete(resource, deleted, options);
      },
    };
    const stop = b.run([createRecordCleaner({ client: racing, logger: keepingLogger([]) })], keepingLogger([]));
    await until('it was tried', () => changed !== undefined);
    await rest();
    await stop();
    assert.equal((await b.client().get(CERTIFICATE_RECORDS, name)).metadata.labels?.['touched'], 'yes');
  });
});
