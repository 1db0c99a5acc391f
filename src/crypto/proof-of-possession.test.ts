import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { parseSubjectPublicKeyInfo } from '../x509/public-key.js';
import { verifyProofOfPossession } from './proof-of-possession.js';

const UID = utf8('0ba2e8d6-0001');
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING };
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed25519 = generateKeyPairSync('ed25519');

const proofs = [
  { name: 'RSA PKCS#1 v1.5', keys: rsa, proof: sign('sha256', UID, rsa.privateKey), valid: false },
  { name: 'ECDSA over SHA-512', keys: p521, proof: sign('sha512', UID, p521.privateKey), valid: false },
  { name: 'another uid', keys: ed25519, proof: sign(null, utf8('x'), ed25519.privateKey), valid: false },
  { name: 'nothing', keys: ed25519, proof: new Uint8Array(0), valid: false },
  {
    name: 'RSA-PSS',
    keys: rsa,
    proof: sign('sha256', UID, { key: rsa.privateKey, ...PSS, saltLength: 32 }),
    valid: true,
  },
  {
    name: 'RSA-PSS without salt',
    keys: rsa,
    proof: sign('sha256', UID, { key: rsa.privateKey, ...PSS, saltLength: 0 }),
    valid: true,
  },
  { name: 'ECDSA over SHA-256', keys: p521, proof: sign('sha256', UID, p521.privateKey), valid: true },
  { name: 'Ed25519', keys: ed25519, proof: sign(null, UID, ed25519.privateKey), valid: true },
];

for (const { name, keys, proof, valid } of proofs) {
  test(`${valid ? 'believes' : 'does not believe'} a proof by ${name}`, () => {
    const key = parseSubjectPublicKeyInfo(new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' })));
    assert.equal(verifyProofOfPossession(key, UID, new Uint8Array(proof)), valid);
  });
}
