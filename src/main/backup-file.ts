import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from '../base/error.js';
import { systemReason } from '../cli/input.js';
import { isSealed, isSealedText } from '../crypto/envelope.js';
import type { BackupHeader, BackupRecord } from '../storage/backup/backup-format.js';
import { readBackup } from '../storage/backup/read-backup.js';
import { HASHING } from './backup-source.js';
import { SECRETS_PREFIX } from './sealed-storage.js';
import { STORED_KEYS_PREFIX } from './store-key-files.js';
import { holdsSecret } from './sealed-key-files.js';

/** What is in a backup that was read to its end. */
export interface BackupSummary {
  readonly header: BackupHeader;
  readonly entries: number;
  readonly files: number;
  /** Secrets and own keys that anybody can read. */
  readonly plainSecrets: number;
  /** SHA-256 over everything but the end, in hexadecimal. */
  readonly sha256: string;
}

/** The records of the backup in a file. BACKUP_INVALID for what is none, USAGE where it cannot be read at all. */
export async function* readBackupFile(path: string): AsyncGenerator<BackupRecord, void, undefined> {
  yield* readBackup(chunksOf(path), HASHING);
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // a file stream without encoding gives buffers
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (cause) {
    throw new CountersignError('USAGE', `Cannot read ${JSON.stringify(path)}: ${systemReason(cause)}`, { cause });
  }
}

/** Reads a backup to its end and tells what is in it. */
export async function summarise(
  records: AsyncIterable<BackupRecord>,
  look: (record: BackupRecord) => void = () => undefined,
): Promise<BackupSummary> {
  let header: BackupHeader | undefined;
  let plainSecrets = 0;
  for await (const record of records) {
    look(record);
    if (record.kind === 'header') header = record.header;
    if (isPlainSecret(record)) plainSecrets++;
    if (record.kind === 'end' && header !== undefined) return { header, plainSecrets, ...record.end };
  }
  throw new CountersignError('BACKUP_INVALID', 'Cannot read backup: it has no end: it was cut off');
}

function isPlainSecret(record: BackupRecord): boolean {
  switch (record.kind) {
    case 'entry': {
      const { key, value } = record.entry;
      if (key.startsWith(STORED_KEYS_PREFIX)) return isPlainKey(key.slice(STORED_KEYS_PREFIX.length), value);
      return key.startsWith(SECRETS_PREFIX) && !isSealed(value);
    }
    case 'file':
      return isPlainKey(record.file.name, record.file.content);
    default:
      return false;
  }
}

function isPlainKey(name: string, content: Uint8Array): boolean {
  return holdsSecret(name) && !isSealedText(Buffer.from(content).toString());
}

/**
 * Saves a backup in a new file that only its owner may read. It appears there when it has been read to its end, every
 * part of it has been checked, and it is on the disk: a file that is there is good. USAGE where there is one already.
 */
export async function saveBackup(path: string, chunks: AsyncIterable<Uint8Array>): Promise<BackupSummary> {
  await refuseExisting(path);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600).catch((cause: unknown) => {
    throw new CountersignError('USAGE', `Cannot write ${JSON.stringify(path)}: ${systemReason(cause)}`, { cause });
  });
  try {
    try {
      const summary = await summarise(readBackup(saving(chunks, file), HASHING));
      await file.sync();
      await refuseExisting(path);
      await rename(draft, path);
      await syncFolder(dirname(path));
      return summary;
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function* saving(
  chunks: AsyncIterable<Uint8Array>,
  file: FileHandle,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    await file.writeFile(chunk);
    yield chunk;
  }
}

async function refuseExisting(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  throw new CountersignError('USAGE', `Cannot write ${JSON.stringify(path)}: it exists, and is not replaced`);
}

/** Puts the names in a folder on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
