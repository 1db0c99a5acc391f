import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { keyRefusal, PROFILE_KEYS, type ProfileKey } from './key-policy.js';

type Made = { readonly publicKey: { export(options: { type: 'spki'; format: 'der' }): Buffer } };
const spkiOf = ({ publicKey }: Made): SubjectPublicKeyInfo =>
  parseSubjectPublicKeyInfo(publicKey.export({ type: 'spki', format: 'der' }));
const rsa = (modulusLength: number, publicExponent = 65_537): SubjectPublicKeyInfo =>
  spkiOf(generateKeyPairSync('rsa', { modulusLength, publicExponent }));
const ec = (namedCurve: string): SubjectPublicKeyInfo => spkiOf(generateKeyPairSync('ec', { namedCurve }));

const ALL: readonly ProfileKey[] = PROFILE_KEYS;
const REFUSALS: readonly (readonly [name: string, key: SubjectPublicKeyInfo, allowed: readonly ProfileKey[]])[] = [
  ['RSA of 1024 bits, whatever is allowed', rsa(1024), ALL],
  ['RSA with exponent 3, whatever is allowed', rsa(2048, 3), ALL],
  ['P-224, whatever is allowed', ec('secp224r1'), ALL],
  ['RSA of 2048 bits where 3072 is the least', rsa(2048), ['rsa-3072', 'ed25519']],
  ['P-256 where only P-384 is allowed', ec('prime256v1'), ['ecdsa-p384']],
  ['Ed25519 where only ECDSA is allowed', spkiOf(generateKeyPairSync('ed25519')), ['ecdsa-p256']],
];

for (const [name, key, allowed] of REFUSALS) {
  test(`refuses ${name}`, () => {
    assert.match(keyRefusal(key, new Set(allowed)) ?? '', /^the key is .+, it must be one of /);
  });
}

test('takes an RSA entry as the least size', () => {
  assert.equal(keyRefusal(rsa(3072), new Set(['rsa-2048'])), undefined);
  assert.equal(keyRefusal(rsa(2048), new Set(['rsa-2048'])), undefined);
});

test('takes each kind that it names', () => {
  const kinds: readonly (readonly [ProfileKey, SubjectPublicKeyInfo])[] = [
    ['ecdsa-p256', ec('prime256v1')],
    ['ecdsa-p384', ec('secp384r1')],
    ['ecdsa-p521', ec('secp521r1')],
    ['ed25519', spkiOf(generateKeyPairSync('ed25519'))],
  ];
  for (const [kind, key] of kinds) assert.equal(keyRefusal(key, new Set([kind])), undefined);
});
