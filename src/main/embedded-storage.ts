import { join } from 'node:path';
import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { openLmdbStore } from '../storage/lmdb/lmdb-store.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import type { Store } from '../storage/store.js';
import type { BackupSource } from '../storage/backup/write-backup.js';
import { backupSource } from './backup-source.js';
import type { EncryptionFiles } from './encryption-keys-file.js';
import { folderKeyFiles, memoryKeyFiles } from './key-files.js';
import { makePrivateFolder } from './private-files.js';
import { MAX_SEALED_VALUE_BYTES, type SealedStorage, sealStorage } from './sealed-storage.js';
import type { SharedStorage } from './shared-storage.js';

export interface EmbeddedStorageOptions {
  /** Absent: everything in memory, gone at the end. */
  readonly dataFolder?: string;
  /** A store shared with other replicas, and their common keys. */
  readonly shared?: SharedStorage;
  /** Absent: nothing is sealed. */
  readonly encryption?: EncryptionFiles;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Storage behind encryption, and what a backup is made of: what lies beneath. */
export interface EmbeddedStorage extends SealedStorage {
  readonly backup: () => BackupSource;
}

/**
 * Opens the store and the server's own keys, behind encryption. Who closes the store closes all of it. `recentBytes` of
 * the newest writes are kept for watches that resume.
 */
export async function openEmbeddedStorage(
  options: EmbeddedStorageOptions,
  random: Random,
  recentBytes: number,
): Promise<EmbeddedStorage> {
  const { dataFolder, shared, encryption = {}, clock, logger } = options;
  const store = await openStore(options, recentBytes);
  try {
    const files = dataFolder === undefined ? memoryKeyFiles() : folderKeyFiles(dataFolder);
    const sharedFiles = shared?.keys ?? files;
    const sealed = await sealStorage({ store, files, sharedFiles, encryption, clock, random, logger });
    const parts = { store, files: shared === undefined ? files : undefined, clock };
    return { ...sealed, backup: () => backupSource(parts) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore({ dataFolder, shared }: EmbeddedStorageOptions, recentBytes: number): Promise<Store> {
  if (shared !== undefined) return shared.store;
  if (dataFolder === undefined) return createMemoryStore({ maxValueBytes: MAX_SEALED_VALUE_BYTES });
  await makePrivateFolder(dataFolder);
  const folder = join(dataFolder, 'store');
  return openLmdbStore({ folder, maxValueBytes: MAX_SEALED_VALUE_BYTES, recentEvents: 2048, recentBytes });
}
