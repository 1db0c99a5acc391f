import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { requireTool } from '../../test/tools.js';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { decodePem, encodePem } from '../x509/pem.js';
import { describePublicKey } from '../x509/public-key.js';
import { generateKeyPair, KEY_SPECS, parseKeySpec, type KeySpec } from './generate-key-pair.js';
import { exportPrivateKeyPem, parsePrivateKeyPem, wrapPrivateKey, type PrivateKey } from './private-key.js';
import { verifySignature } from './verify-signature.js';

const pkcs8 = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();
const p256 = pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const encrypted = exportPrivateKeyPem(parsePrivateKeyPem(p256), { format: 'pkcs8', passphrase: 'pw' });

const refusals: readonly (readonly [string, string, string, string?])[] = [
  ['no PEM at all', 'hello', 'KEY_INVALID'],
  ['a block of another type', encodePem('CERTIFICATE', utf8('x')), 'KEY_INVALID'],
  ['a public key', encodePem('PUBLIC KEY', utf8('x')), 'KEY_INVALID'],
  ['a key that is no DER', encodePem('PRIVATE KEY', utf8('x')), 'KEY_INVALID'],
  ['an empty block', encodePem('PRIVATE KEY', new Uint8Array()), 'KEY_INVALID'],
  ['a key that is cut off', encodePem('PRIVATE KEY', firstBytes(p256).subarray(0, -9)), 'KEY_INVALID'],
  ['an encrypted key without a passphrase', encrypted, 'KEY_PASSPHRASE_REQUIRED'],
  ['an encrypted key with another passphrase', encrypted, 'KEY_INVALID', 'other'],
  ['RSA of 1024 bits', pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), 'KEY_UNSUPPORTED'],
  ['P-224', pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey), 'KEY_UNSUPPORTED'],
  ['secp256k1', pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), 'KEY_UNSUPPORTED'],
  ['Ed448', pkcs8(generateKeyPairSync('ed448').privateKey), 'KEY_UNSUPPORTED'],
  ['X25519', pkcs8(generateKeyPairSync('x25519').privateKey), 'KEY_UNSUPPORTED'],
  ['RSA-PSS', pkcs8(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey), 'KEY_UNSUPPORTED'],
];
for (const [what, pem, code, passphrase] of refusals) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parsePrivateKeyPem(pem, passphrase), { code });
  });
}

function firstBytes(pem: string): Uint8Array {
  return decodePem(pem)[0]?.bytes ?? new Uint8Array();
}

test('refuses a public key, and a KeySpec that there is not', () => {
  assert.throws(() => wrapPrivateKey(generateKeyPairSync('ed25519').publicKey), { code: 'KEY_INVALID' });
  assert.throws(() => parseKeySpec('rsa-1024'), {
    code: 'KEY_UNSUPPORTED',
    message: /"rsa-1024" is none of ecdsa-p256/,
  });
  assert.equal(parseKeySpec('ed25519'), 'ed25519');
});

test('refuses forms that a kind of key does not have, and passphrases that protect nothing', async () => {
  const ec = await generateKeyPair('ecdsa-p256');
  const ed = await generateKeyPair('ed25519');
  assert.throws(() => exportPrivateKeyPem(ec, { format: 'pkcs1' }), { code: 'KEY_UNSUPPORTED' });
  assert.throws(() => exportPrivateKeyPem(ed, { format: 'sec1' }), { code: 'KEY_UNSUPPORTED' });
  assert.throws(() => exportPrivateKeyPem(ec, { format: 'sec1', passphrase: 'pw' }), { code: 'KEY_UNSUPPORTED' });
  assert.throws(() => exportPrivateKeyPem(ec, { format: 'pkcs8', passphrase: '' }), { code: 'KEY_INVALID' });
  const elsewhere: PrivateKey = { ...ec, publicKeyDer: ec.publicKeyDer, sign: async () => new Uint8Array() };
  assert.throws(() => exportPrivateKeyPem(elsewhere, { format: 'pkcs8' }), { code: 'KEY_UNSUPPORTED' });
});

test('no error says anything of the key or the passphrase', () => {
  const secret = firstBytes(p256);
  const pem = encodePem('PRIVATE KEY', secret.subarray(0, -9));
  for (const [text, passphrase] of [
    [pem, undefined],
    [encrypted, 'a wrong passphrase'],
  ] as const) {
    try {
      parsePrivateKeyPem(text, passphrase);
      assert.fail();
    } catch (error) {
      assert.ok(error instanceof CountersignError);
      const shown = inspect(error, { depth: 10, showHidden: true });
      assert.ok(!shown.includes('a wrong passphrase'));
      assert.ok(!shown.includes(Buffer.from(secret).toString('base64').slice(10, 60)));
    }
  }
});

test('a key prints and serialises as its kind', () => {
  const key = parsePrivateKeyPem(p256);
  assert.equal(JSON.stringify({ key }), '{"key":"private key ECDSA P-256"}');
  const secret = Buffer.from(firstBytes(p256).subarray(36, 68)).toString('hex');
  assert.ok(!inspect(key, { depth: 10, showHidden: true }).includes(secret));
});

const DESCRIPTIONS: Readonly<Record<KeySpec, string>> = {
  'ecdsa-p256': 'ECDSA P-256',
  'ecdsa-p384': 'ECDSA P-384',
  'ecdsa-p521': 'ECDSA P-521',
  'rsa-2048': 'RSA 2048',
  'rsa-3072': 'RSA 3072',
  'rsa-4096': 'RSA 4096',
  ed25519: 'Ed25519',
};
for (const spec of KEY_SPECS) {
  test(`makes, writes, reads and signs with ${spec}`, async () => {
    const key = await generateKeyPair(spec);
    assert.equal(describePublicKey(key.publicKey), DESCRIPTIONS[spec]);
    const forms = spec.startsWith('ecdsa')
      ? (['pkcs8', 'sec1'] as const)
      : spec.startsWith('rsa')
        ? (['pkcs8', 'pkcs1'] as const)
        : (['pkcs8'] as const);
    for (const format of forms) {
      const again = parsePrivateKeyPem(exportPrivateKeyPem(key, { format }));
      assert.deepEqual(again.publicKeyDer, key.publicKeyDer);
      const data = utf8('data');
      const signature = await again.sign(data);
      const check = (octets: Uint8Array, signed: Uint8Array): string =>
        verifySignature(key.publicKey, key.signatureAlgorithm, octets, signed).kind;
      assert.equal(check(data, signature), 'valid');
      assert.equal(check(utf8('Data'), signature), 'invalid');
    }
    const locked = exportPrivateKeyPem(key, { format: 'pkcs8', passphrase: 'pässword' });
    assert.match(locked, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    assert.deepEqual(parsePrivateKeyPem(locked, 'pässword').publicKeyDer, key.publicKeyDer);
  });
}

test('finds the key among other blocks', () => {
  const text = `${encodePem('EC PARAMETERS', utf8('x'))}text\n${encodePem('CERTIFICATE', utf8('y'))}${p256}`;
  assert.deepEqual(parsePrivateKeyPem(text).publicKeyDer, parsePrivateKeyPem(p256).publicKeyDer);
});

test('reads every form that openssl writes, and openssl reads ours', async (t) => {
  if (!requireTool(t, 'openssl')) return;
  const openssl = (args: readonly string[], input: string): string =>
    execFileSync('openssl', [...args], { input, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
  const commands: readonly (readonly [readonly string[], string?])[] = [
    [['ecparam', '-name', 'prime256v1', '-genkey']],
    [['ecparam', '-name', 'secp384r1', '-genkey', '-noout']],
    [['genrsa', '-traditional', '2048']],
    [['genrsa', '2048']],
    [['genpkey', '-algorithm', 'ed25519']],
    [['genrsa', '-traditional', '-aes128', '-passout', 'pass:pw', '2048'], 'pw'],
    [['genrsa', '-traditional', '-des3', '-passout', 'pass:pw', '2048'], 'pw'],
    [['genpkey', '-algorithm', 'ed25519', '-aes-256-cbc', '-pass', 'pass:pw'], 'pw'],
  ];
  for (const [args, passphrase] of commands) {
    const key = parsePrivateKeyPem(openssl(args, ''), passphrase);
    const ours = exportPrivateKeyPem(key, { format: 'pkcs8', passphrase: 'xy' });
    const publicPem = openssl(['pkey', '-passin', 'pass:xy', '-pubout'], ours);
    assert.deepEqual(firstBytes(publicPem), key.publicKeyDer, args.join(' '));
  }
});

test('takes the hostile values without harm', () => {
  for (const text of [
    ...HOSTILE_TEXTS,
    ...HOSTILE_BYTES,
    ...HOSTILE_BYTES.slice(0, 25).map((der) => encodePem('PRIVATE KEY', der)),
  ]) {
    assert.throws(() => parsePrivateKeyPem(text, 'pw'), CountersignError);
  }
});
