import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError, hasCode } from '../base/error.js';
import type { Envelope } from '../crypto/envelope.js';
import { openLmdbStore } from '../storage/lmdb/lmdb-store.js';
import type { Store } from '../storage/store.js';
import { type EncryptionFiles, KEY_FILE_FLAG, openEnvelope } from './encryption-keys-file.js';
import { folderKeyFiles } from './key-files.js';
import { resealKeyFiles } from './sealed-key-files.js';
import { encryptedStore, MAX_SEALED_VALUE_BYTES, storedSecrets } from './sealed-storage.js';

/** A data folder that no server uses. */
export interface IdleFolder {
  readonly folder: string;
  readonly encryption: EncryptionFiles;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/** How far a rewrite has come. */
export interface RewriteProgress {
  readonly looked: number;
  readonly rewritten: number;
}

/** What became of a rewrite. */
export interface Rewritten extends RewriteProgress {
  /** Names of the server's own files. */
  readonly files: readonly string[];
  /** Storage keys of what could not be opened; it stays as it is. */
  readonly unreadable: readonly string[];
  /** The key that everything is sealed with now. */
  readonly keyName: string;
  /** Keys of the ring with which nothing in the folder is sealed any more. */
  readonly spare: readonly string[];
}

/** Secrets between two reports of progress. */
const TELL_EVERY = 500;

/**
 * Writes all Secrets and own keys of a folder anew that are not as they should be: sealed with the newest key, or plain.
 * Each is written by itself, so that whoever is interrupted does it again and goes on. Then history is forgotten: it is
 * in the old form. Needs the keys (CONFIG_INVALID), and the folder for itself (STORE_LOCKED).
 */
export async function rewriteFolder(
  place: IdleFolder,
  form: 'sealed' | 'plain',
  progress: (done: RewriteProgress) => void = () => undefined,
): Promise<Rewritten> {
  return withIdleStore(place, async (below, envelope) => {
    const store = encryptedStore(below, envelope, form);
    const files = await resealKeyFiles(folderKeyFiles(place.folder), envelope, form);
    const counts = { looked: 0, rewritten: 0 };
    const unreadable: string[] = [];
    for await (const { key, value } of storedSecrets(below)) {
      if (counts.looked > 0 && counts.looked % TELL_EVERY === 0) progress({ ...counts });
      counts.looked++;
      if (envelope.stateOf(value) === (form === 'sealed' ? 'current' : 'plain')) continue;
      const entry = await readIfOpens(store, key);
      if (entry === undefined) {
        unreadable.push(key);
        continue;
      }
      await store.update(key, entry.value, entry.revision);
      counts.rewritten++;
    }
    await below.compact(await below.currentRevision());
    const spare = unreadable.length > 0 ? [] : envelope.keyNames.slice(form === 'sealed' ? 1 : 0);
    return { ...counts, files, unreadable, keyName: envelope.keyName, spare };
  });
}

/** Storage keys of the Secrets that cannot be opened with the keys at hand. */
export async function unreadableSecrets(place: IdleFolder): Promise<readonly string[]> {
  return withIdleStore(place, async (below, envelope) => {
    const store = encryptedStore(below, envelope);
    const unreadable: string[] = [];
    for await (const { key } of storedSecrets(below)) {
      if ((await readIfOpens(store, key)) === undefined) unreadable.push(key);
    }
    return unreadable;
  });
}

/** Deletes Secrets that cannot be opened; refused (CONFIG_INVALID), before any is, where one can or is not there. */
export async function discardSecrets(place: IdleFolder, keys: readonly string[]): Promise<void> {
  const unreadable = new Set(await unreadableSecrets(place));
  for (const key of keys) {
    if (unreadable.has(key)) continue;
    throw new CountersignError(
      'CONFIG_INVALID',
      `Cannot discard ${JSON.stringify(key)}: it can be read, or is not there: kubectl delete is for it`,
    );
  }
  await withIdleStore(place, async (below) => {
    for (const key of keys) {
      const entry = await below.get(key);
      if (entry !== undefined) await below.delete(key, entry.revision);
    }
  });
}

async function withIdleStore<Result>(
  { folder, encryption, now, random }: IdleFolder,
  work: (below: Store, envelope: Envelope) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, 'store');
  await access(path).catch((cause: unknown) => {
    throw new CountersignError('CONFIG_INVALID', `Cannot find a store: no server has run in ${folder} yet`, { cause });
  });
  const below = await openLmdbStore({ folder: path, maxValueBytes: MAX_SEALED_VALUE_BYTES });
  try {
    const envelope = await openEnvelope({ encryption, files: folderKeyFiles(folder), now, random });
    if (envelope === undefined) {
      throw new CountersignError(
        'CONFIG_INVALID',
        `Cannot work on sealed values: there are no keys: give ${KEY_FILE_FLAG} or --encryption-passphrase-file`,
      );
    }
    return await work(below, envelope);
  } finally {
    await below.close();
  }
}

async function readIfOpens(store: Store, key: string) {
  try {
    return await store.get(key);
  } catch (error) {
    if (hasCode(error, 'SEAL_INVALID') || hasCode(error, 'SEAL_KEY_UNKNOWN')) return undefined;
    throw error;
  }
}
