import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createPrivateFile, writePrivateFile } from './private-files.js';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'private-files-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('writes for its owner alone, over what was there', async (t) => {
  const path = join(await folderFor(t), 'key');
  await writeFile(path, 'old', { mode: 0o644 });
  await writePrivateFile(path, 'new');
  assert.equal(await readFile(path, 'utf8'), 'new');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('writes through no link that lies in its way', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'key');
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, 'theirs', { mode: 0o644 });
  await symlink(elsewhere, `${path}.new`);
  await writePrivateFile(path, 'secret');
  assert.equal(await readFile(elsewhere, 'utf8'), 'theirs');
  assert.equal((await stat(elsewhere)).mode & 0o777, 0o644);
  assert.equal(await readFile(path, 'utf8'), 'secret');
});

test('writes into no file that somebody may hold open', async (t) => {
  const path = join(await folderFor(t), 'key');
  await writeFile(`${path}.new`, 'left over');
  const held = await open(`${path}.new`, 'r');
  t.after(() => held.close());
  await writePrivateFile(path, 'secret');
  assert.equal(await held.readFile('utf8'), 'left over');
});

test('creates no file where one is, and leaves that one and no draft', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'key');
  assert.equal(await createPrivateFile(path, 'first', 'a'), true);
  assert.equal(await createPrivateFile(path, 'second', 'b'), false);
  assert.equal(await readFile(path, 'utf8'), 'first');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['key']);
});
