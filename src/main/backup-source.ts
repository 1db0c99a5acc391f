import { utf8 } from '../base/bytes.js';
import { type Clock, secondsOf } from '../base/clock.js';
import { beginSha256, sha256 } from '../crypto/digest.js';
import { formatTime } from '../kube/time.js';
import type { BackupFile, Hashing } from '../storage/backup/backup-format.js';
import type { BackupSource } from '../storage/backup/write-backup.js';
import type { Store } from '../storage/store.js';
import type { KeyFiles } from './key-files.js';
import { ownFileNames } from './sealed-key-files.js';
import { VERSION } from './version.js';

/** SHA-256 of OpenSSL. */
export const HASHING: Hashing = { sha256, begin: beginSha256 };

/** What a backup of a server is made of. */
export interface ServerParts {
  /** As values lie on the disk: beneath encryption. */
  readonly store: Store;
  /** The server's own keys as they lie; undefined where they are in the store. */
  readonly files: KeyFiles | undefined;
  readonly clock: Clock;
}

/** The source of a backup that is made now. */
export function backupSource({ store, files, clock }: ServerParts): BackupSource {
  return {
    store,
    files: async () => (files === undefined ? [] : ownFiles(files)),
    header: {
      createdAt: formatTime(secondsOf(clock)),
      program: VERSION,
      keys: files === undefined ? 'store' : 'files',
    },
    hashing: HASHING,
  };
}

async function ownFiles(files: KeyFiles): Promise<readonly BackupFile[]> {
  const names = await ownFileNames(files);
  const read = await Promise.all(
    names.map(async (name): Promise<readonly BackupFile[]> => {
      const text = await files.read(name);
      return text === undefined ? [] : [{ name, content: utf8(text) }];
    }),
  );
  return read.flat();
}
