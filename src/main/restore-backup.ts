import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CountersignError } from '../base/error.js';
import type { BackupFile } from '../storage/backup/backup-format.js';
import { restoreIntoStore } from '../storage/backup/restore-into-store.js';
import { openEtcdStore } from '../storage/etcd/open-etcd-store.js';
import { restoreLmdbStore } from '../storage/lmdb/restore-lmdb-store.js';
import type { Entry, Revision, Store } from '../storage/store.js';
import { type BackupSummary, readBackupFile, summarise, syncFolder } from './backup-file.js';
import { folderKeyFiles } from './key-files.js';
import { LOCKED_KEYS_FILE } from './sealed-key-files.js';
import { MAX_SEALED_VALUE_BYTES } from './sealed-storage.js';
import { readStorageTls, type StorageSettings } from './storage-flags.js';
import { STORED_KEYS_PREFIX } from './store-key-files.js';

/**
 * How far a restored folder is ahead of its backup. The server went on after the backup was made; whoever saw what it
 * wrote then must never see an older version for a newer one, nor the same version twice. No server writes as much
 * between its last backup and the restore.
 */
export const RESTORE_GAP = 1_000_000_000;

/** The same for a store that counts revisions itself, which takes a write for each. */
export const STORE_GAP = 10_000;

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
  const restoredRevision = summary.header.revision + RESTORE_GAP;
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(dirname(folder), `${basename(folder)}.restoring-`));
  try {
    const own: BackupFile[] = [];
    await restoreLmdbStore(join(draft, 'store'), objectsOf(backupPath, own), restoredRevision);
    const files = folderKeyFiles(draft);
    for (const { name, content } of own) await files.write(name, Buffer.from(content).toString());
    await rename(draft, folder); // an empty folder may be in its place
    await syncFolder(dirname(folder));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return { ...summary, restoredRevision };
}

/**
 * Puts a backup into an etcd with nothing under its prefix, for servers that share it. Refuses (CONFIG_INVALID) one in
 * which something secret is plain, or sealed with keys that lie in the backup itself: etcd never holds either.
 */
export async function restoreShared(backupPath: string, settings: StorageSettings): Promise<Restored> {
  const summary = await summarise(readBackupFile(backupPath), (record) => {
    if (record.kind === 'file' && record.file.name === LOCKED_KEYS_FILE) {
      throw unfit('its keys are locked in itself: give the server a file of keys, rewrite, and make another');
    }
  });
  if (summary.plainSecrets > 0) {
    throw unfit('it holds secrets in plain: seal them with --encryption-key-file and store rewrite, and make another');
  }
  const tls = await readStorageTls(settings);
  const options = { address: settings.address, maxValueBytes: MAX_SEALED_VALUE_BYTES };
  const store = await openEtcdStore(tls === undefined ? options : { ...options, tls });
  try {
    return { ...summary, restoredRevision: await restoreEntries(store, backupPath, summary) };
  } finally {
    await store.close();
  }
}

function restoreEntries(store: Store, backupPath: string, { header }: BackupSummary): Promise<Revision> {
  const entries = async function* all(): AsyncGenerator<Entry, void, undefined> {
    const own: BackupFile[] = [];
    yield* objectsOf(backupPath, own);
    for (const { name, content } of own.filter(isShared)) {
      yield { key: STORED_KEYS_PREFIX + name, value: content, revision: header.revision };
    }
  };
  return restoreIntoStore({ store, above: header.revision + STORE_GAP, entries: entries() });
}

/** Each server has its own certificate for serving, and one for its administrator. */
function isShared({ name }: BackupFile): boolean {
  return name !== 'pki/serving.json' && name !== 'pki/admin.json';
}

/** The entries that are no keys of the server; those are put into `own`, from wherever they lay. */
async function* objectsOf(backupPath: string, own: BackupFile[]): AsyncGenerator<Entry, void, undefined> {
  for await (const record of readBackupFile(backupPath)) {
    if (record.kind === 'file') own.push(record.file);
    if (record.kind !== 'entry') continue;
    const { key, value } = record.entry;
    if (key.startsWith(STORED_KEYS_PREFIX)) own.push({ name: key.slice(STORED_KEYS_PREFIX.length), content: value });
    else yield record.entry;
  }
}

async function refuseUsed(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new CountersignError('CONFIG_INVALID', `Cannot restore into ${folder}: it is not empty`);
}

function unfit(why: string): CountersignError<'CONFIG_INVALID'> {
  return new CountersignError('CONFIG_INVALID', `Cannot restore into etcd: the backup does not fit: ${why}`);
}
