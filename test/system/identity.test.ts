import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { http1, type HttpAnswer } from '../../src/apiserver/testing/http-clients.js';
import { selfSigned } from '../../src/apiserver/testing/self-signed.js';
import { silentLogger } from '../../src/base/logger.js';
import { openTestTerminal } from '../../src/cli/testing/test-terminal.js';
import { MAIN_COMMANDS } from '../../src/main/commands.js';
import { startEmbedded, type Embedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';

const clock = createSystemClock();
const folder = mkdtempSync(join(tmpdir(), 'countersign-identity-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const start = (name: string): Promise<Embedded> =>
  startEmbedded({
    dataFolder: join(folder, name),
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath: join(folder, name, 'kubeconfig'),
    signerNames: [],
    clock,
    logger: silentLogger,
  });

const PATHS = [
  '/healthz',
  '/livez',
  '/readyz',
  '/livez/ping',
  '/version',
  '/',
  '/api',
  '/apis',
  '/api/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/metrics',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/api/v1/namespaces',
  '/api/v1/namespaces?watch=true',
  '/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval',
  '/nowhere',
];

suite('a bad credential is 401 everywhere', () => {
  let embedded: Embedded;
  before(async () => {
    embedded = await start('refusals');
  });
  after(() => embedded.close());

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  for (const [name, headers] of [
    ['a token of nobody', bearer('nope')],
    ['a token in three parts', bearer('a.b.c')],
    ['a token without a signature', bearer('eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.')],
    ['a token of nobody beside impersonation', { ...bearer('nope'), 'Impersonate-User': 'system:admin' }],
    ['an untrusted certificate', {}],
    ['an untrusted certificate beside a Basic header', { authorization: 'Basic YTpi' }],
  ] as const) {
    test(name, async () => {
      const certificate = name.includes('certificate') ? await selfSigned('system:admin') : undefined;
      const client = http1(Number(new URL(embedded.url).port), certificate);
      for (const path of PATHS) {
        const { status, headers: answered } = await client.ask({ path, headers });
        assert.equal(status, 401, path);
        assert.equal(answered['www-authenticate'], undefined, path);
      }
      client.close();
    });
  }

  test('and no credential, or one that is none of ours, is not', async () => {
    const client = http1(Number(new URL(embedded.url).port));
    for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
      const statusOf = async (path: string) => (await client.ask({ path, headers })).status;
      assert.deepEqual(await Promise.all(['/livez', '/version'].map(statusOf)), [200, 200]);
      assert.deepEqual(await Promise.all(['/api', '/metrics', '/openid/v1/jwks'].map(statusOf)), [403, 403, 403]);
    }
    client.close();
  });
});

/** A token of a service account, and which key signed it. */
interface Token {
  readonly text: string;
  readonly kid: string;
}

async function newToken(embedded: Embedded): Promise<Token> {
  const answer = await asAdmin(embedded, 'POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {});
  const { token } = (answer as { status: { token: string } }).status;
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
  return { text: token, kid: header.kid };
}

async function asAdmin(embedded: Embedded, method: string, target: string, body?: object): Promise<unknown> {
  const { status, body: answered } = await embedded.transport({
    method,
    target,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? { kind: 'none' } : { kind: 'object', value: body },
    signal: new AbortController().signal,
    peer: { kind: 'in-process', user: { username: 'admin', groups: ['system:masters'] } },
  });
  assert.ok(status < 300, `${method} ${target}: ${status}`);
  if (answered.kind === 'object') return answered.value;
  return answered.kind === 'bytes' ? JSON.parse(Buffer.from(answered.bytes).toString()) : undefined;
}

async function publishedKeys(embedded: Embedded): Promise<readonly string[]> {
  const set = (await asAdmin(embedded, 'GET', '/openid/v1/jwks')) as { keys: readonly { kid: string }[] };
  return set.keys.map(({ kid }) => kid);
}

async function whoIs(embedded: Embedded, { text }: Token): Promise<HttpAnswer> {
  const client = http1(Number(new URL(embedded.url).port));
  const answer = await client.ask({ path: '/api', headers: { authorization: `Bearer ${text}` } });
  client.close();
  return answer;
}

/** Looks until it is so; fails after a while. */
async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`It never came: ${what}`);
}

suite('countersign rotate token-key', () => {
  test('refuses what cannot be meant, and a folder without a server', async (t) => {
    const terminal = openTestTerminal(t, { clock });
    const run = (...args: readonly string[]) =>
      terminal.run(['rotate', 'token-key', '--data-dir', terminal.folder, ...args], { extra: MAIN_COMMANDS });
    for (const [args, message] of [
      [[], /no server has run in /],
      [['--show'], /no server has run in /],
      [['--show', '--revoke-old'], /Cannot use --show together with --revoke-old/],
      [['--sign-after', 'soon'], /Cannot read --sign-after: "soon" is no duration/],
    ] as const) {
      const { exitCode, stderr, stdout } = await run(...args);
      assert.deepEqual([exitCode, stdout], [1, ''], stderr);
      assert.match(stderr, message);
    }
  });

  test('a server at work publishes the new key, then signs with it, and goes on taking what the old one signed', async (t) => {
    let embedded = await start('rotation');
    t.after(() => embedded.close());
    const terminal = openTestTerminal(t, { clock });
    const dataDir = join(folder, 'rotation');
    const rotate = (...args: readonly string[]) =>
      terminal.run(['rotate', 'token-key', '--data-dir', dataDir, ...args], { extra: MAIN_COMMANDS });
    const first = await eventually('the service account', () => newToken(embedded).catch(() => undefined));
    const { exitCode, stdout, stderr } = await rotate('--sign-after', '1s');
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stdout,
      new RegExp(`^KEY +ALGORITHM +STATE\n${first.kid} +ES256 +signs\n.* +ES256 +published, signs from`),
    );
    const twice = await rotate();
    assert.equal(twice.exitCode, 1);
    assert.match(twice.stderr, /there is a new key already/);
    const both = await eventually('the new key', async () => {
      const keys = await publishedKeys(embedded);
      return keys.length === 2 ? keys : undefined;
    });
    const next = await eventually('a token of the new key', async () => {
      const token = await newToken(embedded);
      return token.kid === first.kid ? undefined : token;
    });
    assert.deepEqual(new Set(both), new Set([first.kid, next.kid]));
    for (const token of [first, next]) assert.equal((await whoIs(embedded, token)).status, 200);

    await embedded.close();
    embedded = await start('rotation');
    assert.deepEqual(await publishedKeys(embedded), [next.kid, first.kid], 'also after a restart');
    for (const token of [first, next]) assert.equal((await whoIs(embedded, token)).status, 200);

    assert.equal((await rotate('--revoke-old')).exitCode, 0);
    await eventually('the end of the old keys', async () =>
      (await whoIs(embedded, next)).status === 401 ? true : undefined,
    );
    assert.equal((await whoIs(embedded, first)).status, 401);
    const last = await newToken(embedded);
    assert.deepEqual(await publishedKeys(embedded), [last.kid]);
    assert.match((await rotate('--show')).stdout, new RegExp(`${last.kid} +ES256 +signs\n$`));
  });
});
