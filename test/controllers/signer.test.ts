import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { LogFields } from '../../src/base/logger.js';
import type { IssueOutcome } from '../../src/authority/certificate-authority.js';
import type { CertificateSigningRequest } from '../../src/certificates/certificate-signing-request.js';
import type { Client } from '../../src/client/client.js';
import type { CoreEvent } from '../../src/client/core-objects.js';
import { createEventRecorder, type EventRecorder } from '../../src/client/event-recorder.js';
import { CERTIFICATE_SIGNING_REQUESTS, EVENTS } from '../../src/client/resources.js';
import type { Issuer } from '../../src/controllers/signer/issuer.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import { firstPemBlock } from '../../src/x509/pem.js';
import { parseCertificate, type Certificate } from '../../src/x509/certificate.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import {
  COLLECTION,
  condition,
  history,
  keepingLogger,
  maybe,
  type Line,
  openBench,
  post,
  postApproved,
  publishedFor,
  read,
  rest,
  SIGNER,
  testAuthority,
  until,
  type ControlBench,
} from './control-bench.js';

/** A signer at work. */
interface Running {
  readonly lines: Line[];
  /** Signatures made. */
  readonly issued: string[];
  readonly events: EventRecorder;
  readonly stop: () => Promise<void>;
}

interface SignerSetup {
  readonly client?: Client;
  readonly signerNames?: readonly string[];
  readonly issue?: (next: Issuer['issue'], approved: Parameters<Issuer['issue']>[0]) => Promise<IssueOutcome>;
}

async function startSigner(bench: ControlBench, setup: SignerSetup = {}): Promise<Running> {
  const { clock, random } = bench;
  const lines: Line[] = [];
  const logger = keepingLogger(lines);
  const ca = await testAuthority(clock);
  const issued: string[] = [];
  const counted: Issuer['issue'] = async (approved) => {
    const outcome = await ca.issue(approved);
    if (outcome.kind === 'issued') issued.push(outcome.serialNumberHex);
    return outcome;
  };
  const { client = bench.client(), signerNames = [SIGNER], issue } = setup;
  const issuer: Issuer = { issue: (approved) => issue?.(counted, approved) ?? counted(approved) };
  const events = createEventRecorder({ client, clock, random, logger, component: 'signer' });
  const signer = createSigner({
    client,
    clock,
    random,
    logger,
    verifier: createRequestVerifier(),
    events,
    issuers: new Map(signerNames.map((name) => [name, issuer])),
  });
  return { lines, issued, events, stop: bench.run([signer], logger) };
}

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  return opened;
}

function certificateOf(csr: CertificateSigningRequest): Certificate {
  const block = firstPemBlock(Buffer.from(csr.status.certificate ?? '', 'base64'));
  assert.ok(block !== undefined, 'there is a certificate');
  return parseCertificate(block.bytes);
}

const isIssued = async (opened: ControlBench, name: string): Promise<boolean> =>
  (await read(opened.server, name)).status.certificate !== undefined;

const failureOf = async (opened: ControlBench, name: string): Promise<string | undefined> =>
  (await read(opened.server, name)).status.conditions?.find(({ type }) => type === 'Failed')?.message;

const lost = (lines: readonly Line[]): readonly LogFields[] =>
  lines.filter(({ message }) => message.startsWith('Lost signature')).map(({ fields }) => fields);

suite('signer', () => {
  test('signs what was approved before it started, and what is approved while it runs', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'before', { expirationSeconds: 3600 });
    const signer = await startSigner(b);
    await until('it is issued', () => isIssued(b, 'before'));
    await post(b.server, 'later');
    await rest();
    assert.equal(await isIssued(b, 'later'), false);
    await condition(b.server, 'later', 'Approved');
    await until('it is issued', () => isIssued(b, 'later'));

    const certificate = certificateOf(await read(b.server, 'before'));
    assert.deepEqual(certificate.subjectAltNames, [{ kind: 'dns', value: 'before.ns.svc' }]);
    assert.equal(Buffer.compare(certificate.publicKey.der, (await testKey('workload')).publicKeyDer), 0);
    assert.equal(certificate.notAfter - b.clock.now() / 1000, 3600);
    await signer.stop();
    assert.equal(signer.issued.length, 2);
  });

  test('writes with one PUT and reads nothing', async (t) => {
    const b = await bench(t);
    const calls: string[] = [];
    const client = b.client((_call, request) => {
      calls.push(`${request.method} ${request.target.split('?')[0] ?? ''}`);
      return 'pass';
    });
    await postApproved(b.server, 'a');
    const signer = await startSigner(b, { client });
    await until('it is issued', () => isIssued(b, 'a'));
    await rest();
    await signer.stop();
    assert.deepEqual(calls, [`GET ${COLLECTION}`, `PUT ${COLLECTION}/a/status`]);
  });

  test('keeps labels, spec, user and conditions as they are', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    const before = await read(b.server, 'a');
    const signer = await startSigner(b);
    await until('it is issued', () => isIssued(b, 'a'));
    await signer.stop();
    const after = await read(b.server, 'a');
    const { certificate: _certificate, ...status } = after.status;
    assert.deepEqual(
      { ...after, status, metadata: { ...after.metadata, resourceVersion: before.metadata.resourceVersion } },
      before,
    );
  });

  test('leaves alone what is pending, denied, failed, issued, or for another signer', async (t) => {
    const b = await bench(t);
    await post(b.server, 'pending');
    await post(b.server, 'denied');
    await condition(b.server, 'denied', 'Denied');
    await postApproved(b.server, 'failed');
    await condition(b.server, 'failed', 'Failed');
    await postApproved(b.server, 'other', { signerName: 'example.com/other' });
    await postApproved(b.server, 'last');
    const signer = await startSigner(b);
    await until('the last is issued', () => isIssued(b, 'last'));
    await rest();
    for (const name of ['pending', 'denied', 'failed', 'other']) {
      assert.equal(await isIssued(b, name), false, name);
    }
    await signer.stop();
    assert.equal(signer.issued.length, 1);
  });

  test('signs for several signers over one watch', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    await postApproved(b.server, 'b', { signerName: 'example.com/other' });
    await postApproved(b.server, 'c', { signerName: 'example.com/third' });
    const signer = await startSigner(b, { signerNames: [SIGNER, 'example.com/other'] });
    await until('both are issued', async () => (await isIssued(b, 'a')) && isIssued(b, 'b'));
    await signer.stop();
    assert.equal(await isIssued(b, 'c'), false);
  });

  test('marks Failed what can never be signed, says why, and tells it in an Event', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a', { usages: ['cert sign'] });
    await postApproved(b.server, 'b', { dns: '10.0.0.1' });
    const signer = await startSigner(b);
    await until(
      'both have failed',
      async () => (await failureOf(b, 'a')) !== undefined && (await failureOf(b, 'b')) !== undefined,
    );
    const [, failed] = (await read(b.server, 'a')).status.conditions ?? [];
    assert.deepEqual(failed, {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: 'usage "cert sign" is for a CA, and no CA certificate is signed',
      lastUpdateTime: '2023-11-14T22:13:20Z',
      lastTransitionTime: '2023-11-14T22:13:20Z',
    });
    assert.match((await failureOf(b, 'b')) ?? '', /10\.0\.0\.1/);
    await signer.stop();
    await signer.events.flush();
    const events = await b.client().list<CoreEvent>(EVENTS, { namespace: 'default' });
    const about = events.items.find(({ involvedObject }) => involvedObject.name === 'a');
    assert.equal(about?.reason, 'SignerValidationFailure');
    assert.equal(about.message, 'UsageNotAllowed: usage "cert sign" is for a CA, and no CA certificate is signed');
    assert.equal(about.type, 'Warning');
    assert.equal(about.involvedObject.uid, (await read(b.server, 'a')).metadata.uid);
    assert.equal(signer.issued.length, 0);
  });

  test('tries again, later and later, what cannot be signed now', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    let tries = 0;
    let open = false;
    const signer = await startSigner(b, {
      issue: (next, approved) => {
        tries++;
        if (open) return next(approved);
        return tries % 2 === 0
          ? Promise.reject(new Error('the key is locked'))
          : Promise.resolve({ kind: 'unavailable', message: 'the CA has expired' });
      },
    });
    await until('it was tried', () => tries === 1);
    for (let n = 2; n <= 5; n++) {
      await rest();
      b.clock.advance(1_000_000);
      await until('it was tried again', () => tries === n);
    }
    assert.equal(await failureOf(b, 'a'), undefined);
    open = true;
    await rest();
    b.clock.advance(1_000_000);
    await until('it is issued', () => isIssued(b, 'a'));
    await signer.stop();
  });

  test('publishes the same signature again after a conflict', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    const signer = await startSigner(b, {
      issue: async (next, approved) => {
        const outcome = await next(approved);
        await b.client().patch(CERTIFICATE_SIGNING_REQUESTS, 'a', { metadata: { labels: { touched: 'yes' } } });
        return outcome;
      },
    });
    await until('it is issued', async () => {
      b.clock.advance(1);
      return isIssued(b, 'a');
    });
    await signer.stop();
    assert.equal(signer.issued.length, 1);
    assert.deepEqual((await read(b.server, 'a')).metadata.labels, { touched: 'yes' });
    assert.deepEqual(lost(signer.lines), []);
  });

  const losses: readonly {
    readonly name: string;
    readonly meanwhile: (b: ControlBench) => Promise<unknown>;
    readonly because: string;
  }[] = [
    {
      name: 'somebody else published a certificate first',
      meanwhile: async (b) => {
        const other = await startSigner(b);
        await until('the other one has issued', () => isIssued(b, 'a'));
        await other.stop();
      },
      because: 'another certificate was published first',
    },
    {
      name: 'somebody else gave the request up',
      meanwhile: (b) => condition(b.server, 'a', 'Failed'),
      because: 'it has failed',
    },
    {
      name: 'the request was deleted',
      meanwhile: (b) => b.server.ask({ method: 'DELETE', path: `${COLLECTION}/a` }),
      because: 'the request was deleted',
    },
    {
      name: 'another request has taken its name',
      meanwhile: async (b) => {
        await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/a` });
        await post(b.server, 'a');
      },
      because: 'another request took its name',
    },
  ];
  for (const { name, meanwhile, because } of losses) {
    test(`logs the serial number of a signature that is lost because ${name}`, async (t) => {
      const b = await bench(t);
      await postApproved(b.server, 'a');
      const signer = await startSigner(b, {
        issue: async (next, approved) => {
          const outcome = await next(approved);
          await meanwhile(b);
          return outcome;
        },
      });
      await until('the loss is logged', () => {
        b.clock.advance(1);
        return lost(signer.lines).length > 0;
      });
      await signer.stop();
      assert.equal(signer.issued.length, 1);
      const [line] = lost(signer.lines);
      assert.equal(line?.['serialNumber'], signer.issued[0]);
      assert.equal(line?.['because'], because);
    });
  }

  test('signs a request that took the name of one whose signature it still holds', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    let first = true;
    const client = b.client((_call, { method }) => {
      const fate = method === 'PUT' && first ? 'lose-request' : 'pass';
      if (method === 'PUT') first = false;
      return fate;
    });
    const signer = await startSigner(b, { client });
    await until('the first one was signed', () => signer.issued.length === 1);
    await b.server.ask({ method: 'DELETE', path: `${COLLECTION}/a` });
    await postApproved(b.server, 'a');
    // no time passes: nothing that was to be tried again later helps
    await until('the second one is issued', () => isIssued(b, 'a'));
    await signer.stop();
    assert.equal(signer.issued.length, 2);
    assert.deepEqual(
      lost(signer.lines).map((line) => line['serialNumber']),
      signer.issued.slice(0, 1),
    );
  });

  test('logs the signatures it holds when it has to stop', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    const client = b.client((_call, { method }) => (method === 'PUT' ? 'lose-request' : 'pass'));
    const signer = await startSigner(b, { client });
    await until('it was signed', () => signer.issued.length === 1);
    await rest();
    await signer.stop();
    assert.deepEqual(
      lost(signer.lines).map((line) => [line['serialNumber'], line['because']]),
      [[signer.issued[0], 'the signer stopped before it knew of its publication']],
    );
  });

  test('two signers on one request publish one certificate', async (t) => {
    const b = await bench(t);
    const { events, stop } = history(b.client());
    const one = await startSigner(b);
    const two = await startSigner(b);
    for (let i = 0; i < 20; i++) await postApproved(b.server, `csr-${i}`);
    await until('all are issued', async () => {
      b.clock.advance(1);
      return (await Promise.all(Array.from({ length: 20 }, (_, i) => isIssued(b, `csr-${i}`)))).every(Boolean);
    });
    await rest();
    b.clock.advance(1000);
    await rest();
    await one.stop();
    await two.stop();
    stop();
    for (let i = 0; i < 20; i++) assert.equal(publishedFor(events, `csr-${i}`).size, 1);
    const signatures = one.issued.length + two.issued.length;
    assert.equal(lost([...one.lines, ...two.lines]).length, signatures - 20);
  });
});

suite('signer, cut off at any call', () => {
  /** What is to be done: one to sign and one to fail. */
  const work = async (b: ControlBench): Promise<void> => {
    await postApproved(b.server, 'good');
    await postApproved(b.server, 'bad', { usages: ['cert sign'] });
  };
  const done = async (b: ControlBench): Promise<boolean> =>
    (await isIssued(b, 'good')) && (await failureOf(b, 'bad')) !== undefined;

  for (const fate of ['lose-request', 'lose-answer'] as const) {
    for (let cut = 1; cut <= 6; cut++) {
      test(`a fresh one ends what one began that died at call ${cut} (${fate})`, async (t) => {
        const b = await bench(t);
        const { events, stop } = history(b.client());
        await work(b);
        let calls = 0;
        const dying = b.client((call) => {
          calls = call;
          // From the cut on nothing passes: the process is dead.
          return call < cut ? 'pass' : call === cut ? fate : 'lose-request';
        });
        const first = await startSigner(b, { client: dying });
        await maybe(() => calls >= cut);
        await rest();
        const reached = calls >= cut;
        await first.stop();
        const second = await startSigner(b);
        await until('the work is done', () => done(b));
        await rest();
        await second.stop();
        stop();
        assert.equal(publishedFor(events, 'good').size, 1);
        assert.equal((await read(b.server, 'bad')).status.conditions?.length, 2);
        assert.equal(publishedFor(events, 'bad').size, 0);
        // Each signature is the published one, or was logged as lost.
        const serials = [...first.issued, ...second.issued];
        assert.equal(new Set(serials).size, serials.length);
        assert.equal(serials.length - 1, lostForGood(first, second, await publishedSerial(b)));
        if (cut <= 3) assert.equal(reached, true, 'the cut was reached');
      });

      test(`goes on by itself after call ${cut} broke (${fate})`, async (t) => {
        const b = await bench(t);
        const { events, stop } = history(b.client());
        await work(b);
        const flaky = b.client((call) => (call === cut ? fate : 'pass'));
        const signer = await startSigner(b, { client: flaky });
        await until('the work is done', async () => {
          b.clock.advance(100);
          return done(b);
        });
        await rest();
        await signer.stop();
        stop();
        assert.equal(publishedFor(events, 'good').size, 1);
        assert.equal(signer.issued.length, 1);
        assert.deepEqual(lost(signer.lines), []);
      });
    }
  }

  /** Signatures that were logged as lost and are not the published one: an answer that was lost may hide a success. */
  function lostForGood(first: Running, second: Running, published: string): number {
    const logged = [...lost(first.lines), ...lost(second.lines)].map((line) => line['serialNumber']);
    return logged.filter((serial) => serial !== published).length;
  }

  async function publishedSerial(b: ControlBench): Promise<string> {
    return Buffer.from(certificateOf(await read(b.server, 'good')).serialNumber).toString('hex');
  }
});
