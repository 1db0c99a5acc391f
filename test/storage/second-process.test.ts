import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { hasCode } from '../../src/base/error.js';
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';

const STORM = fileURLToPath(new URL('write-storm.ts', import.meta.url));

test('a second process is refused while the first lives, and told which one it is', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startHolder(t, folder);
  for (let attempt = 0; attempt < 2; attempt++) {
    await assert.rejects(openLmdbStore({ folder }), (error) => {
      assert.ok(hasCode(error, 'STORE_LOCKED'));
      assert.equal(error.message, `Cannot open store: ${folder}: process ${first.pid} is using it`);
      return true;
    });
  }
});

test('a stopped process still holds its store', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startHolder(t, folder);
  first.kill('SIGSTOP');
  await assert.rejects(openLmdbStore({ folder }), (error) => hasCode(error, 'STORE_LOCKED'));
});

test('a process that was killed with SIGKILL holds nothing', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startHolder(t, folder);
  first.kill('SIGKILL');
  await new Promise((resolve) => first.once('exit', resolve));
  const store = await openLmdbStore({ folder });
  assert.ok((await store.currentRevision()) > 0);
  await store.close();
});

/** Starts a process that writes to the store, and waits until it does. */
async function startHolder(t: TestContext, folder: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  const child = spawn(process.execPath, ['--import', 'tsx', STORM, folder, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.resume();
  return child;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-second-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
