import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { runStoreContract } from '../testing/contract.js';
import type { OpenStore } from '../testing/index.js';
import { openLmdbStore } from './lmdb-store.js';
import type { LmdbStoreOptions } from './lmdb-store.js';

runStoreContract('the LMDB store', 'durable', opener({}));
// with next to nothing in memory, so that all history comes from the disk
runStoreContract('the LMDB store that remembers two writes', 'durable', opener({ recentEvents: 2 }));

function opener(options: Omit<LmdbStoreOptions, 'folder'>): OpenStore {
  return async (t) => {
    const folder = join(temporaryFolder(t), 'store');
    const open = () => openLmdbStore({ ...options, folder });
    return { store: await open(), reopen: open };
  };
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
