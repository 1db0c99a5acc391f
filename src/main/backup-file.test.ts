import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { FakeClock } from '../base/fake-clock.js';
import { hasCode } from '../base/error.js';
import { writeBackup } from '../storage/backup/write-backup.js';
import { openLmdbStore } from '../storage/lmdb/lmdb-store.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { readBackupFile, saveBackup, summarise } from './backup-file.js';
import { backupSource } from './backup-source.js';
import { memoryKeyFiles } from './key-files.js';
import { RESTORE_GAP, restoreFolder, restoreShared } from './restore-backup.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Chunks of the backup of a small server. */
async function* small(): AsyncGenerator<Uint8Array> {
  const files = memoryKeyFiles();
  const store = createMemoryStore();
  await store.create('/registry/configmaps/default/a', utf8('{}'));
  await store.update('/registry/configmaps/default/a', utf8('{"data":{}}'), 1);
  await store.create('/registry/secrets/default/s', utf8('{}'));
  await files.create('pki/server-ca.key', 'PEM');
  await files.create('pki/server-ca.crt', 'PEM');
  await files.create('other/file', 'none of ours');
  yield* writeBackup(backupSource({ store, files, clock: new FakeClock() }));
}

async function saved(t: TestContext, chunks = small()): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await folderOf(t);
  const path = join(folder, 'backup');
  await saveBackup(path, chunks);
  return { folder, path };
}

suite('saving', () => {
  test('refuses a file that is there, a link to nowhere, and a folder that is not', async (t) => {
    const { folder, path } = await saved(t);
    const before = await readFile(path);
    const usage = (error: unknown): boolean => hasCode(error, 'USAGE');
    await assert.rejects(saveBackup(path, small()), usage);
    await assert.rejects(saveBackup(join(folder, 'none', 'backup'), small()), usage);
    assert.deepEqual(await readFile(path), before);
    await symlink(join(folder, 'target'), join(folder, 'backup2.new'));
    await saveBackup(join(folder, 'backup2'), small());
    assert.deepEqual((await readdir(folder)).sort(), ['backup', 'backup2'], 'a draft is made, not followed');
  });

  test('leaves nothing of a backup that breaks off, or fails', async (t) => {
    const folder = await folderOf(t);
    async function* broken(): AsyncGenerator<Uint8Array> {
      for await (const chunk of small()) yield chunk.subarray(0, -1);
    }
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* broken();
      throw new TypeError('no more');
    }
    await assert.rejects(saveBackup(join(folder, 'b'), broken()), (error) => hasCode(error, 'BACKUP_INVALID'));
    await assert.rejects(saveBackup(join(folder, 'b'), failing()), TypeError);
    assert.deepEqual(await readdir(folder), []);
  });

  test('makes a file of its owner, of everything that is the server’s, and tells what anybody could read', async (t) => {
    const { path } = await saved(t);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const summary = await summarise(readBackupFile(path));
    const { entries, files, plainSecrets, header } = summary;
    assert.deepEqual({ entries, files, plainSecrets }, { entries: 2, files: 2, plainSecrets: 2 });
    assert.deepEqual([header.revision, header.createdAt, header.keys], [3, '2023-11-14T22:13:20Z', 'files']);
  });
});

suite('restoring refuses, and writes nothing,', () => {
  test('a file that is not there', async (t) => {
    const folder = await folderOf(t);
    await assert.rejects(restoreFolder(join(folder, 'none'), join(folder, 'data')), (error) => hasCode(error, 'USAGE'));
    assert.deepEqual(await readdir(folder), []);
  });

  test('a backup that is damaged, or cut off', async (t) => {
    const { folder, path } = await saved(t);
    const bytes = await readFile(path);
    const last = bytes.length - 20;
    for (const damaged of [bytes.subarray(0, last), Buffer.concat([bytes.subarray(0, last), Buffer.alloc(20)])]) {
      await writeFile(join(folder, 'damaged'), damaged);
      await assert.rejects(restoreFolder(join(folder, 'damaged'), join(folder, 'data')), (error) =>
        hasCode(error, 'BACKUP_INVALID'),
      );
      assert.deepEqual((await readdir(folder)).sort(), ['backup', 'damaged']);
    }
  });

  test('a folder with something in it, or a file', async (t) => {
    const { folder, path } = await saved(t);
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'x'), '');
    await assert.rejects(restoreFolder(path, join(folder, 'data')), (error) => hasCode(error, 'CONFIG_INVALID'));
    await assert.rejects(restoreFolder(path, path), { code: 'ENOTDIR' });
    assert.deepEqual(await readdir(join(folder, 'data')), ['x']);
  });

  test('into etcd, what is secret and plain', async (t) => {
    const { path } = await saved(t);
    const nowhere = { address: 'etcd://127.0.0.1:1', leaseDurationSeconds: 15 };
    await assert.rejects(
      restoreShared(path, nowhere),
      (error) => hasCode(error, 'CONFIG_INVALID') && /it holds secrets in plain/.test(error.message),
    );
  });
});

test('a folder is made of a backup, where there is none or an empty one: values, revisions, and files of their owner', async (t) => {
  const { folder, path } = await saved(t);
  await mkdir(join(folder, 'empty'));
  for (const data of [join(folder, 'deep', 'er', 'data'), join(folder, 'empty')]) {
    const restored = await restoreFolder(path, data);
    assert.equal(restored.restoredRevision, 3 + RESTORE_GAP);
    assert.deepEqual((await readdir(data)).sort(), ['pki', 'store']);
    assert.equal(await readFile(join(data, 'pki', 'server-ca.key'), 'utf8'), 'PEM');
    for (const name of ['.', 'pki', 'store', 'pki/server-ca.key', 'store/data.mdb']) {
      assert.equal((await stat(join(data, name))).mode & 0o077, 0, name);
    }
    const store = await openLmdbStore({ folder: join(data, 'store') });
    const page = await store.list('');
    assert.equal(page.revision, 3 + RESTORE_GAP);
    assert.deepEqual(
      page.entries.map(({ key, value, revision }) => [key, Buffer.from(value).toString(), revision]),
      [
        ['/registry/configmaps/default/a', '{"data":{}}', 2],
        ['/registry/secrets/default/s', '{}', 3],
      ],
    );
    await store.close();
  }
  assert.deepEqual((await readdir(folder)).sort(), ['backup', 'deep', 'empty'], 'no draft is left');
});
