import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';

const CHILD = fileURLToPath(new URL('fill-disk.ts', import.meta.url));

test('a disk that takes no more ends writing, not reading, and loses nothing that was answered', async (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'countersign-full-')), 'store');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // a limit on the size of files does what a full disk does, and needs no privilege
  const limited = 'trap "" XFSZ; ulimit -f 2000; exec "$@"';
  const command = [process.execPath, '--import', 'tsx', CHILD, folder];
  const run = spawnSync('sh', ['-c', limited, 'sh', ...command], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const report: unknown = JSON.parse(run.stdout);
  const store = await openLmdbStore({ folder });
  t.after(() => store.close());
  const answered = await store.currentRevision();
  assert.ok(answered > 20);
  assert.deepEqual(report, {
    answered,
    first: 'STORE_UNAVAILABLE',
    next: 'STORE_UNAVAILABLE',
    readable: answered,
    closed: 'done',
  });
  assert.equal(await store.create('after', new Uint8Array()), answered + 1);
});
