import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ApiRequest, Headers, Peer } from '../../kube/exchange.js';
import { bearerTokenOf } from './bearer-token.js';
import type { ClientCertificateAuthenticator } from './client-certificate.js';
import { createAuthenticator } from './create-authenticator.js';
import { createStaticTokenAuthenticator, parseStaticTokens } from './static-tokens.js';
import { unionOfTokens } from './union-of-tokens.js';

const GOOD = Uint8Array.of(1);
const BAD = Uint8Array.of(2);
const certificates: ClientCertificateAuthenticator = {
  authenticateCertificate: (der) =>
    der === GOOD
      ? { kind: 'user', user: { username: 'cert', groups: ['o'] } }
      : { kind: 'invalid', error: 'x509: certificate signed by unknown authority' },
};
const tokens = unionOfTokens([createStaticTokenAuthenticator(parseStaticTokens('tok,bob,1,g\n', 't'), ['api'])]);
const authenticator = createAuthenticator({ certificates, tokens, apiAudiences: ['api'] });

function request(headers: Headers, certificateDer?: Uint8Array): ApiRequest {
  const peer: Peer = { kind: 'connection', address: 'a', ...(certificateDer === undefined ? {} : { certificateDer }) };
  return { method: 'GET', target: '/', headers, body: { kind: 'none' }, signal: new AbortController().signal, peer };
}

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

const refused: readonly (readonly [string, ApiRequest])[] = [
  ['a certificate of nobody known', request({}, BAD)],
  ['a token of nobody known', request(bearer('nope'))],
  ['a bad certificate beside a Basic header', request({ authorization: 'Basic YTpi' }, BAD)],
  ['both bad', request(bearer('nope'), BAD)],
];

for (const [name, asked] of refused) {
  test(`refuses ${name}`, async () => {
    assert.deepEqual(await authenticator.authenticate(asked), { kind: 'refused' });
  });
}

const known: readonly (readonly [string, ApiRequest, string])[] = [
  ['a good certificate', request({}, GOOD), 'cert'],
  ['a good certificate beside a bad token', request(bearer('nope'), GOOD), 'cert'],
  ['a good certificate before a good token', request(bearer('tok'), GOOD), 'cert'],
  ['a good token', request(bearer('tok')), 'bob'],
  ['a good token beside a bad certificate', request(bearer('tok'), BAD), 'bob'],
];

for (const [name, asked, username] of known) {
  test(`knows the user by ${name}`, async () => {
    const result = await authenticator.authenticate(asked);
    assert.equal(result.kind === 'user' && result.user.username, username);
  });
}

test('every user known gets the group of those who are, as the last one', async () => {
  const result = await authenticator.authenticate(request(bearer('tok')));
  assert.deepEqual(result, {
    kind: 'user',
    user: { username: 'bob', uid: '1', groups: ['g', 'system:authenticated'] },
  });
});

test('without credentials, or with Basic ones, a request is anonymous', async () => {
  const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
  for (const headers of [
    {},
    { authorization: 'Basic YTpi' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
  ]) {
    assert.deepEqual(await authenticator.authenticate(request(headers)), { kind: 'anonymous', user: anonymous });
  }
});

test('anonymous requests can be switched off', async () => {
  const strict = createAuthenticator({ certificates, tokens, apiAudiences: ['api'], anonymous: () => false });
  assert.deepEqual(await strict.authenticate(request({})), { kind: 'refused' });
});

test('anonymous requests can be let in for some paths only', async () => {
  const anonymous = () => ({ paths: ['/livez', '/readyz'] });
  const some = createAuthenticator({ certificates, tokens, apiAudiences: ['api'], anonymous });
  for (const [target, kind] of [
    ['/livez', 'anonymous'],
    ['/readyz?verbose', 'anonymous'],
    ['/livez/', 'refused'],
    ['/livez/ping', 'refused'],
    ['/healthz', 'refused'],
    ['//livez', 'refused'],
    ['/api?/livez', 'refused'],
  ] as const) {
    assert.equal((await some.authenticate({ ...request({}), target })).kind, kind, target);
  }
});

test('a server without token methods refuses every token', async () => {
  const bare = createAuthenticator({ apiAudiences: [] });
  assert.deepEqual(await bare.authenticate(request(bearer('tok'))), { kind: 'refused' });
});

test('a part of the same process is whom it says', async () => {
  const user = { username: 'system:serviceaccount:kube-system:x', groups: ['g'] };
  const asked: ApiRequest = { ...request(bearer('nope')), peer: { kind: 'in-process', user } };
  assert.deepEqual(await authenticator.authenticate(asked), { kind: 'user', user });
});

test('the token is the second word of a Bearer header, whatever its case', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['Bearer a.b.c', 'a.b.c'],
    ['bearer a', 'a'],
    ['BEARER a b', 'a'],
    ['  Bearer a', 'a'],
    ['Bearer  a', undefined],
    ['Bearera', undefined],
    ['Basic a', undefined],
    ['', undefined],
  ];
  for (const [header, token] of table) assert.equal(bearerTokenOf({ authorization: header }), token, header);
});
