import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { Environment } from '../cli/environment.js';
import { CommandExit, usageError } from '../cli/failure.js';
import { rawFlags, type RawFlags, readGlobalFlags, textFlag } from '../cli/flags.js';
import { isSealed } from '../crypto/envelope.js';
import type { BackupRecord } from '../storage/backup/backup-format.js';
import { readBackup } from '../storage/backup/read-backup.js';
import { writeBackup } from '../storage/backup/write-backup.js';
import { openLmdbStore } from '../storage/lmdb/lmdb-store.js';
import { type BackupSummary, readBackupFile, saveBackup, summarise } from './backup-file.js';
import { backupSource, HASHING } from './backup-source.js';
import { type OpenSealed, StoredCheck } from './check-stored.js';
import { addEncryptionFlags, encryptionFiles } from './encryption-flags.js';
import { KEY_FILE_FLAG, openEnvelope } from './encryption-keys-file.js';
import { fetchBackup } from './fetch-backup.js';
import { folderKeyFiles, memoryKeyFiles } from './key-files.js';
import { restoreFolder, restoreShared } from './restore-backup.js';
import { MAX_SEALED_VALUE_BYTES } from './sealed-storage.js';
import { addStorageFlags, storageSettings } from './storage-flags.js';

/** Adds `store backup`, `store restore` and `store check`. */
export function addBackupCommands(store: Command, environment: Environment): void {
  const sub = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .showHelpAfterError(`See '${environment.program} store ${name} --help' for usage.`);
  const save = sub('backup', 'save everything that a server is, its keys included, in a file: of a running server')
    .argument('<file>', 'the file to make; it must not be there')
    .option('--data-dir <dir>', 'a data folder that no server uses, in place of a running server')
    .action((file: string) => backUp(resolve(environment.cwd, file), save, environment));
  const restore = addStorageFlags(
    sub('restore', 'make the store of a new server of a backup: a data folder, or one in etcd')
      .argument('<file>', 'a backup')
      .option('--data-dir <dir>', 'the folder to make; it must be empty, or not there'),
  ).action((file: string) => restoreInto(resolve(environment.cwd, file), rawFlags(restore), environment));
  const check = addEncryptionFlags(
    sub('check', 'look for anything that is wrong in a backup, or in the store of a running server')
      .argument('[file]', 'a backup')
      .option('--data-dir <dir>', 'a data folder that no server uses'),
  ).action((file: string | undefined) => checkStore(file, check, environment));
}

/** Chunks of a backup that is made now: of a folder, or of the running server. */
async function* chunksOf(command: Command, environment: Environment): AsyncGenerator<Uint8Array, void, undefined> {
  const folder = textFlag(rawFlags(command), 'dataDir');
  if (folder !== undefined) {
    yield* folderBackup(resolve(environment.cwd, folder), environment);
    return;
  }
  const { kubeconfig, context } = readGlobalFlags(command);
  const connection = await environment.connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  try {
    yield* fetchBackup(connection.transport, environment.signal);
  } finally {
    await connection.close();
  }
}

async function* folderBackup(folder: string, { clock }: Environment): AsyncGenerator<Uint8Array, void, undefined> {
  const path = join(folder, 'store');
  await access(path).catch((cause: unknown) => {
    throw new CountersignError('CONFIG_INVALID', `Cannot find a store: no server has run in ${folder} yet`, { cause });
  });
  const store = await openLmdbStore({ folder: path, maxValueBytes: MAX_SEALED_VALUE_BYTES });
  try {
    yield* writeBackup(backupSource({ store, files: folderKeyFiles(folder), clock }));
  } finally {
    await store.close();
  }
}

async function backUp(path: string, command: Command, environment: Environment): Promise<void> {
  const summary = await saveBackup(path, chunksOf(command, environment));
  environment.stdout.write(`Saved ${contentText(summary)} in ${path}\nSHA-256 ${summary.sha256}\n`);
  environment.stderr.write(
    summary.plainSecrets > 0
      ? 'It holds Secrets and private keys in plain: whoever reads it can be this server\n'
      : 'What is secret in it is sealed: keep the file of encryption keys too, apart from it\n',
  );
}

async function restoreInto(path: string, flags: RawFlags, environment: Environment): Promise<void> {
  const { cwd, program, stdout, stderr } = environment;
  const [dataDir, storage] = [textFlag(flags, 'dataDir'), storageSettings(flags, cwd)];
  if ((dataDir === undefined) === (storage === undefined)) {
    throw usageError('Cannot restore: say where to: either --data-dir or --storage');
  }
  const folder = resolve(cwd, dataDir ?? '');
  const restored = storage === undefined ? await restoreFolder(path, folder) : await restoreShared(path, storage);
  const place = storage === undefined ? `--data-dir ${folder}` : `--storage ${storage.address}`;
  stdout.write(`Restored ${contentText(restored)}; the store goes on at ${restored.restoredRevision}\n`);
  stderr.write(
    `Start a server on it with: ${program} up ${place}\nNever start the old one again: both would be the same server\n`,
  );
}

function contentText({ header, entries, files }: BackupSummary): string {
  const own = header.keys === 'files' ? ` and ${files} of the server's own files` : '';
  return `${entries} entries${own}, as of revision ${header.revision} (${header.createdAt})`;
}

async function checkStore(file: string | undefined, command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  if (file !== undefined && textFlag(flags, 'dataDir') !== undefined) {
    throw usageError('Cannot use --data-dir together with a backup');
  }
  const check = new StoredCheck(await openerOf(flags, environment));
  const records: AsyncIterable<BackupRecord> =
    file === undefined
      ? readBackup(chunksOf(command, environment), HASHING)
      : readBackupFile(resolve(environment.cwd, file));
  const summary = await summarise(records, (record) => check.look(record));
  const problems = check.problems();
  const looked = `Looked at ${contentText(summary)}`;
  const unopened =
    check.sealed === 0 ? '' : `; of them ${check.sealed} sealed, and not looked into: give ${KEY_FILE_FLAG}`;
  environment.stdout.write(`${looked}${unopened}\n`);
  if (problems.length === 0) {
    environment.stdout.write('Nothing is wrong\n');
    return;
  }
  environment.stderr.write(problems.map((problem) => `error: ${problem}\n`).join(''));
  throw new CommandExit(1);
}

/** Opens sealed values with the keys that are given; without any, they are not looked into. */
async function openerOf(flags: RawFlags, { cwd, clock, random }: Environment): Promise<OpenSealed> {
  const encryption = encryptionFiles(flags, cwd);
  const folder = textFlag(flags, 'dataDir');
  if (encryption.keyFile === undefined && encryption.passphraseFile !== undefined && folder === undefined) {
    throw usageError(`Cannot use --encryption-passphrase-file without ${KEY_FILE_FLAG} or --data-dir`);
  }
  const files = folder === undefined ? memoryKeyFiles() : folderKeyFiles(resolve(cwd, folder));
  const envelope = await openEnvelope({ encryption, files, now: secondsOf(clock), random });
  return ({ key, value }) => {
    if (!isSealed(value)) return value;
    return envelope?.open(value, key);
  };
}
