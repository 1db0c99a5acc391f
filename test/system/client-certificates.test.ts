import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import {
  http1,
  http2Client,
  type ClientCredentials,
  type HttpAnswer,
} from '../../src/apiserver/testing/http-clients.js';
import { cn, testCertificate, testKey } from '../../src/authority/testing/test-certificates.js';
import { toUnixSeconds } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import { startEmbedded, type Embedded } from '../../src/main/embedded.js';
import { identitySettings } from '../../src/main/identity-flags.js';
import { createSystemClock } from '../../src/main/system-clock.js';

const TIMES = { notBefore: toUnixSeconds(0), notAfter: toUnixSeconds(4_000_000_000) };
const folder = mkdtempSync(join(tmpdir(), 'countersign-clients-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A CA, an intermediate below it, and a certificate of that one: PEM. */
async function hierarchy(name: string, leafName: string) {
  const [root, middle, leaf] = await Promise.all(['root', 'middle', 'leaf'].map((part) => testKey(`${name} ${part}`)));
  assert.ok(root !== undefined && middle !== undefined && leaf !== undefined);
  const rootOf = { subject: cn(`${name} root`), key: root };
  const middleOf = { subject: cn(`${name} middle`), key: middle };
  return {
    root: await testCertificate({ ...rootOf, ...TIMES }),
    middle: await testCertificate({ ...middleOf, issuer: rootOf, ...TIMES }),
    leaf: await testCertificate({
      subject: cn(leafName),
      key: leaf,
      issuer: middleOf,
      constraints: null,
      usages: ['digitalSignature'],
      ...TIMES,
    }),
    key: exportPrivateKeyPem(leaf, { format: 'pkcs8' }),
  };
}

const start = (flags: Readonly<Record<string, unknown>>): Promise<Embedded> =>
  startEmbedded({
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath: join(folder, 'kubeconfig'),
    signerNames: [],
    identity: identitySettings(flags, folder),
    clock: createSystemClock(),
    logger: silentLogger,
  });

async function ask(
  embedded: Embedded,
  credentials: ClientCredentials,
  headers: Readonly<Record<string, string>> = {},
  connect = http1,
): Promise<HttpAnswer> {
  const client = connect(Number(new URL(embedded.url).port), credentials);
  const answer = await client.ask({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });
  client.close();
  return answer;
}

const userOf = ({ text }: HttpAnswer) =>
  (JSON.parse(text) as { status?: { userInfo?: { username: string; extra?: Readonly<Record<string, unknown>> } } })
    .status?.userInfo;

suite('client certificates of authorities of a file', () => {
  test('count with their intermediates, over either protocol, and from the moment at which the file names them', async (t) => {
    const [first, second] = await Promise.all([hierarchy('first', 'alice'), hierarchy('second', 'bob')]);
    const bundle = join(folder, 'clients.pem');
    writeFileSync(bundle, first.root);
    const embedded = await start({ clientCaFile: bundle });
    t.after(() => embedded.close());
    const whole = { key: first.key, cert: first.leaf + first.middle };
    for (const connect of [http1, http2Client]) {
      const user = userOf(await ask(embedded, whole, {}, connect));
      assert.equal(user?.username, 'alice');
      const [credential] = user.extra?.['authentication.kubernetes.io/credential-id'] as readonly string[];
      assert.match(credential ?? '', /^X509SHA256=[0-9a-f]{64}$/);
    }
    assert.equal((await ask(embedded, { key: second.key, cert: second.leaf + second.middle })).status, 401);
    writeFileSync(bundle, first.root + second.root);
    for (let i = 0; i < 600; i++) {
      const { status } = await ask(embedded, { key: second.key, cert: second.leaf + second.middle });
      if (status === 201) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail('the second authority never counted');
  });

  test('do not count without their intermediates', async (t) => {
    const { root, leaf, key } = await hierarchy('third', 'carol');
    writeFileSync(join(folder, 'third.pem'), root);
    const embedded = await start({ clientCaFile: 'third.pem' });
    t.after(() => embedded.close());
    assert.equal((await ask(embedded, { key, cert: leaf })).status, 401);
  });
});

test('a front proxy says who asks, and nobody else does', async (t) => {
  const [proxy, client] = await Promise.all([hierarchy('proxy', 'front-proxy'), hierarchy('client', 'dave')]);
  writeFileSync(join(folder, 'proxies.pem'), proxy.root);
  writeFileSync(join(folder, 'users.pem'), client.root);
  const embedded = await start({
    clientCaFile: 'users.pem',
    requestheaderClientCaFile: 'proxies.pem',
    requestheaderAllowedNames: ['front-proxy'],
  });
  t.after(() => embedded.close());
  const headers = { 'X-Remote-User': 'erin', 'X-Remote-Group': 'dev' };
  const asProxy = await ask(embedded, { key: proxy.key, cert: proxy.leaf + proxy.middle }, headers);
  assert.equal(userOf(asProxy)?.username, 'erin');
  const asClient = await ask(embedded, { key: client.key, cert: client.leaf + client.middle }, headers);
  assert.equal(userOf(asClient)?.username, 'dave');
});
