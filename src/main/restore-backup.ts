import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CountersignError } from '../base/error.js';
import type { BackupRecord } from '../storage/backup/backup-format.js';
import { restoreLmdbStore } from '../storage/lmdb/restore-lmdb-store.js';
import type { Entry, Revision } from '../storage/store.js';
import { type BackupSummary, readBackupFile, summarise, syncFolder } from './backup-file.js';
import { folderKeyFiles } from './key-files.js';

/**
 * How far a restored store is ahead of its backup. The server went on after the backup was made; whoever saw what it
 * wrote then must never see an older version for a newer one, nor the same version twice. No server writes as much
 * between its last backup and the restore.
 */
export const RESTORE_GAP = 1_000_000_000;

/** What was restored. */
export interface Restored extends BackupSummary {
  /** Where the store is now. */
  readonly restoredRevision: Revision;
}

/**
 * Makes a data folder of a backup. The backup is read to its end before anything is written (BACKUP_INVALID), the folder
 * must be empty or not there (CONFIG_INVALID), and it is there whole or not at all.
 */
export async function restoreFolder(backupPath: string, folder: string): Promise<Restored> {
  await refuseUsed(folder);
  const summary = await summarise(readBackupFile(backupPath));
  if (summary.header.keys !== 'files') {
    throw new CountersignError(
      'CONFIG_INVALID',
      'Cannot restore into a folder: the backup is of a store that servers share, whose keys lie in it',
    );
  }
  const restoredRevision = summary.header.revision + RESTORE_GAP;
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(dirname(folder), `${basename(folder)}.restoring-`));
  try {
    await fill(draft, backupPath, restoredRevision);
    await rename(draft, folder); // an empty folder may be in its place
    await syncFolder(dirname(folder));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return { ...summary, restoredRevision };
}

async function refuseUsed(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new CountersignError('CONFIG_INVALID', `Cannot restore into ${folder}: it is not empty`);
}

async function fill(folder: string, backupPath: string, revision: Revision): Promise<void> {
  const files = folderKeyFiles(folder);
  const rest: BackupRecord[] = [];
  await restoreLmdbStore(join(folder, 'store'), entriesOf(readBackupFile(backupPath), rest), revision);
  for (const record of rest) {
    if (record.kind === 'file') await files.write(record.file.name, Buffer.from(record.file.content).toString());
  }
}

/** The entries; what is none of them is put into `rest`, of which there is little. */
async function* entriesOf(
  records: AsyncIterable<BackupRecord>,
  rest: BackupRecord[],
): AsyncGenerator<Entry, void, undefined> {
  for await (const record of records) {
    if (record.kind === 'entry') yield record.entry;
    else rest.push(record);
  }
}
