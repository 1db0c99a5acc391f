import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';

import { hasCode } from '../../base/error.js';
import { lockFolder } from './folder-lock.js';

suite('the lock of a folder', () => {
  test('is refused while it is held, and the message names the process', async (t) => {
    const folder = temporaryFolder(t);
    const lock = await lockFolder(folder);
    t.after(() => lock.release());
    await assert.rejects(lockFolder(folder), (error) => {
      assert.ok(hasCode(error, 'STORE_LOCKED'));
      assert.equal(error.message, `Cannot open store: ${folder}: process ${process.pid} is using it`);
      return true;
    });
  });
  test('can be taken again when it has been released, and leaves nothing behind', async (t) => {
    const folder = temporaryFolder(t);
    (await lockFolder(folder)).release();
    (await lockFolder(folder)).release();
    assert.deepEqual(readdirSync(folder), []);
  });
  test('goes to exactly one of many who want it at once', async (t) => {
    const folder = temporaryFolder(t);
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockFolder(folder)));
    const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    t.after(() => locks.forEach((lock) => lock.release()));
    assert.equal(locks.length, 1);
    for (const result of results) if (result.status === 'rejected') assert.ok(hasCode(result.reason, 'STORE_LOCKED'));
  });
  test('of one folder says nothing about another', async (t) => {
    const locks = await Promise.all([lockFolder(temporaryFolder(t)), lockFolder(temporaryFolder(t))]);
    t.after(() => locks.forEach((lock) => lock.release()));
  });
  test(
    'works where the path is longer than the address of a socket',
    { skip: process.platform !== 'linux' },
    async (t) => {
      const folder = join(temporaryFolder(t), 'a'.repeat(120), 'b'.repeat(120));
      mkdirSync(folder, { recursive: true });
      const lock = await lockFolder(folder);
      await assert.rejects(lockFolder(folder), (error) => hasCode(error, 'STORE_LOCKED'));
      lock.release();
      assert.deepEqual(readdirSync(folder), []);
    },
  );
  test('is a file that only its owner can use, and other files are left alone', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'data.mdb-lock'), '');
    const lock = await lockFolder(folder);
    t.after(() => lock.release());
    const names = readdirSync(folder).filter((name) => name.startsWith('lock-'));
    assert.equal(names.length, 1);
    assert.equal(statSync(join(folder, names[0] ?? '')).mode & 0o777, 0o600);
    assert.ok(readdirSync(folder).includes('data.mdb-lock'));
  });
});

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
