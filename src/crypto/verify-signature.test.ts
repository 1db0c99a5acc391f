import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { fromHex, publicKeyInfo } from '../../test/sample-request.js';
import {
  encodeExplicit,
  encodeNull,
  encodeOidElement,
  encodeSequence,
  encodeSmallInteger,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { utf8 } from '../base/bytes.js';
import type { AlgorithmIdentifier } from '../x509/algorithm-identifier.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { isSlowToVerify, verifySignature, verifySignatureOffThread } from './verify-signature.js';

const data = utf8('to be signed');

interface Pair {
  readonly info: SubjectPublicKeyInfo;
  readonly privateKey: KeyObject;
}

function pair({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Pair {
  return { info: parseSubjectPublicKeyInfo(publicKey.export({ type: 'spki', format: 'der' })), privateKey };
}

const rsa = pair(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const weak = pair(generateKeyPairSync('rsa', { modulusLength: 1024 }));
const tiny = pair(generateKeyPairSync('rsa', { modulusLength: 768 }));
const p224 = pair(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }));
const p256 = pair(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const p384 = pair(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
const p521 = pair(generateKeyPairSync('ec', { namedCurve: 'P-521' }));
const ed25519 = pair(generateKeyPairSync('ed25519'));
const ed448 = pair(generateKeyPairSync('ed448'));

const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const SHA512 = '2.16.840.1.101.3.4.2.3';
const ecdsa = (arc: string): AlgorithmIdentifier => ({ oid: `1.2.840.10045.4.${arc}` });
const pkcs1 = (arc: number): AlgorithmIdentifier => ({ oid: `1.2.840.113549.1.1.${arc}`, parameters: encodeNull() });

interface PssForm {
  readonly hash: string;
  readonly maskHash?: string;
  readonly salt: number;
  readonly trailer?: number;
}

function pss({ hash, maskHash = hash, salt, trailer }: PssForm): AlgorithmIdentifier {
  const algorithm = (oid: string): Uint8Array => encodeSequence(encodeOidElement(oid), encodeNull());
  const fields = [
    encodeExplicit(0, algorithm(hash)),
    encodeExplicit(1, encodeSequence(encodeOidElement('1.2.840.113549.1.1.8'), algorithm(maskHash))),
    encodeExplicit(2, encodeSmallInteger(salt)),
  ];
  if (trailer !== undefined) fields.push(encodeExplicit(3, encodeSmallInteger(trailer)));
  return { oid: '1.2.840.113549.1.1.10', parameters: encodeSequence(...fields) };
}

const pssSign = (key: KeyObject, hash: string, saltLength: number): Uint8Array =>
  sign(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

const valid: readonly (readonly [string, Pair, AlgorithmIdentifier, Uint8Array])[] = [
  ['RSA with SHA-1', rsa, pkcs1(5), sign('sha1', data, rsa.privateKey)],
  ['RSA with SHA-1, by the OID of ISO', rsa, { oid: '1.3.14.3.2.29' }, sign('sha1', data, rsa.privateKey)],
  ['RSA with SHA-256', rsa, pkcs1(11), sign('sha256', data, rsa.privateKey)],
  ['RSA with SHA-256 and no parameters', rsa, { oid: pkcs1(11).oid }, sign('sha256', data, rsa.privateKey)],
  ['RSA with SHA-384', rsa, pkcs1(12), sign('sha384', data, rsa.privateKey)],
  ['RSA with SHA-512', rsa, pkcs1(13), sign('sha512', data, rsa.privateKey)],
  ['RSA of 1024 bits', weak, pkcs1(11), sign('sha256', data, weak.privateKey)],
  ['RSA-PSS with SHA-256', rsa, pss({ hash: SHA256, salt: 32 }), pssSign(rsa.privateKey, 'sha256', 32)],
  ['RSA-PSS with SHA-384', rsa, pss({ hash: SHA384, salt: 48 }), pssSign(rsa.privateKey, 'sha384', 48)],
  ['RSA-PSS with SHA-512', rsa, pss({ hash: SHA512, salt: 64, trailer: 1 }), pssSign(rsa.privateKey, 'sha512', 64)],
  ['P-224', p224, ecdsa('3.2'), sign('sha256', data, p224.privateKey)],
  ['P-256', p256, ecdsa('3.2'), sign('sha256', data, p256.privateKey)],
  ['P-256 with SHA-1', p256, ecdsa('1'), sign('sha1', data, p256.privateKey)],
  ['P-256 with SHA-512', p256, ecdsa('3.4'), sign('sha512', data, p256.privateKey)],
  ['P-384', p384, ecdsa('3.3'), sign('sha384', data, p384.privateKey)],
  ['P-521', p521, ecdsa('3.4'), sign('sha512', data, p521.privateKey)],
  ['Ed25519', ed25519, { oid: '1.3.101.112' }, sign(null, data, ed25519.privateKey)],
];
for (const [what, { info }, algorithm, signature] of valid) {
  test(`verifies ${what}, and nothing else with it, on this thread and off it`, async () => {
    assert.deepEqual(verifySignature(info, algorithm, data, signature), { kind: 'valid' });
    assert.deepEqual(await verifySignatureOffThread(info, algorithm, data, signature), { kind: 'valid' });
    const detail = what.startsWith('RSA')
      ? 'crypto/rsa: verification error'
      : what.startsWith('P-')
        ? 'x509: ECDSA verification failure'
        : 'x509: Ed25519 verification failure';
    const tampered = Uint8Array.from(signature);
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
    for (const [octets, signed] of [
      [utf8('to be Signed'), signature],
      [data, tampered],
      [data, signature.subarray(0, -1)],
      [data, Uint8Array.of(...signature, 0)],
      [data, new Uint8Array()],
    ] as const) {
      assert.deepEqual(verifySignature(info, algorithm, octets, signed), { kind: 'invalid', detail });
      assert.deepEqual(await verifySignatureOffThread(info, algorithm, octets, signed), { kind: 'invalid', detail });
    }
  });
}

const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';
const rsaOf = (modulus: Uint8Array, exponent: Uint8Array): SubjectPublicKeyInfo =>
  parseSubjectPublicKeyInfo(
    publicKeyInfo(
      '1.2.840.113549.1.1.1',
      encodeNull(),
      encodeSequence(encodeUnsignedInteger(modulus), encodeUnsignedInteger(exponent)),
    ),
  );
const odd = new Uint8Array(256).fill(0xff);
const even = Uint8Array.from(odd).fill(0xfe, 255);

const refused: readonly (readonly [
  string,
  SubjectPublicKeyInfo,
  AlgorithmIdentifier,
  'invalid' | 'unsupported',
  string,
])[] = [
  ['MD5', rsa.info, pkcs1(4), 'invalid', 'x509: cannot verify signature: insecure algorithm MD5-RSA'],
  ['MD2', rsa.info, pkcs1(2), 'unsupported', UNIMPLEMENTED],
  ['an unknown algorithm', rsa.info, { oid: '1.2.3' }, 'unsupported', UNIMPLEMENTED],
  ['Ed448', ed448.info, { oid: '1.3.101.113' }, 'unsupported', UNIMPLEMENTED],
  ['a key of Ed448 under another algorithm', ed448.info, ecdsa('3.2'), 'unsupported', UNIMPLEMENTED],
  [
    'Ed25519 with parameters',
    ed25519.info,
    { oid: '1.3.101.112', parameters: encodeNull() },
    'unsupported',
    UNIMPLEMENTED,
  ],
  ['RSA-PSS without parameters', rsa.info, { oid: '1.2.840.113549.1.1.10' }, 'unsupported', UNIMPLEMENTED],
  [
    'RSA-PSS with empty parameters, which mean SHA-1',
    rsa.info,
    { oid: '1.2.840.113549.1.1.10', parameters: encodeSequence() },
    'unsupported',
    UNIMPLEMENTED,
  ],
  ['RSA-PSS with another salt', rsa.info, pss({ hash: SHA256, salt: 20 }), 'unsupported', UNIMPLEMENTED],
  ['RSA-PSS with another trailer', rsa.info, pss({ hash: SHA256, salt: 32, trailer: 2 }), 'unsupported', UNIMPLEMENTED],
  [
    'RSA-PSS with two hashes',
    rsa.info,
    pss({ hash: SHA256, maskHash: SHA512, salt: 32 }),
    'unsupported',
    UNIMPLEMENTED,
  ],
  ['RSA-PSS with SHA-1', rsa.info, pss({ hash: '1.3.14.3.2.26', salt: 20 }), 'unsupported', UNIMPLEMENTED],
  [
    'RSA of 768 bits',
    tiny.info,
    pkcs1(11),
    'invalid',
    'crypto/rsa: 768-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)',
  ],
  ['an even modulus', rsaOf(even, Uint8Array.of(3)), pkcs1(11), 'invalid', 'crypto/rsa: public modulus is even'],
  [
    'an exponent of 1',
    rsaOf(odd, Uint8Array.of(1)),
    pkcs1(11),
    'invalid',
    'crypto/rsa: public exponent too small or negative',
  ],
  ['an even exponent', rsaOf(odd, Uint8Array.of(4)), pkcs1(11), 'invalid', 'crypto/rsa: public exponent is even'],
  [
    'an exponent of 2^31',
    rsaOf(odd, fromHex('80000001')),
    pkcs1(11),
    'invalid',
    'crypto/rsa: public exponent too large',
  ],
  [
    'an ECDSA algorithm over an RSA key',
    rsa.info,
    ecdsa('3.2'),
    'invalid',
    'x509: signature algorithm specifies an ECDSA public key, but have public key of type *rsa.PublicKey',
  ],
  [
    'an RSA algorithm over an ECDSA key',
    p256.info,
    pkcs1(11),
    'invalid',
    'x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey',
  ],
  [
    'a DSA algorithm over an Ed25519 key',
    ed25519.info,
    { oid: '1.2.840.10040.4.3' },
    'invalid',
    'x509: signature algorithm specifies an DSA public key, but have public key of type ed25519.PublicKey',
  ],
];
for (const [what, info, algorithm, kind, detail] of refused) {
  test(`does not verify ${what}`, () => {
    assert.deepEqual(verifySignature(info, algorithm, data, new Uint8Array(256)), { kind, detail });
  });
}

test('refuses an ECDSA signature in BER, and one with octets after it', () => {
  const signature = sign('sha256', data, p256.privateKey);
  const invalid = { kind: 'invalid', detail: 'x509: ECDSA verification failure' };
  const ber = Uint8Array.of(0x30, 0x81, signature[1] ?? 0, ...signature.subarray(2));
  assert.deepEqual(verifySignature(p256.info, ecdsa('3.2'), data, ber), invalid);
  assert.deepEqual(verifySignature(p256.info, ecdsa('3.2'), data, fromHex('3006 020100 020100')), invalid);
});

test('refuses an Ed25519 signature whose S is not reduced (CVE-2026-33895 elsewhere)', () => {
  const signature = Uint8Array.from(sign(null, data, ed25519.privateKey));
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i] ?? 0);
  s += order;
  for (let i = 32; i < 64; i++) {
    signature[i] = Number(s & 255n);
    s >>= 8n;
  }
  assert.equal(verifySignature(ed25519.info, { oid: '1.3.101.112' }, data, signature).kind, 'invalid');
});

test('knows which keys are worth another thread', () => {
  assert.deepEqual(
    [rsa, p256, p384, p521, ed25519].map(({ info }) => isSlowToVerify(info)),
    [false, false, true, true, false],
  );
});
