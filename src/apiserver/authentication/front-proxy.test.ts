import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApiRequest, Headers } from '../../kube/exchange.js';
import type { ClientCertificateAuthenticator } from './client-certificate.js';
import { createAuthenticator } from './create-authenticator.js';
import { createFrontProxyAuthenticator } from './front-proxy.js';

const PROXY = Uint8Array.of(1);
const USER = Uint8Array.of(2);
const OTHER_PROXY = Uint8Array.of(3);
const knows = (names: ReadonlyMap<Uint8Array, string>): ClientCertificateAuthenticator => ({
  authenticateCertificate: (der) => {
    const username = names.get(der);
    return username === undefined
      ? { kind: 'invalid', error: 'x509: certificate signed by unknown authority' }
      : { kind: 'user', user: { username, groups: ['of the certificate'] } };
  },
});
const frontProxy = createFrontProxyAuthenticator({
  certificates: knows(
    new Map([
      [PROXY, 'front-proxy'],
      [OTHER_PROXY, 'somebody'],
    ]),
  ),
  allowedNames: ['front-proxy'],
  usernameHeaders: ['x-remote-user', 'x-user'],
  uidHeaders: ['x-remote-uid'],
  groupHeaders: ['x-remote-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
});
const authenticator = createAuthenticator({
  frontProxy,
  certificates: knows(new Map([[USER, 'alice']])),
  apiAudiences: [],
});

function request(headers: Headers, certificateDer?: Uint8Array): ApiRequest {
  const peer = {
    kind: 'connection',
    address: 'a',
    ...(certificateDer === undefined ? {} : { certificateDer }),
  } as const;
  return { method: 'GET', target: '/', headers, body: { kind: 'none' }, signal: new AbortController().signal, peer };
}

const NAMED: Headers = { 'x-remote-user': 'bob', 'x-remote-group': 'system:masters' };

suite('headers of a front proxy', () => {
  for (const [name, asked, kind] of [
    ['without a certificate', request(NAMED), 'anonymous'],
    ['with a certificate that nobody knows', request(NAMED, Uint8Array.of(9)), 'refused'],
    ['of a proxy that is not in the list', request(NAMED, OTHER_PROXY), 'refused'],
    ['that name no user', request({ 'x-remote-group': 'g' }, PROXY), 'refused'],
    ['that name an empty user', request({ 'x-remote-user': '' }, PROXY), 'refused'],
  ] as const) {
    test(`say nothing ${name}`, async () => {
      assert.equal((await authenticator.authenticate(asked)).kind, kind);
    });
  }

  test('say nothing of a user who comes with a certificate of his own', async () => {
    const result = await authenticator.authenticate(request(NAMED, USER));
    assert.ok(result.kind === 'user');
    assert.deepEqual(result.user, { username: 'alice', groups: ['of the certificate', 'system:authenticated'] });
  });

  test('say who it is, and win over a token', async () => {
    const headers: Headers = {
      'x-remote-user': 'bob',
      'x-remote-uid': 'u1',
      'x-remote-group': ['a, b', 'c'],
      'x-remote-extra-example.com%2Fteam': ['t1', 't2'],
      'x-remote-extra-scopes': 'x',
      authorization: 'Bearer nope',
    };
    const result = await authenticator.authenticate(request(headers, PROXY));
    assert.ok(result.kind === 'user');
    assert.deepEqual(result.user, {
      username: 'bob',
      uid: 'u1',
      groups: ['a, b', 'c', 'system:authenticated'],
      extra: { 'example.com/team': ['t1', 't2'], scopes: ['x'] },
    });
  });

  test('are looked at in their order', async () => {
    for (const [headers, username] of [
      [{ 'x-remote-user': 'first', 'x-user': 'second' }, 'first'],
      [{ 'x-remote-user': '', 'x-user': 'second' }, 'second'],
    ] as const) {
      const result = await authenticator.authenticate(request(headers, PROXY));
      assert.equal(result.kind === 'user' && result.user.username, username);
    }
  });
});
