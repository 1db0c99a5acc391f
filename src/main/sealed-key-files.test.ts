import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { random } from '../crypto/digest.js';
import { createEnvelope, type Envelope, sealedTextKeyName } from '../crypto/envelope.js';
import { keyFilesUnder, memoryKeyFiles } from './key-files.js';
import { firstSealedFile, LOCKED_KEYS_FILE, resealKeyFiles, sealedKeyFiles } from './sealed-key-files.js';

const NAMES = [LOCKED_KEYS_FILE, 'pki/server-ca.crt', 'pki/server-ca.key', 'pki/serving.json', 'signers/a/ca.key'];
const SECRET = ['pki/server-ca.key', 'pki/serving.json', 'signers/a/ca.key'];

test('refuses sealed files without a key, naming the file, the key and the flags', async () => {
  const below = memoryKeyFiles();
  await sealedKeyFiles(below, envelopeOf('a')).write('pki/server-ca.key', 'PEM');
  await assert.rejects(sealedKeyFiles(below, undefined).read('pki/server-ca.key'), (error) => {
    assert.ok(hasCode(error, 'SEAL_KEY_UNKNOWN'));
    assert.equal(
      error.message,
      'Cannot open "pki/server-ca.key": it is sealed with key "a": give --encryption-key-file or --encryption-passphrase-file',
    );
    return true;
  });
});

test('refuses a file that lies where another was, and one that somebody else created with another key', async () => {
  const below = memoryKeyFiles();
  const files = sealedKeyFiles(below, envelopeOf('a'));
  await files.write('pki/server-ca.key', 'PEM');
  await below.write('pki/client-ca.key', (await below.read('pki/server-ca.key')) ?? '');
  await assert.rejects(files.read('pki/client-ca.key'), (error) => hasCode(error, 'SEAL_INVALID'));
  await assert.rejects(sealedKeyFiles(below, envelopeOf('b')).create('pki/server-ca.key', 'mine'), (error) =>
    hasCode(error, 'SEAL_KEY_UNKNOWN'),
  );
});

test('writes nothing anew unless all can be opened', async () => {
  const below = memoryKeyFiles();
  await below.write('pki/a.key', 'plain');
  await sealedKeyFiles(below, envelopeOf('z')).write('pki/b.key', 'PEM');
  await assert.rejects(resealKeyFiles(below, envelopeOf('a')), (error) => hasCode(error, 'SEAL_KEY_UNKNOWN'));
  assert.equal(await below.read('pki/a.key'), 'plain');
  assert.deepEqual(await firstSealedFile(below), { name: 'pki/b.key', keyName: 'z' });
});

test('seals all but certificates and the file that opens the others', async () => {
  const below = memoryKeyFiles();
  const files = sealedKeyFiles(below, envelopeOf('a'));
  for (const name of NAMES) assert.equal(await files.create(name, `text of ${name}`), `text of ${name}`);
  for (const name of NAMES) {
    assert.equal(await files.read(name), `text of ${name}`);
    assert.equal(sealedTextKeyName((await below.read(name)) ?? ''), SECRET.includes(name) ? 'a' : undefined, name);
  }
  assert.equal(await files.create('pki/serving.json', 'second'), 'text of pki/serving.json');
  assert.equal(await files.replace('pki/serving.json', 'second', 'third'), false);
  assert.equal(await files.replace('pki/serving.json', 'text of pki/serving.json', 'third'), true);
  assert.equal(await files.read('pki/serving.json'), 'third');
  assert.equal(await keyFilesUnder(files, 'signers').read('a/ca.key'), 'text of signers/a/ca.key');
});

test('reads what is plain as it is', async () => {
  const below = memoryKeyFiles();
  await below.write('pki/server-ca.key', 'PEM');
  assert.equal(await sealedKeyFiles(below, envelopeOf('a')).read('pki/server-ca.key'), 'PEM');
  assert.equal(await sealedKeyFiles(below, undefined).read('pki/server-ca.key'), 'PEM');
});

test('leaves alone what lies beside the keys', async () => {
  const below = memoryKeyFiles();
  for (const name of ['admin.kubeconfig', 'store/data.mdb']) await below.write(name, 'text');
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('a')), []);
});

test('seals plain files, rewrites those of an older key, once, and goes back where it is told to', async () => {
  const below = memoryKeyFiles();
  for (const name of NAMES) await below.write(name, `text of ${name}`);
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('a')), SECRET);
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('b', 'a')), SECRET);
  for (const name of SECRET) assert.equal(sealedTextKeyName((await below.read(name)) ?? ''), 'b');
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('b', 'a')), []);
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('b'), 'plain'), SECRET);
  for (const name of NAMES) assert.equal(await below.read(name), `text of ${name}`);
  assert.deepEqual(await resealKeyFiles(below, envelopeOf('b'), 'plain'), []);
});

/** An envelope with keys of these names, the first of which seals. */
function envelopeOf(first: string, ...others: readonly string[]): Envelope {
  const keyOf = (name: string) => ({ name, bytes: new Uint8Array(32).fill(name.charCodeAt(0)) });
  return createEnvelope([keyOf(first), ...others.map(keyOf)], random);
}
