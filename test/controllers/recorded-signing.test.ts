import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { parseCertificateBundle } from '../../src/certificates/certificate-bundle.js';
import type { Client } from '../../src/client/client.js';
import type { CoreEvent } from '../../src/client/core-objects.js';
import { createEventRecorder, type EventRecorder } from '../../src/client/event-recorder.js';
import { CERTIFICATE_RECORDS, EVENTS } from '../../src/client/resources.js';
import type { RecordTrust } from '../../src/controllers/signer/record-gate.js';
import { createSigner } from '../../src/controllers/signer/signer.js';
import { toHex } from '../../src/base/bytes.js';
import { createRequestVerifier } from '../../src/crypto/request-verifier.js';
import type { ApiRequest } from '../../src/kube/exchange.js';
import type { NodeFacts } from '../../src/policy/facts.js';
import {
  history,
  keepingLogger,
  maybe,
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
  type Fate,
  type Line,
} from './control-bench.js';
import { handFacts, postByPolicy, readRecord, recordOf, trustIn, type WantedRecord } from './record-bench.js';

const NODE: NodeFacts = {
  name: 'n1',
  uid: 'uid-node',
  resourceVersion: '7',
  ips: [],
  dnsNames: ['a.example.org'],
  deleting: false,
};

async function bench(t: TestContext): Promise<ControlBench> {
  const opened = await openBench();
  t.after(() => opened.close());
  return opened;
}

interface Running {
  readonly lines: Line[];
  /** Serial numbers of signatures that were made. */
  readonly issued: string[];
  readonly events: EventRecorder;
  readonly stop: () => Promise<void>;
}

async function startSigner(
  b: ControlBench,
  records: RecordTrust | undefined,
  client: Client = b.client(),
): Promise<Running> {
  const { clock, random } = b;
  const lines: Line[] = [];
  const logger = keepingLogger(lines);
  const ca = await testAuthority(clock);
  const issued: string[] = [];
  const events = createEventRecorder({ client: b.client(), clock, random, logger, component: 'signer' });
  const issuer: typeof ca = {
    ...ca,
    issue: async (input) => {
      const outcome = await ca.issue(input);
      if (outcome.kind === 'issued') issued.push(outcome.serialNumberHex);
      return outcome;
    },
  };
  const signer = createSigner({
    client,
    clock,
    random,
    logger,
    verifier: createRequestVerifier(),
    events,
    issuers: new Map([[SIGNER, issuer]]),
    ...(records === undefined ? {} : { records }),
  });
  return { lines, issued, events, stop: b.run([signer], logger) };
}

/** `Issued`, `Failed: reason: message`, or `open`. */
async function outcomeOf(b: ControlBench, name: string): Promise<string> {
  const { status } = await read(b.server, name);
  const failed = status.conditions?.find(({ type }) => type === 'Failed');
  if (failed !== undefined) return `Failed: ${failed.reason ?? ''}: ${failed.message ?? ''}`;
  return status.certificate === undefined ? 'open' : 'Issued';
}

async function serialOf(b: ControlBench, name: string): Promise<string> {
  const bundle = parseCertificateBundle((await read(b.server, name)).status.certificate ?? '');
  return bundle.kind === 'bundle' ? toHex(bundle.certificates[0]?.serialNumber ?? new Uint8Array()) : bundle.detail;
}

const isSettled = async (b: ControlBench, name: string): Promise<boolean> => (await outcomeOf(b, name)) !== 'open';

const saysThatItWaits = (lines: readonly Line[]): number =>
  lines.filter(({ message }) => message === 'Waits with CertificateSigningRequest').length;

suite('a request that a policy approved', () => {
  const refused: readonly { readonly name: string; readonly record: WantedRecord; readonly expect: RegExp }[] = [
    {
      name: 'fails where its record is signed by a key that nobody trusts',
      record: { keyName: 'impostor' },
      expect: /^Failed: RecordInvalid: it is signed by the key "sha256:[0-9a-f]{64}", which is not trusted$/,
    },
    {
      name: 'fails where its record does not grant a name that it asks for',
      record: { change: (spec) => ({ ...spec, names: spec.names.slice(1) }) },
      expect: /^Failed: RecordInvalid: its record grants no DNS "a\.example\.org", which it asks for$/,
    },
    {
      name: 'fails where its record is about other usages',
      record: { change: (spec) => ({ ...spec, request: { ...spec.request, usages: ['client auth'] } }) },
      expect: /^Failed: RecordInvalid: its usages is not the one on record$/,
    },
    {
      name: 'fails where its record says that it was denied',
      record: { change: (spec) => ({ ...spec, decision: { ...spec.decision, verdict: 'Denied' } }) },
      expect: /^Failed: RecordInvalid: its record says that it was denied$/,
    },
  ];
  for (const { name, record, expect } of refused) {
    test(name, async (t) => {
      const b = await bench(t);
      await postByPolicy(b, 'a', { record });
      const signer = await startSigner(b, await trustIn(handFacts()));
      await until('it is settled', () => isSettled(b, 'a'));
      await signer.stop();
      assert.match(await outcomeOf(b, 'a'), expect);
      assert.deepEqual(signer.issued, []);
      assert.equal((await readRecord(b, 'a')).status?.issuance, undefined);
    });
  }

  test('fails where it has the record of a request of the same name that was there before', async (t) => {
    const b = await bench(t);
    await post(b.server, 'a', { dns: 'a.example.org' });
    const old = await recordOf(b, 'a');
    await b.server.ask({ method: 'DELETE', path: '/apis/certificates.k8s.io/v1/certificatesigningrequests/a' });
    await postByPolicy(b, 'a', { record: false });
    const uid = (await read(b.server, 'a')).metadata.uid ?? '';
    await b.client().create(CERTIFICATE_RECORDS, { ...old, metadata: { name: uid } });
    const signer = await startSigner(b, await trustIn(handFacts()));
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.match(await outcomeOf(b, 'a'), /^Failed: RecordInvalid: it is named .* and its request has the uid/);
    assert.deepEqual(signer.issued, []);
  });

  test('fails a minute after its approval where nothing is on record, and says so', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a', { record: false });
    const signer = await startSigner(b, await trustIn(handFacts()));
    await until('it waits', () => saysThatItWaits(signer.lines) === 1);
    for (let i = 0; i < 40; i++) {
      await rest();
      b.clock.advance(2000);
    }
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    await signer.events.flush();
    assert.match(await outcomeOf(b, 'a'), /^Failed: RecordMissing: /);
    const { items } = await b.client().list<CoreEvent>(EVENTS, { namespace: 'default' });
    assert.deepEqual(items.map(({ reason }) => reason).sort(), ['RecordMissing', 'SigningWaits']);
    assert.equal(saysThatItWaits(signer.lines), 1);
    assert.deepEqual(signer.issued, []);
  });

  test('is signed where its record comes within that minute', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a', { record: false });
    const signer = await startSigner(b, await trustIn(handFacts()));
    await until('it waits', () => saysThatItWaits(signer.lines) === 1);
    await b.client().create(CERTIFICATE_RECORDS, await recordOf(b, 'a'));
    await rest();
    b.clock.advance(2000);
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.equal(await outcomeOf(b, 'a'), 'Issued');
  });

  test('waits with a word where the signer was not told whom to trust, and others are signed', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a');
    await postApproved(b.server, 'b');
    const signer = await startSigner(b, undefined);
    await until('the other is issued', () => isSettled(b, 'b'));
    await until('it waits', () => saysThatItWaits(signer.lines) === 1);
    await signer.stop();
    await signer.events.flush();
    assert.equal(await outcomeOf(b, 'a'), 'open');
    const { items } = await b.client().list<CoreEvent>(EVENTS, { namespace: 'default' });
    assert.deepEqual(
      items.map(({ reason, type, involvedObject }) => [involvedObject.name, type, reason]),
      [['a', 'Warning', 'RecordTrustMissing']],
    );
  });

  test('fails where facts contradict it', async (t) => {
    const b = await bench(t);
    const facts = handFacts();
    facts.store.set('Node', NODE);
    await postByPolicy(b, 'a');
    const signer = await startSigner(b, await trustIn(facts));
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.equal(await outcomeOf(b, 'a'), 'Failed: EvidenceStale: DNS "a.example.org": it belongs to node n1');
    assert.deepEqual(signer.issued, []);
  });

  test('waits until the caches have reached its evidence', async (t) => {
    const b = await bench(t);
    const facts = handFacts();
    facts.version = '6';
    const evidence = [{ kind: 'Node' as const, name: 'n1', uid: 'uid-node', resourceVersion: '7' }];
    await postByPolicy(b, 'a', { record: { evidence } });
    const signer = await startSigner(b, await trustIn(facts));
    await until('it waits', () => saysThatItWaits(signer.lines) === 1);
    await rest();
    b.clock.advance(2000);
    await rest();
    assert.equal(await outcomeOf(b, 'a'), 'open');
    facts.version = '7';
    b.clock.advance(2000);
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.equal(await outcomeOf(b, 'a'), 'Issued');
  });

  test('is looked at again when a fact changes that it rests on, without time passing', async (t) => {
    const b = await bench(t);
    const facts = handFacts();
    facts.store.setStanding({ kind: 'silent', resource: 'nodes', seconds: 200 });
    await postByPolicy(b, 'a');
    const signer = await startSigner(b, await trustIn(facts));
    await until('it waits', () => saysThatItWaits(signer.lines) === 1);
    facts.store.setStanding({ kind: 'fresh' });
    facts.changed({ kind: 'Node', key: 'n2', current: { ...NODE, name: 'n2', dnsNames: ['b.example.org'] } });
    await rest();
    assert.equal(await outcomeOf(b, 'a'), 'open', 'what it does not rest on does not wake it');
    facts.store.set('Node', NODE);
    facts.changed({ kind: 'Node', key: 'n1', current: NODE });
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.match(await outcomeOf(b, 'a'), /^Failed: EvidenceStale/);
  });

  test('has what is signed in its record before anybody sees the certificate', async (t) => {
    const b = await bench(t);
    await postByPolicy(b, 'a', { expirationSeconds: 3600 });
    const calls: string[] = [];
    const client = b.client((_call, { method, target }: ApiRequest) => {
      calls.push(`${method} ${/\/v1[^/]*\/([a-z]+)[^?]*?(\/status)?(?:\?|$)/.exec(target)?.slice(1).join('') ?? ''}`);
      return 'pass';
    });
    const signer = await startSigner(b, await trustIn(handFacts()), client);
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.deepEqual(calls, [
      'GET certificatesigningrequests',
      'GET certificaterecords',
      'PATCH certificaterecords/status',
      'PUT certificatesigningrequests/status',
    ]);
    const record = await readRecord(b, 'a');
    assert.deepEqual(record.status?.issuance, {
      phase: 'Intended',
      serialNumber: await serialOf(b, 'a'),
      notBefore: '2023-11-14T22:08:20Z',
      notAfter: '2023-11-14T23:13:20Z',
    });
  });

  test('costs a request that a person approved nothing: no record is read or written', async (t) => {
    const b = await bench(t);
    await postApproved(b.server, 'a');
    const calls: string[] = [];
    const client = b.client((_call, { target }: ApiRequest) => {
      calls.push(target);
      return 'pass';
    });
    const signer = await startSigner(b, await trustIn(handFacts()), client);
    await until('it is settled', () => isSettled(b, 'a'));
    await signer.stop();
    assert.deepEqual(
      calls.filter((target) => target.includes('certificaterecords')),
      [],
    );
  });

  test('gets one certificate, which is on record, wherever a signer is killed', async (t) => {
    for (const fate of ['lose-request', 'lose-answer'] as const) {
      for (let killedAt = 1; killedAt <= 5; killedAt++) {
        const b = await bench(t);
        const seen = history(b.client());
        await postByPolicy(b, 'a');
        let calls = 0;
        let dead = false;
        const dying = b.client((): Fate => {
          if (dead) return 'lose-request';
          if (++calls < killedAt) return 'pass';
          dead = true;
          return fate;
        });
        const first = await startSigner(b, await trustIn(handFacts()), dying);
        await maybe(() => dead);
        await rest();
        await first.stop();
        const second = await startSigner(b, await trustIn(handFacts()));
        await until('it is settled', () => isSettled(b, 'a'));
        await second.stop();
        await rest();
        seen.stop();
        const where = `${fate} of call ${killedAt}`;
        assert.equal(publishedFor(seen.events, 'a').size, 1, where);
        const { issuance } = (await readRecord(b, 'a')).status ?? {};
        const published = await serialOf(b, 'a');
        assert.equal(issuance?.serialNumber, published, where);
        // Every signature that was made and never published is told of.
        for (const serial of [...first.issued, ...second.issued]) {
          if (serial !== published) assert.match(issuance.message ?? '', new RegExp(`serial number ${serial} `), where);
        }
      }
    }
  });

  test('gets one certificate from two signers at once', async (t) => {
    const b = await bench(t);
    const seen = history(b.client());
    for (let i = 0; i < 10; i++) await postByPolicy(b, `a${i}`);
    const signers = [
      await startSigner(b, await trustIn(handFacts())),
      await startSigner(b, await trustIn(handFacts())),
    ];
    for (let i = 0; i < 10; i++) {
      await until('it is settled', async () => {
        b.clock.advance(1000);
        return isSettled(b, `a${i}`);
      });
    }
    for (const signer of signers) await signer.stop();
    await rest();
    seen.stop();
    for (let i = 0; i < 10; i++) assert.equal(publishedFor(seen.events, `a${i}`).size, 1);
  });
});
