import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HOSTILE_TEXTS } from '../../../../test/hostile.js';
import { idToken, issuerKey, jwkOf, macToken, unsignedToken } from '../../../../test/oidc/issuer.js';
import { JSON_WEB_ALGORITHMS, type JsonWebAlgorithmName } from '../json-web-algorithm.js';
import { readToken } from '../json-web-token.js';
import { isSignedByPublished, parseKeySet } from './published-keys.js';

const rsa = issuerKey('rsa', 2048);
const weak = issuerKey('weak', 1024);
const p256 = issuerKey('p256');
const p384 = issuerKey('p384', 'P-384');
const p521 = issuerKey('p521', 'P-521');
const ALL = Object.keys(JSON_WEB_ALGORITHMS) as JsonWebAlgorithmName[]; // the keys of a record of these names

const p256Jwk = jwkOf(p256) as { readonly x: string; readonly y: string };
const rsaJwk = jwkOf(rsa) as { readonly n: string; readonly e: string };

suite('a set of keys', () => {
  for (const [name, json] of [
    ['nothing', undefined],
    ['a list', []],
    ['no list of keys', { keys: {} }],
    ['a hundred keys and one', { keys: Array.from({ length: 101 }, () => p256Jwk) }],
  ] as const) {
    test(`is not ${name}`, () => {
      assert.equal(parseKeySet(json), undefined);
    });
  }

  const passedOver: readonly (readonly [string, unknown])[] = [
    ['no object', 'key'],
    ['a secret', { kty: 'oct', k: 'AAAA' }],
    ['an unknown kind', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }],
    ['a key that encrypts', jwkOf(rsa, { use: 'enc' })],
    ['an RSA key of 1024 bits', jwkOf(weak)],
    ['an RSA key without modulus', { kty: 'RSA', e: 'AQAB' }],
    ['an RSA key of zeros', { kty: 'RSA', n: 'AAAA', e: 'AQAB' }],
    ['an exponent of one', { ...rsaJwk, e: 'AQ' }],
    ['an exponent of more than four octets', { ...rsaJwk, e: 'AQAAAAE' }],
    ['a modulus of a megabyte', { ...rsaJwk, n: 'A'.repeat(1 << 20) }],
    ['a curve that is not ours', { ...p256Jwk, crv: 'secp256k1' }],
    ['a coordinate that is cut off', { ...p256Jwk, x: p256Jwk.x.slice(0, -4) }],
    ['a coordinate with zeros before it', { ...p256Jwk, x: `AAAA${p256Jwk.x}` }],
    ['a point beside the curve', { ...p256Jwk, x: p256Jwk.y, y: p256Jwk.x }],
    ['base64 that is none', { ...p256Jwk, x: '!' }],
    ['a name that is a number', { ...p256Jwk, kid: 1 }],
    ['an algorithm that is a number', { ...p256Jwk, alg: 1 }],
  ];
  for (const [name, jwk] of passedOver) {
    test(`passes over ${name}`, () => {
      assert.deepEqual(
        parseKeySet({ keys: [jwk, jwkOf(p256)] })?.map(({ id }) => id),
        ['p256'],
      );
    });
  }

  test('answers to whatever a text is', () => {
    for (const text of HOSTILE_TEXTS) assert.deepEqual(parseKeySet({ keys: [{ kty: text, n: text, x: text }] }), []);
  });
});

suite('a signature', () => {
  const keys = parseKeySet({ keys: [rsa, p256, p384, p521].map((key) => jwkOf(key)) }) ?? [];
  const isGood = (token: string, allowed = ALL, among = keys): boolean => {
    const read = readToken(token);
    return read !== undefined && isSignedByPublished(read, among, allowed);
  };
  const claims = { sub: 'a' };
  const spki = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  for (const [name, token, allowed] of [
    ['none at all', unsignedToken(claims, { alg: 'none' })],
    ['none, in capitals', unsignedToken(claims, { alg: 'NONE', kid: 'rsa' })],
    ['a MAC under the public key', macToken(spki, claims, { alg: 'HS256', kid: 'rsa' })],
    ['a MAC that says it is RSA', macToken(spki, claims, { alg: 'RS256', kid: 'rsa' })],
    ['an algorithm that is not allowed', idToken(rsa, 'RS512', claims), ['RS256']],
    ['of a key under the name of another', idToken(rsa, 'RS256', claims, { kid: 'p256' })],
    ['of a key that nobody knows', idToken(issuerKey('p256'), 'ES256', claims)],
    ['under a name that nobody knows', idToken(p256, 'ES256', claims, { kid: '../../dev/null' })],
    ['of a curve under the algorithm of another', idToken(p384, 'ES384', claims, { alg: 'ES256' })],
    ['with a critical extension', idToken(p256, 'ES256', claims, { crit: ['b64'], b64: false })],
    ['with a name that is a number', idToken(p256, 'ES256', claims, { kid: 1 })],
    ['with a key of its own', idToken(issuerKey('x'), 'ES256', claims, { jwk: jwkOf(issuerKey('x')) })],
  ] satisfies readonly (readonly [string, string, JsonWebAlgorithmName[]?])[]) {
    test(`is not ${name}`, () => {
      assert.equal(isGood(token, allowed), false);
    });
  }

  test('is not one by an algorithm that the issuer does not use its key with', () => {
    const narrow = parseKeySet({ keys: [jwkOf(rsa, { alg: 'RS512' })] }) ?? [];
    assert.equal(isGood(idToken(rsa, 'RS256', claims), ALL, narrow), false);
    assert.equal(isGood(idToken(rsa, 'RS512', claims), ALL, narrow), true);
  });

  for (const name of ALL) {
    test(`may be one of ${name}`, () => {
      const kind = JSON_WEB_ALGORITHMS[name].key;
      const key = { rsa, 'P-256': p256, 'P-384': p384, 'P-521': p521 }[kind];
      assert.equal(isGood(idToken(key, name, claims)), true);
      assert.equal(isGood(idToken(key, name, claims, { kid: undefined })), true, 'and without the name of its key');
    });
  }
});
