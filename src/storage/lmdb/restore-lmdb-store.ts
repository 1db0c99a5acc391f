import type { Entry, Revision } from '../store.js';
import { CountersignError } from '../../base/error.js';
import { Database, makeFolder, type PlannedWrite } from './database.js';
import { lockFolder } from './folder-lock.js';

/** Writes of one transaction. */
const BATCH = 1000;

/**
 * Makes a store in a folder where there is none, of entries that keep their revisions, in any order. The store then is
 * at `revision`, above all of them, and knows nothing of what was before. CONFIG_INVALID where there is a store. One
 * that was left unfinished is no store to use.
 */
export async function restoreLmdbStore(
  folder: string,
  entries: AsyncIterable<Entry>,
  revision: Revision,
): Promise<void> {
  makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    const database = await Database.open(folder);
    try {
      if (database.lastLogged() !== 0 || database.compactionMark().floor !== 0) {
        throw new CountersignError('CONFIG_INVALID', `Cannot restore into ${folder}: there is a store`);
      }
      await writeAll(database, entries);
      await database.sweep({ floor: revision, swept: revision }, [], []);
    } finally {
      await database.close();
    }
  } finally {
    lock.release();
  }
}

async function writeAll(database: Database, entries: AsyncIterable<Entry>): Promise<void> {
  let batch: PlannedWrite[] = [];
  for await (const { key, value, revision } of entries) {
    batch.push({ kind: 'put', before: 0, key, value, revision });
    if (batch.length < BATCH) continue;
    await database.commit(batch, 'any order');
    batch = [];
  }
  await database.commit(batch, 'any order');
}
