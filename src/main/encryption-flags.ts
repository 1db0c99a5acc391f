import { resolve } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../cli/failure.js';
import { type RawFlags, switchFlag, textFlag } from '../cli/flags.js';
import { type EncryptionFiles, KEY_FILE_FLAG, PASSPHRASE_FILE_FLAG } from './encryption-keys-file.js';

/** Adds the flags that say with what Secrets and the server's own keys are sealed. */
export function addEncryptionFlags(command: Command): Command {
  return command
    .option(
      `${KEY_FILE_FLAG} <file>`,
      "seal Secrets and the server's own keys with the keys in this file; countersign store genkey makes one",
    )
    .option(
      `${PASSPHRASE_FILE_FLAG} <file>`,
      'file with the passphrase that locks the keys; alone: they are made and kept in the data folder',
    );
}

/** What these flags say. USAGE together with `--in-memory`: there is nothing to seal, and nowhere to keep keys. */
export function encryptionFiles(flags: RawFlags, cwd: string): EncryptionFiles {
  const keyFile = textFlag(flags, 'encryptionKeyFile');
  const passphraseFile = textFlag(flags, 'encryptionPassphraseFile');
  if (switchFlag(flags, 'inMemory')) {
    if (keyFile !== undefined) throw usageError(`Cannot use --in-memory together with ${KEY_FILE_FLAG}`);
    if (passphraseFile !== undefined) throw usageError(`Cannot use --in-memory together with ${PASSPHRASE_FILE_FLAG}`);
  }
  return {
    ...(keyFile === undefined ? {} : { keyFile: resolve(cwd, keyFile) }),
    ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(cwd, passphraseFile) }),
  };
}
