import assert from 'node:assert/strict';
import { createHmac, createVerify, createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { toBase64Url } from '../../base/base64.js';
import { toHex, utf8 } from '../../base/bytes.js';
import { toUnixSeconds } from '../../base/clock.js';
import { FakeClock } from '../../base/fake-clock.js';
import { generateKeyPair, type KeySpec } from '../../crypto/generate-key-pair.js';
import { exportPrivateKeyPem, type PrivateKey } from '../../crypto/private-key.js';
import { encodePem } from '../../x509/pem.js';
import { parseSubjectPublicKeyInfo } from '../../x509/public-key.js';
import type { CredentialVerdict } from './authenticator.js';
import { MAX_TOKEN_LENGTH, readToken } from './json-web-token.js';
import { jsonWebKeySet, openidConfiguration } from './openid-discovery.js';
import { createServiceAccountTokens, type ServiceAccountTokens, type TokenOrder } from './service-account-tokens.js';
import { createTokenKey } from './token-key.js';
import { fixedTokenKeys, type TokenKeys } from './token-keys.js';
import type { LiveObject, LivePod, TokenSubjects } from './token-subjects.js';

const NOW = 1_700_000_000;
const key = await generateKeyPair('ecdsa-p256');

interface Objects {
  serviceAccount?: LiveObject;
  secret?: LiveObject;
  pod?: LivePod;
  node?: LiveObject;
}

function subjectsOf(objects: Objects): TokenSubjects {
  return {
    serviceAccount: (namespace, name) => (namespace === 'ns' && name === 'sa' ? objects.serviceAccount : undefined),
    secret: (namespace, name) => (namespace === 'ns' && name === 's' ? objects.secret : undefined),
    pod: (namespace, name) => (namespace === 'ns' && name === 'p' ? objects.pod : undefined),
    node: (name) => (name === 'n' ? objects.node : undefined),
  };
}

interface Setup {
  readonly tokens: ServiceAccountTokens;
  readonly clock: FakeClock;
  readonly objects: Objects;
}

function setUp(more: { readonly issuer?: string; readonly signingKey?: PrivateKey } = {}): Setup {
  const clock = new FakeClock(NOW * 1000);
  const objects: Objects = { serviceAccount: { uid: 'u1' } };
  const subjects = subjectsOf(objects);
  const tokens = createServiceAccountTokens({
    issuer: more.issuer ?? 'https://issuer',
    keys: fixedTokenKeys(more.signingKey ?? key),
    subjects,
    clock,
    newUid: () => 'jti-1',
  });
  return { tokens, clock, objects };
}

const order: TokenOrder = {
  namespace: 'ns',
  serviceAccount: { name: 'sa', uid: 'u1' },
  audiences: ['api'],
  lifetimeSeconds: 3600,
  issuedAt: toUnixSeconds(NOW),
};

const part = (value: unknown): string => toBase64Url(utf8(typeof value === 'string' ? value : JSON.stringify(value)));

const claims = {
  aud: ['api'],
  exp: NOW + 3600,
  iat: NOW,
  iss: 'https://issuer',
  jti: 'x',
  'kubernetes.io': { namespace: 'ns', serviceaccount: { name: 'sa', uid: 'u1' } },
  nbf: NOW,
  sub: 'system:serviceaccount:ns:sa',
};

/** A token signed by `key` with whatever header and payload. */
function forged(header: unknown, payload: unknown): string {
  const signed = `${part(header)}.${part(payload)}`;
  const pem = exportPrivateKeyPem(key, { format: 'pkcs8' });
  return `${signed}.${toBase64Url(signWith('sha256', utf8(signed), { key: pem, dsaEncoding: 'ieee-p1363' }))}`;
}

const ES256 = { alg: 'ES256' };

function text(verdict: CredentialVerdict): string {
  return verdict.kind === 'invalid' ? verdict.error : verdict.kind;
}

const notTokens: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['two parts', 'a.b'],
  ['four parts', `${forged(ES256, claims)}.x`],
  ['a token that is too long', `${'a'.repeat(MAX_TOKEN_LENGTH)}.a.a`],
  ['padding', `${part(ES256)}=.${part(claims)}.AA`],
  ['characters of plain base64', forged(ES256, claims).replace('.', '+.')],
  ['a header that is no JSON', forged('{', claims)],
  ['a header that is a list', forged([], claims)],
  ['a header without alg', forged({ typ: 'JWT' }, claims)],
  ['a header with alg as a list', forged({ alg: ['ES256'] }, claims)],
  ['a header that names alg twice', forged('{"alg":"ES256","alg":"none"}', claims)],
  ['a critical extension', forged({ ...ES256, crit: ['b64'], b64: false }, claims)],
  ['a key id that is a number', forged({ ...ES256, kid: 1 }, claims)],
  ['a payload that names a claim twice', forged(ES256, `{"iss":"a","iss":"https://issuer"}`)],
  ['a payload that is a string', forged(ES256, '"x"')],
  ['a payload that is not UTF-8', `${part(ES256)}.${toBase64Url(Uint8Array.of(0x7b, 0xff, 0x7d))}.AA`],
];

for (const [name, token] of notTokens) {
  test(`does not read ${name} as a token`, async () => {
    assert.equal(readToken(token), undefined);
    assert.deepEqual(await setUp().tokens.authenticateToken(token, ['api']), { kind: 'none' });
  });
}

const signature = forged(ES256, claims).split('.')[2] ?? '';
const hmac = (signed: string): string => toBase64Url(createHmac('sha256', key.publicKeyDer).update(signed).digest());
const hs256 = `${part({ alg: 'HS256' })}.${part(claims)}`;

const badTokens: readonly (readonly [string, string, string])[] = [
  ['alg none', `${part({ alg: 'none' })}.${part(claims)}.`, 'invalid signature'],
  ['an HMAC with the public key', `${hs256}.${hmac(hs256)}`, 'invalid signature'],
  ['the name of another algorithm', forged({ alg: 'ES384' }, claims), 'invalid signature'],
  ['a changed payload', `${part(ES256)}.${part({ ...claims, sub: 'x' })}.${signature}`, 'invalid signature'],
  ['a signature in DER', forged(ES256, claims).replace(/\.[^.]*$/, '.MEQCIA'), 'invalid signature'],
  ['an empty signature', `${part(ES256)}.${part(claims)}.`, 'invalid signature'],
  ['a signature of zeros', `${part(ES256)}.${part(claims)}.${toBase64Url(new Uint8Array(64))}`, 'invalid signature'],
  ['no expiry', forged(ES256, { ...claims, exp: undefined }), 'unexpected claims'],
  ['an expiry as text', forged(ES256, { ...claims, exp: '2100' }), 'unexpected claims'],
  ['audiences that are numbers', forged(ES256, { ...claims, aud: [1] }), 'unexpected claims'],
  ['no service account', forged(ES256, { ...claims, 'kubernetes.io': { namespace: 'ns' } }), 'unexpected claims'],
  [
    'a pod without a uid',
    forged(ES256, { ...claims, 'kubernetes.io': { ...claims['kubernetes.io'], pod: { name: 'p' } } }),
    'unexpected claims',
  ],
  [
    'a subject that is another service account',
    forged(ES256, { ...claims, sub: 'system:serviceaccount:ns:other' }),
    'service account token subject does not match its claims',
  ],
  [
    'other audiences',
    forged(ES256, { ...claims, aud: ['vault', 'x'] }),
    'token audiences ["vault" "x"] is invalid for the target audiences ["api"]',
  ],
];

for (const [name, token, error] of badTokens) {
  test(`refuses a token with ${name}`, async () => {
    assert.equal(text(await setUp().tokens.authenticateToken(token, ['api'])), error);
  });
}

test('has nothing to say about tokens of other issuers', async () => {
  const token = forged(ES256, { ...claims, iss: 'https://other' });
  assert.deepEqual(await setUp().tokens.authenticateToken(token, ['api']), { kind: 'none' });
});

test('refuses a token that another key signed under our name', async () => {
  const other = setUp({ signingKey: await generateKeyPair('ecdsa-p256') });
  assert.equal(
    text(await setUp().tokens.authenticateToken(await other.tokens.issue(order), ['api'])),
    'invalid signature',
  );
});

for (const spec of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-2048'] satisfies KeySpec[]) {
  test(`knows the bearer of a token signed with ${spec}, and OpenSSL agrees about the signature`, async () => {
    const signingKey = await generateKeyPair(spec);
    const { tokens } = setUp({ signingKey });
    const token = await tokens.issue(order);
    assert.deepEqual(await tokens.authenticateToken(token, ['other', 'api']), {
      kind: 'user',
      user: {
        username: 'system:serviceaccount:ns:sa',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns'],
        extra: { 'authentication.kubernetes.io/credential-id': ['JTI=jti-1'] },
      },
      audiences: ['api'],
    });
    const [head = '', body = '', tail = ''] = token.split('.');
    const publicKey = createPublicKey(encodePem('PUBLIC KEY', signingKey.publicKeyDer));
    const digest = { 'ecdsa-p384': 'sha384', 'ecdsa-p521': 'sha512' }[spec as string] ?? 'sha256';
    const verify = createVerify(digest).update(`${head}.${body}`);
    assert.ok(verify.verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(tail, 'base64url')));
  });
}

test('refuses to sign with Ed25519', async () => {
  const signingKey = await generateKeyPair('ed25519');
  assert.throws(() => setUp({ signingKey }), { code: 'KEY_UNSUPPORTED' });
});

test('a token says what Kubernetes tokens say', async () => {
  const { tokens } = setUp();
  const token = await tokens.issue({ ...order, pod: { name: 'p', uid: 'pu' }, node: { name: 'n', uid: 'nu' } });
  const [head = '', body = ''] = token.split('.').map((p) => Buffer.from(p, 'base64url').toString());
  assert.deepEqual(JSON.parse(head), { alg: 'ES256', kid: createTokenKey(key.publicKey).id });
  assert.deepEqual(JSON.parse(body), {
    aud: ['api'],
    exp: NOW + 3600,
    iat: NOW,
    iss: 'https://issuer',
    jti: 'jti-1',
    'kubernetes.io': {
      namespace: 'ns',
      node: { name: 'n', uid: 'nu' },
      pod: { name: 'p', uid: 'pu' },
      serviceaccount: { name: 'sa', uid: 'u1' },
    },
    nbf: NOW,
    sub: 'system:serviceaccount:ns:sa',
  });
});

test('a bearer of a pod-bound token is known by pod and node as well', async () => {
  const { tokens, objects } = setUp();
  objects.pod = { uid: 'pu', serviceAccountName: 'sa', nodeName: 'n' };
  const token = await tokens.issue({ ...order, pod: { name: 'p', uid: 'pu' }, node: { name: 'n', uid: 'nu' } });
  const verdict = await tokens.authenticateToken(token, ['api']);
  assert.deepEqual(verdict.kind === 'user' && verdict.user.extra, {
    'authentication.kubernetes.io/credential-id': ['JTI=jti-1'],
    'authentication.kubernetes.io/node-name': ['n'],
    'authentication.kubernetes.io/node-uid': ['nu'],
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/pod-uid': ['pu'],
  });
});

test('tells of a node that is not there the name alone', async () => {
  const { tokens, objects } = setUp();
  objects.pod = { uid: 'pu', serviceAccountName: 'sa', nodeName: 'n' };
  const token = await tokens.issue({ ...order, pod: { name: 'p', uid: 'pu' }, node: { name: 'n', uid: '' } });
  const verdict = await tokens.authenticateToken(token, ['api']);
  const { extra = {} } = verdict.kind === 'user' ? verdict.user : {};
  assert.deepEqual(extra['authentication.kubernetes.io/node-name'], ['n']);
  assert.equal(extra['authentication.kubernetes.io/node-uid'], undefined);
});

const times: readonly (readonly [string, number, string])[] = [
  ['is good a minute before its time', -60, 'user'],
  ['is not good earlier than that', -61, 'service account token is not valid yet'],
  ['is good until a minute after its end', 3660, 'user'],
  ['is not good later than that', 3661, 'service account token has expired'],
];

for (const [name, seconds, expected] of times) {
  test(`a token ${name}, remembered or not`, async () => {
    const { tokens, clock } = setUp();
    const token = await tokens.issue(order);
    clock.advance(seconds * 1000);
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), expected);
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), expected);
  });
}

test('a remembered token still has to fit the audiences', async () => {
  const { tokens } = setUp();
  const token = await tokens.issue(order);
  assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'user');
  assert.match(
    text(await tokens.authenticateToken(token, ['vault'])),
    /is invalid for the target audiences \["vault"\]$/,
  );
});

const bound = { secret: { name: 's', uid: 'su' } } as const;
const gone: readonly (readonly [string, Partial<TokenOrder>, Objects, string])[] = [
  ['its service account', {}, {}, 'serviceaccounts "sa" not found'],
  [
    'its service account, and another has its name',
    {},
    { serviceAccount: { uid: 'u2' } },
    'service account UID (u2) does not match claim (u1)',
  ],
  [
    'its service account, a while ago, though something still holds it',
    {},
    { serviceAccount: { uid: 'u1', deletedAt: toUnixSeconds(NOW - 61) } },
    'service account ns/sa has been deleted',
  ],
  ['the secret it is bound to', bound, { serviceAccount: { uid: 'u1' } }, 'service account token has been invalidated'],
  [
    'the secret it is bound to, and another has its name',
    bound,
    { serviceAccount: { uid: 'u1' }, secret: { uid: 'other' } },
    'service account token has been invalidated',
  ],
  [
    'the pod it is bound to',
    { pod: { name: 'p', uid: 'pu' } },
    { serviceAccount: { uid: 'u1' } },
    'service account token has been invalidated',
  ],
  [
    'the node it is bound to',
    { node: { name: 'n', uid: 'nu' } },
    { serviceAccount: { uid: 'u1' } },
    'service account token has been invalidated',
  ],
];

for (const [name, more, left, expected] of gone) {
  test(`a token ends at once with ${name}`, async () => {
    const { tokens, objects } = setUp();
    Object.assign(objects, { secret: { uid: 'su' }, node: { uid: 'nu' } });
    objects.pod = { uid: 'pu', serviceAccountName: 'sa', nodeName: '' };
    const token = await tokens.issue({ ...order, ...more });
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'user');
    for (const kind of ['serviceAccount', 'secret', 'pod', 'node'] as const) objects[kind] = undefined as never;
    Object.assign(objects, left);
    assert.equal(text(await tokens.authenticateToken(token, ['api'])), expected);
  });
}

test('tokens of a former key and a former issuer stay good', async () => {
  const formerKey = await generateKeyPair('rsa-2048');
  const former = setUp({ issuer: 'https://former', signingKey: formerKey });
  const token = await former.tokens.issue(order);
  const now = createServiceAccountTokens({
    issuer: 'https://issuer',
    formerIssuers: ['https://former'],
    keys: fixedTokenKeys(key, [formerKey.publicKey]),
    subjects: subjectsOf(former.objects),
    clock: former.clock,
    newUid: () => 'x',
  });
  assert.equal(text(await now.authenticateToken(token, ['api'])), 'user');
});

test('a token whose key is gone ends at once, remembered or not', async () => {
  const formerKey = await generateKeyPair('ecdsa-p256');
  let keys = fixedTokenKeys(formerKey);
  const { clock, objects } = setUp();
  const following: TokenKeys = {
    signing: () => keys.signing(),
    verification: () => keys.verification(),
    willSign: () => Promise.resolve(),
  };
  const tokens = createServiceAccountTokens({
    issuer: 'https://issuer',
    keys: following,
    subjects: subjectsOf(objects),
    clock,
    newUid: () => 'x',
  });
  const token = await tokens.issue(order);
  assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'user');
  keys = fixedTokenKeys(key, [formerKey.publicKey]);
  assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'user');
  keys = fixedTokenKeys(key);
  assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'invalid signature');
});

test('says from when on a token is stale', async () => {
  const token = await setUp().tokens.issue({ ...order, warnAfterSeconds: 3607 });
  const claimed = readToken(token)?.payload['kubernetes.io'] as { readonly warnafter?: number };
  assert.equal(claimed.warnafter, NOW + 3607);
});

test('tells of a token that is used past its time to be replaced', async () => {
  const { clock, objects } = setUp();
  let stale = 0;
  const tokens = createServiceAccountTokens({
    issuer: 'https://issuer',
    keys: fixedTokenKeys(key),
    subjects: subjectsOf(objects),
    clock,
    newUid: () => 'x',
    onStale: () => stale++,
  });
  const token = await tokens.issue({ ...order, lifetimeSeconds: 86_400, warnAfterSeconds: 3607 });
  clock.advance(3_607_000);
  await tokens.authenticateToken(token, ['api']);
  assert.equal(stale, 0);
  clock.advance(1000);
  assert.equal(text(await tokens.authenticateToken(token, ['api'])), 'user');
  assert.equal(stale, 1);
});

test('refuses RSA keys below 2048 bits', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const info = parseSubjectPublicKeyInfo(publicKey.export({ type: 'spki', format: 'der' }));
  assert.throws(() => createTokenKey(info), { code: 'KEY_UNSUPPORTED' });
});

test('publishes its keys, and OpenSSL reads them', async () => {
  const rsa = await generateKeyPair('rsa-2048');
  const keys = [createTokenKey(key.publicKey), createTokenKey(rsa.publicKey)];
  const set = jsonWebKeySet(keys) as { readonly keys: readonly Record<string, string>[] };
  assert.deepEqual(
    set.keys.map(({ use, kty, kid, alg, crv, e }) => ({ use, kty, kid, alg, crv, e })),
    [
      { use: 'sig', kty: 'EC', kid: keys[0]?.id, alg: 'ES256', crv: 'P-256', e: undefined },
      { use: 'sig', kty: 'RSA', kid: keys[1]?.id, alg: 'RS256', crv: undefined, e: 'AQAB' },
    ],
  );
  for (const [i, jwk] of set.keys.entries()) {
    const der = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
    assert.equal(toHex(der), toHex(keys[i]?.publicKey.der ?? new Uint8Array()));
  }
  assert.deepEqual(openidConfiguration('https://issuer', 'https://host/openid/v1/jwks', keys), {
    issuer: 'https://issuer',
    jwks_uri: 'https://host/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  });
});

test('whatever a token is, reading it gives an answer', async () => {
  const { tokens } = setUp();
  const good = await tokens.issue(order);
  const cut = fc.nat(good.length - 1).map((at) => good.slice(0, at));
  const changed = fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom('A', '.', '=', '\0', 'é'))
    .map(([at, c]) => good.slice(0, at) + c + good.slice(at + 1));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), cut, changed), async (token) => {
      const verdict = await tokens.authenticateToken(token, ['api']);
      assert.ok(verdict.kind !== 'user' || token === good || sameBits(token, good));
    }),
    { numRuns: 500 },
  );
});

/** The last character of base64url carries bits that nobody reads; such a twin has the same signature. */
function sameBits(a: string, b: string): boolean {
  return a
    .split('.')
    .every((p, i) => Buffer.from(p, 'base64url').equals(Buffer.from(b.split('.')[i] ?? '', 'base64url')));
}
