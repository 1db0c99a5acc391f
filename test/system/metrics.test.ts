import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { createCa } from '../../src/authority/create-ca.js';
import { testKey } from '../../src/authority/testing/test-certificates.js';
import { toBase64 } from '../../src/base/base64.js';
import { utf8 } from '../../src/base/bytes.js';
import { secondsOf } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import { openTestTerminal } from '../../src/cli/testing/test-terminal.js';
import { createClient, type Client } from '../../src/client/client.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import { APPROVAL_POLICIES, CERTIFICATE_SIGNING_REQUESTS } from '../../src/client/resources.js';
import { random } from '../../src/crypto/digest.js';
import { createCertificationRequest } from '../../src/crypto/certification-request.js';
import type { UserInfo } from '../../src/kube/object-meta.js';
import { MAIN_COMMANDS } from '../../src/main/commands.js';
import { type Embedded, startEmbedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { encodePem } from '../../src/x509/pem.js';

const EMBEDDED = 'countersign.dev/serving';
const OUTSIDE = 'example.com/serving';
const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** Looks until there is something; fails after a while. */
async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let i = 0; i < 1000; i++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`It never came: ${what}`);
}

/** Waits until a series has a value. */
async function reads(text: () => Promise<string>, series: string, value: number): Promise<void> {
  await eventually(
    `${series} ${value}`,
    async () => (await text()).split('\n').includes(`${series} ${value}`) || undefined,
  );
}

suite('metrics of a system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-metrics-'));
  const clock = createSystemClock();
  let embedded: Embedded;
  let admin: Client;

  before(async () => {
    embedded = await startEmbedded({
      host: '127.0.0.1',
      port: 0,
      kubeconfigPath: join(folder, 'kubeconfig'),
      signerNames: [EMBEDDED],
      clock,
      logger: silentLogger,
    });
    admin = createClient(createInProcessTransport(embedded.transport, ADMIN), { userAgent: 'test' });
    await admin.create(APPROVAL_POLICIES, {
      metadata: { name: 'zone' },
      spec: {
        signerNames: [EMBEDDED],
        requesters: { groups: ['system:masters'] },
        names: { dns: ['*.team.example'] },
        usages: { allowed: ['digital signature', 'key encipherment', 'server auth'] },
        subject: { commonName: 'Optional' },
        onViolation: 'Deny',
      },
    });
  });

  after(async () => {
    await embedded.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (name: string, signerName: string, dns: string, usages = ['digital signature', 'server auth']) => {
    const subjectAltNames = [{ kind: 'dns', value: dns }] as const;
    const der = await createCertificationRequest(await testKey('workload'), { subject: [], subjectAltNames });
    return admin.create(CERTIFICATE_SIGNING_REQUESTS, {
      metadata: { name },
      spec: { request: toBase64(utf8(encodePem('CERTIFICATE REQUEST', der))), signerName, usages },
      status: {},
    });
  };
  const approve = async (name: string): Promise<void> => {
    const csr = await admin.get(CERTIFICATE_SIGNING_REQUESTS, name);
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }];
    await admin.updateSubresource(CERTIFICATE_SIGNING_REQUESTS, 'approval', { ...csr, status: { conditions } });
  };
  /** What the API server says to somebody who asks for its metrics. */
  const scrape = async (user: UserInfo = ADMIN): Promise<{ readonly status: number; readonly text: string }> => {
    const { status, body } = await createInProcessTransport(
      embedded.transport,
      user,
    )({
      method: 'GET',
      target: '/metrics',
      headers: {},
      body: { kind: 'none' },
      signal: AbortSignal.timeout(10_000),
      peer: { kind: 'in-process', user },
    });
    return { status, text: body.kind === 'bytes' ? Buffer.from(body.bytes).toString() : '' };
  };
  const embeddedText = async (): Promise<string> => (await scrape()).text;

  test('are for those who may read them', async () => {
    const nobody = await scrape({ username: 'eve', groups: ['system:authenticated'] });
    assert.equal(nobody.status, 403);
    const monitoring = await scrape({ username: 'prometheus', groups: ['system:monitoring', 'system:authenticated'] });
    assert.equal(monitoring.status, 200);
  });

  test('move when a request is denied, waits, is approved, refused or signed', async () => {
    const decided = (policy: string, verdict: string): string =>
      `countersign_approver_decisions_total{policy="${policy}",signer="${EMBEDDED}",verdict="${verdict}"}`;
    const signed = (outcome: string): string =>
      `countersign_signer_certificates_total{signer="${EMBEDDED}",outcome="${outcome}"}`;
    for (const outcome of ['issued', 'refused', 'lost']) await reads(embeddedText, signed(outcome), 0);
    await post('denied', EMBEDDED, 'a.elsewhere.example');
    await reads(embeddedText, decided('zone', 'denied'), 1);
    await post('approved', EMBEDDED, 'a.team.example');
    await reads(embeddedText, decided('zone', 'approved'), 1);
    await reads(embeddedText, signed('issued'), 1);
    await admin.patch(APPROVAL_POLICIES, 'zone', { spec: { onViolation: 'Defer' } });
    await post('refused', EMBEDDED, 'a.team.example', ['cert sign']);
    await reads(embeddedText, decided('', 'deferred'), 1);
    await approve('refused');
    await reads(embeddedText, signed('refused'), 1);
    await reads(embeddedText, signed('issued'), 1);
    const text = await embeddedText();
    assert.match(text, /^countersign_controller_reconciles_total\{controller="approver",outcome="done"\} [1-9]/m);
    assert.match(text, /^countersign_controller_reconcile_seconds_count\{controller="signer"\} [1-9]/m);
    assert.match(text, /^countersign_controller_queue_depth\{controller="signer"\} 0$/m);
    assert.match(text, /^countersign_signer_ca_expiration_timestamp_seconds\{signer="[^"]+"\} \d{10}$/m);
  });

  test('have no word of a requester in them', async () => {
    await post('needle-name', 'needle.example/signer', 'needle.team.example');
    await post('needle-waits', EMBEDDED, 'needle.elsewhere.example');
    await reads(
      embeddedText,
      `countersign_approver_decisions_total{policy="",signer="${EMBEDDED}",verdict="deferred"}`,
      2,
    );
    assert.doesNotMatch(await embeddedText(), /needle/);
  });

  /** Runs `countersign controller` until the test ends, and says where it serves metrics. */
  const runController = async (t: TestContext): Promise<(path: string) => Promise<Response>> => {
    const terminal = openTestTerminal(t, {
      clock,
      transport: createInProcessTransport(embedded.transport, ADMIN),
    });
    const ca = await createCa({ subject: { commonName: 'Outside' }, now: secondsOf(clock), random });
    writeFileSync(terminal.path('ca.pem'), ca.certificatePem);
    writeFileSync(terminal.path('ca-key.pem'), ca.keyPem);
    const end = new AbortController();
    let log = '';
    const running = terminal.run(
      [
        ...['controller', '--signer', OUTSIDE, '--ca', 'ca.pem', '--ca-key', 'ca-key.pem'],
        ...['--metrics-listen', '127.0.0.1:0'],
      ],
      { extra: MAIN_COMMANDS, signal: end.signal, onStderr: (text) => (log += text) },
    );
    t.after(async () => {
      end.abort();
      assert.equal((await running).exitCode, 0);
    });
    const address = await eventually('its address', () => /Serves metrics.*?(127\.0\.0\.1:\d+)/.exec(log)?.[1]);
    return (path) => fetch(`http://${address}${path}`);
  };

  test('of a controller say what it does, and which of two replicas leads', async (t) => {
    const ask = await runController(t);
    const text = async (): Promise<string> => (await ask('/metrics')).text();
    const leads = 'leader_election_master_status{name="countersign-controller"}';
    await reads(text, leads, 1);
    await eventually('it is ready', async () => (await ask('/readyz')).ok || undefined);
    await post('outside', OUTSIDE, 'a.outside.example');
    await approve('outside');
    await reads(text, `countersign_signer_certificates_total{signer="${OUTSIDE}",outcome="issued"}`, 1);
    const second = await runController(t);
    await eventually('the second is ready to take over', async () => (await second('/readyz')).ok || undefined);
    await reads(async () => (await second('/metrics')).text(), leads, 0);
  });

  for (const address of ['9402x', '127.0.0.1', '127.0.0.1:99999', '::1:9402']) {
    test(`of a controller are not served at ${address}`, async (t) => {
      const terminal = openTestTerminal(t, { clock });
      const args = ['controller', '--cleaner', '--metrics-listen', address];
      const { exitCode, stderr } = await terminal.run(args, { extra: MAIN_COMMANDS });
      assert.equal(exitCode, 1);
      assert.match(stderr, /^error: Cannot use --metrics-listen: /);
    });
  }
});
