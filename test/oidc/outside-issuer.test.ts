import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { http1 } from '../../src/apiserver/testing/http-clients.js';
import { silentLogger } from '../../src/base/logger.js';
import { startEmbedded, type Embedded } from '../../src/main/embedded.js';
import { identitySettings } from '../../src/main/identity-flags.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { idToken, issuerKey, jwkOf } from './issuer.js';
import { startIssuer, type IssuerServer } from './issuer-server.js';

const clock = createSystemClock();
const key = issuerKey('k', 2048);
const folder = mkdtempSync(join(tmpdir(), 'countersign-oidc-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const start = (flags: Readonly<Record<string, unknown>>): Promise<Embedded> =>
  startEmbedded({
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath: join(folder, 'kubeconfig'),
    signerNames: [],
    identity: identitySettings(flags, folder),
    clock,
    logger: silentLogger,
  });

interface WhoAmI {
  readonly status: number;
  readonly user?: { readonly username: string; readonly groups: readonly string[] };
}

/** Who the bearer of a token is, or 401. */
async function whoIs(embedded: Embedded, token: string): Promise<WhoAmI> {
  const client = http1(Number(new URL(embedded.url).port));
  const { status, text } = await client.ask({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  client.close();
  if (status !== 201) return { status };
  const { userInfo } = (JSON.parse(text) as { status: { userInfo: WhoAmI['user'] } }).status;
  return { status, ...(userInfo === undefined ? {} : { user: userInfo }) };
}

/** Asks until the answer is this status; fails after a while. */
async function until(status: number, ask: () => Promise<WhoAmI>): Promise<WhoAmI> {
  for (let i = 0; i < 600; i++) {
    const answer = await ask();
    if (answer.status === status) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`It never answered ${status}`);
}

suite('a server with an outside issuer', () => {
  let issuer: IssuerServer;
  let other: IssuerServer;
  const claims = (more: object = {}) => {
    const now = Math.floor(clock.now() / 1000);
    return { iss: issuer.url, aud: 'kube', sub: 'alice', groups: ['dev'], exp: now + 600, iat: now, ...more };
  };
  before(async () => {
    [issuer, other] = await Promise.all([startIssuer('/realm'), startIssuer()]);
    writeFileSync(join(folder, 'ca.pem'), issuer.caPem);
  });
  after(() => Promise.all([issuer.close(), other.close()]));

  test('named by flags: knows its users once it answers, and nobody else', async (t) => {
    issuer.publish([jwkOf(key)]);
    const flags = { oidcIssuerUrl: issuer.url, oidcClientId: 'kube', oidcGroupsClaim: 'groups', oidcCaFile: 'ca.pem' };
    const embedded = await start(flags);
    t.after(() => embedded.close());
    const known = await until(201, () => whoIs(embedded, idToken(key, 'RS256', claims())));
    assert.deepEqual(known.user, {
      username: `${issuer.url}#alice`,
      groups: ['dev', 'system:authenticated'],
    });
    for (const [what, token] of [
      ['of another key', idToken(issuerKey('k', 2048), 'RS256', claims())],
      ['for somebody else', idToken(key, 'RS256', claims({ aud: 'other' }))],
      ['by an algorithm that is not taken', idToken(key, 'PS256', claims())],
      ['in a group of the system', idToken(key, 'RS256', claims({ groups: ['system:masters'] }))],
    ] as const) {
      assert.equal((await whoIs(embedded, token)).status, 401, what);
    }
  });

  test('named in a file: several, with a change of the file while it runs', async (t) => {
    issuer.publish([jwkOf(key)]);
    other.publish([jwkOf(key)]);
    const entry = ({ url, caPem }: IssuerServer, prefix: string) => ({
      issuer: { url, certificateAuthority: caPem, audiences: ['kube'] },
      claimMappings: { username: { claim: 'sub', prefix } },
    });
    const write = (...jwt: readonly object[]): void => {
      const head = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
      writeFileSync(join(folder, 'auth.yaml'), JSON.stringify({ ...head, jwt }));
    };
    write(entry(issuer, 'one:'));
    const embedded = await start({ authenticationConfig: 'auth.yaml' });
    t.after(() => embedded.close());
    const one = idToken(key, 'RS256', claims());
    const two = idToken(key, 'RS256', claims({ iss: other.url }));
    assert.equal((await until(201, () => whoIs(embedded, one))).user?.username, 'one:alice');
    assert.equal((await whoIs(embedded, two)).status, 401);
    write(entry(other, 'two:'));
    assert.equal((await until(201, () => whoIs(embedded, two))).user?.username, 'two:alice');
    assert.equal((await whoIs(embedded, one)).status, 401);
  });

  test('does not start with a file that is wrong', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'kind: Config\n');
    await assert.rejects(start({ authenticationConfig: 'wrong.yaml' }), { code: 'CONFIG_INVALID' });
    await assert.rejects(start({ authenticationConfig: 'none.yaml' }), { code: 'CONFIG_INVALID' });
    const flags = { oidcIssuerUrl: issuer.url, oidcClientId: 'kube', oidcCaFile: 'wrong.yaml' };
    await assert.rejects(start(flags), { code: 'CONFIG_INVALID' });
  });
});
