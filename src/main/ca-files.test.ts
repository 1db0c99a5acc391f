import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUnixSeconds } from '../base/clock.js';
import { hasCode } from '../base/error.js';
import { anchorPem } from '../authority/ca-material.js';
import { random } from '../crypto/digest.js';
import { openCaFiles, openKeyFile } from './ca-files.js';
import { type KeyFiles, memoryKeyFiles } from './key-files.js';

const now = toUnixSeconds(1_800_000_000);
const open = (files: KeyFiles) => openCaFiles({ files, name: 'ca', commonName: 'Web CA', now, random });

test('refuses a certificate whose key is lost, and writes nothing', async () => {
  const [full, files] = [memoryKeyFiles(), memoryKeyFiles()];
  await open(full);
  await files.write('ca.crt', (await full.read('ca.crt')) ?? '');
  await assert.rejects(
    open(files),
    (error) =>
      hasCode(error, 'CA_INVALID') &&
      error.message === 'Cannot open the CA "Web CA": ca.key is missing while ca.crt is there',
  );
  assert.equal(await files.read('ca.key'), undefined);
});

test('refuses a key that is none', async () => {
  const files = memoryKeyFiles();
  await files.write('ca.key', 'half a key');
  await assert.rejects(open(files), (error) => hasCode(error, 'KEY_INVALID') || hasCode(error, 'PEM_INVALID'));
});

test('goes on with the key that a crash left without certificate', async () => {
  const files = memoryKeyFiles();
  const key = await openKeyFile(files, 'ca.key');
  const first = anchorPem(await open(files));
  assert.equal(await files.read('ca.key'), key);
  assert.equal(anchorPem(await open(files)), first);
});

test('all who open it at once open the same CA', async () => {
  const files = memoryKeyFiles();
  const roots = (await Promise.all([1, 2, 3, 4].map(() => open(files)))).map(anchorPem);
  assert.equal(new Set(roots).size, 1);
});
