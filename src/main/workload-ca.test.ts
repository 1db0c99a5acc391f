import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { anchorPem } from '../authority/ca-material.js';
import { random } from '../crypto/digest.js';
import { folderKeyFiles } from './key-files.js';
import { openWorkloadCa } from './workload-ca.js';

test('makes a CA for each signer once, and refuses one whose key is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-signers-'));
  const files = folderKeyFiles(folder);
  const open = (signerName: string) => openWorkloadCa({ signerName, files, clock: new FakeClock(Date.now()), random });
  try {
    const serving = anchorPem(await open('example.com/serving'));
    assert.equal(anchorPem(await open('example.com/serving')), serving);
    assert.notEqual(anchorPem(await open('example.com/client')), serving);
    const key = join(folder, 'example.com_serving', 'ca.key');
    assert.equal((await stat(key)).mode & 0o777, 0o600);
    await unlink(key);
    await assert.rejects(
      open('example.com/serving'),
      (error) => hasCode(error, 'CA_INVALID') && /ca\.key is missing/.test(error.message),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
