import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { testKey } from '../authority/testing/test-certificates.js';
import { memoryKeyFiles } from './key-files.js';
import { openRecordTrust, RECORD_TRUST_FILE } from './record-trust.js';

const pemOf = async (name: string): Promise<string> => exportPrivateKeyPem(await testKey(name), { format: 'pkcs8' });
const derOf = async (...names: readonly string[]) =>
  Promise.all(names.map(async (name) => (await testKey(name)).publicKeyDer));

test('refuses a list with anything but public keys in it, and leaves it as it is', async () => {
  for (const text of ['', 'nothing', await pemOf('first')]) {
    const files = memoryKeyFiles();
    await files.write(RECORD_TRUST_FILE, text);
    await assert.rejects(openRecordTrust(files, await pemOf('first')), { code: 'KEY_INVALID' });
    assert.equal(await files.read(RECORD_TRUST_FILE), text);
  }
});

test('knows the key that signs now, and every one before it, each once', async () => {
  const files = memoryKeyFiles();
  const open = async (name: string) => (await openRecordTrust(files, await pemOf(name))).map(({ der }) => der);
  assert.deepEqual(await open('first'), await derOf('first'));
  assert.deepEqual(await open('first'), await derOf('first'));
  assert.deepEqual(await open('second'), await derOf('first', 'second'));
  assert.deepEqual(await open('first'), await derOf('first', 'second'));
});

test('goes on with a list that somebody shortened, without a line end', async () => {
  const files = memoryKeyFiles();
  await openRecordTrust(files, await pemOf('first'));
  await files.write(RECORD_TRUST_FILE, ((await files.read(RECORD_TRUST_FILE)) ?? '').trimEnd());
  const keys = await openRecordTrust(files, await pemOf('second'));
  assert.deepEqual(
    keys.map(({ der }) => der),
    await derOf('first', 'second'),
  );
  assert.equal((await openRecordTrust(files, await pemOf('second'))).length, 2);
});
