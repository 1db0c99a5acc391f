import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isCountersignError } from '../base/error.js';
import { readPassphraseFile, readSecretFile } from './secret-file.js';

async function fileWith(t: TestContext, text: string, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'secret-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

for (const { mode, shown } of [
  { mode: 0o644, shown: '0644' },
  { mode: 0o640, shown: '0640' },
  { mode: 0o601, shown: '0601' },
]) {
  test(`refuses a file of mode ${shown}, and one that a link leads to`, async (t) => {
    const path = await fileWith(t, 'secret', mode);
    const link = `${path}.link`;
    await symlink(path, link);
    for (const at of [path, link]) {
      await assert.rejects(readSecretFile(at, '--key'), (error) => {
        assert.ok(isCountersignError(error));
        assert.equal(
          error.message,
          `Cannot use --key: ${at}: its mode is ${shown}, and must be 0600: nobody but its owner may read it`,
        );
        return error.code === 'CONFIG_INVALID';
      });
    }
  });
}

test('refuses a file that is far too long, one that is not there, and a folder', async (t) => {
  const path = await fileWith(t, 'x'.repeat(1024 * 1024 + 1));
  await assert.rejects(readSecretFile(path, '--key'), /it has 1048577 bytes, and 1048576 are taken at most$/);
  await assert.rejects(
    readSecretFile(`${path}.not`, '--key'),
    /^CountersignError: Cannot use --key: .*file.not: there is no such file or folder$/,
  );
  await assert.rejects(readSecretFile(join(path, '..'), '--key'), /Cannot use --key: .*: it is a folder$/);
});

test('reads what only its owner may read', async (t) => {
  for (const mode of [0o600, 0o400])
    assert.equal(await readSecretFile(await fileWith(t, 'text', mode), '--key'), 'text');
});

for (const { name, text, passphrase } of [
  { name: 'one line', text: 'correct horse\n', passphrase: 'correct horse' },
  { name: 'one line of another system', text: 'correct horse\r\n', passphrase: 'correct horse' },
  { name: 'text without a line break', text: 'correct horse', passphrase: 'correct horse' },
  { name: 'spaces and further line breaks', text: ' correct\nhorse \n\n', passphrase: ' correct\nhorse \n' },
]) {
  test(`takes ${name} for a passphrase, all but the last line break`, async (t) => {
    assert.equal(await readPassphraseFile(await fileWith(t, text), '--pass'), passphrase);
  });
}

test('refuses an empty passphrase', async (t) => {
  for (const text of ['', '\n']) {
    await assert.rejects(readPassphraseFile(await fileWith(t, text), '--pass'), /Cannot use --pass: .*: it is empty$/);
  }
});
