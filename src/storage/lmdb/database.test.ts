import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { open as openLmdb } from 'lmdb';

import { utf8 } from '../../base/bytes.js';
import { hasCode, isCountersignError } from '../../base/error.js';
import { openLmdbStore } from './lmdb-store.js';

suite('a folder that holds no store of ours', () => {
  const refusals: readonly { readonly name: string; readonly bytes: Buffer; readonly message: string }[] = [
    { name: 'text', bytes: Buffer.from('certificate requests'), message: 'is not an LMDB file' },
    { name: 'many bytes of text', bytes: Buffer.alloc(50_000, 'garbage '), message: 'is not an LMDB file' },
    { name: 'zeros', bytes: Buffer.alloc(50_000), message: 'is not an LMDB file' },
    { name: 'one byte', bytes: Buffer.alloc(1), message: 'is not an LMDB file' },
    { name: 'a magic number and nothing sane after it', bytes: magicOnly(), message: 'has pages of 4294967295 bytes' },
  ];
  for (const { name, bytes, message } of refusals) {
    test(`is refused when data.mdb holds ${name}, and not changed`, async (t) => {
      const folder = temporaryFolder(t);
      const path = join(folder, 'data.mdb');
      writeFileSync(path, bytes);
      await refusedAsCorrupt(folder, `Cannot read store: ${path} ${message}`);
      assert.deepEqual(readFileSync(path), bytes);
      assert.deepEqual(readdirSync(folder), ['data.mdb']);
    });
  }
  test('is refused when data.mdb is the database of another program', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'data.mdb');
    const other = openLmdb({ path, noSubdir: true });
    await other.openDB({ name: 'users' }).put('a', 'b');
    await other.close();
    await refusedAsCorrupt(folder, `Cannot read store: ${path} is not a Countersign store: it has a table "users"`);
  });
  test('is refused when the store has a format of another version', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'data.mdb');
    await writeOne(folder);
    const root = openLmdb({ path, noSubdir: true, encoding: 'binary', keyEncoding: 'binary', overlappingSync: false });
    const meta = root.openDB<Buffer, Buffer>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
    await meta.put(Buffer.from('format'), Buffer.from('countersign-store 2'));
    await root.close();
    await refusedAsCorrupt(
      folder,
      `Cannot read store: ${path} has format "countersign-store 2", known is "countersign-store 1"`,
    );
  });
});

suite('a store that was damaged', () => {
  for (const bytes of [4096, 8192, 12_288, 20_000]) {
    test(`is refused, and does not end the process, when it was cut off after ${bytes} bytes`, async (t) => {
      const folder = temporaryFolder(t);
      await writeOne(folder);
      truncateSync(join(folder, 'data.mdb'), bytes);
      await assert.rejects(
        openLmdbStore({ folder }).then((store) => store.get('k').finally(() => store.close())),
        (error) => hasCode(error, 'STORE_CORRUPT'),
      );
    });
  }
  test('gives an error, and does not end the process, wherever a page of it was overwritten', async (t) => {
    const folder = temporaryFolder(t);
    await writeOne(folder);
    const path = join(folder, 'data.mdb');
    const whole = readFileSync(path);
    for (let page = 2; page * 4096 < whole.length; page++) {
      writeFileSync(path, Buffer.from(whole).fill(0, page * 4096, (page + 1) * 4096));
      await tryEverything(folder);
    }
  });
});

suite('what is made', () => {
  test('is for its owner alone, whatever the umask', async (t) => {
    const folder = join(temporaryFolder(t), 'a', 'store');
    const before = process.umask(0);
    try {
      await writeOne(folder, (path) => {
        assert.equal(statSync(path).mode & 0o777, 0o700);
        for (const name of readdirSync(path)) assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name);
      });
    } finally {
      process.umask(before);
    }
    assert.equal(existsSync(join(folder, 'data.mdb')), true);
  });
  test('leaves the mode of a folder that is there as it is', async (t) => {
    const folder = join(temporaryFolder(t), 'store');
    mkdirSync(folder);
    chmodSync(folder, 0o750);
    await writeOne(folder);
    assert.equal(statSync(folder).mode & 0o777, 0o750);
  });
  test('grows no faster than what is in it while old history is compacted', async (t) => {
    const folder = temporaryFolder(t);
    const store = await openLmdbStore({ folder, recentEvents: 16 });
    t.after(() => store.close());
    const value = new Uint8Array(1500).fill(7);
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 100 }, (_, i) => `k/${round}/${i}`);
      const revisions = await Promise.all(keys.map((key) => store.create(key, value)));
      await Promise.all(keys.map((key, i) => store.delete(key, revisions[i] ?? 0)));
      await store.compact(await store.currentRevision());
    }
    const size = statSync(join(folder, 'data.mdb')).size;
    assert.ok(size < 2_000_000, `4.5 MB went through it, it holds nothing, and it has ${size} bytes`);
  });
});

async function refusedAsCorrupt(folder: string, message: string): Promise<void> {
  // twice: a failed attempt must not keep the lock
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(openLmdbStore({ folder }), (error) => {
      assert.ok(hasCode(error, 'STORE_CORRUPT'));
      assert.equal(error.message, message);
      return true;
    });
  }
}

async function writeOne(folder: string, look: (folder: string) => void = () => undefined): Promise<void> {
  const store = await openLmdbStore({ folder });
  await store.create('k', utf8('v'.repeat(5000)));
  for (let i = 0; i < 50; i++) await store.create(`k${i}`, utf8('v'));
  look(folder);
  await store.close();
}

/** Any outcome is fine but a wrong value, an error that is not ours, or the end of the process. */
async function tryEverything(folder: string): Promise<void> {
  try {
    const store = await openLmdbStore({ folder });
    try {
      assert.equal((await store.get('k'))?.value.length ?? 5000, 5000);
      await store.list('');
    } finally {
      await store.close();
    }
  } catch (error) {
    assert.ok(isCountersignError(error), String(error));
  }
}

/** The first page of an LMDB file whose page size is out of all reason. */
function magicOnly(): Buffer {
  const bytes = Buffer.alloc(8192, 0xff);
  bytes.writeUInt32LE(0xbeefc0de, 24);
  return bytes;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-database-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
