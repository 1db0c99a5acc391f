import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { toUnixSeconds } from '../base/clock.js';
import { createCa } from '../authority/create-ca.js';
import { random } from '../crypto/digest.js';
import { checkTlsPair } from './tls-pair.js';

const now = toUnixSeconds(1_790_000_000);
const make = (key: 'ecdsa-p256' | 'ed25519') => createCa({ subject: { commonName: 'a' }, key, now, random });
const one = await make('ecdsa-p256');
const two = await make('ecdsa-p256');
const other = await make('ed25519');

for (const [name, certificate, key, problem] of [
  ['text in place of a certificate', 'a', 'b', 'tls: failed to find any PEM data in certificate input'],
  ['text in place of a key', one.certificatePem, 'b', 'tls: failed to find any PEM data in key input'],
  [
    'a certificate and a key that were switched',
    one.keyPem,
    one.certificatePem,
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ],
  [
    'a certificate in place of a key',
    one.certificatePem,
    one.certificatePem,
    'tls: found a certificate rather than a key in the PEM for the private key',
  ],
  ['the key of another', one.certificatePem, two.keyPem, 'tls: private key does not match public key'],
  ['a key of another type', one.certificatePem, other.keyPem, 'tls: private key type does not match public key type'],
  [
    'a key that cannot be read',
    one.certificatePem,
    '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n',
    'tls: failed to parse private key',
  ],
] as const) {
  test(`says what is wrong with ${name}`, () => assert.equal(checkTlsPair(utf8(certificate), utf8(key)), problem));
}

test('has nothing to say about a pair', () => {
  assert.equal(checkTlsPair(utf8(one.certificatePem), utf8(one.keyPem)), undefined);
});
