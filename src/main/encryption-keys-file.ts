import { randomBytes } from 'node:crypto';
import type { Random } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import {
  encodeEncryptionKeys,
  type EncryptionKeys,
  newEncryptionKey,
  parseEncryptionKeys,
} from '../crypto/encryption-keys.js';
import { createEnvelope, type Envelope } from '../crypto/envelope.js';
import type { KeyFiles } from './key-files.js';
import { createPrivateFile, writePrivateFile } from './private-files.js';
import { firstSealedFile, LOCKED_KEYS_FILE } from './sealed-key-files.js';
import { readPassphraseFile, readSecretFile } from './secret-file.js';

/** The flags that name where keys are. */
export const KEY_FILE_FLAG = '--encryption-key-file';
export const PASSPHRASE_FILE_FLAG = '--encryption-passphrase-file';

/** Where the keys are with which Secrets and the server's own keys are sealed; nothing: nothing is sealed. */
export interface EncryptionFiles {
  /** A file of keys; absent: the server keeps its own, locked with the passphrase. */
  readonly keyFile?: string;
  /** A file with the passphrase that locks the keys. */
  readonly passphraseFile?: string;
}

/** A file of keys that a command works on. */
export interface KeyFilePlace {
  readonly path: string;
  readonly passphraseFile?: string;
  readonly random: Random;
}

/** Reads a file of keys: only its owner may be able to (CONFIG_INVALID). Refuses as `parseEncryptionKeys` does. */
export async function readKeyFile(place: KeyFilePlace): Promise<EncryptionKeys> {
  return parseEncryptionKeys(await readSecretFile(place.path, KEY_FILE_FLAG), await sourceOf(place));
}

/** Writes a file of keys where none is; CONFIG_INVALID where one is. */
export async function createKeyFile(place: KeyFilePlace, keys: EncryptionKeys): Promise<void> {
  const text = await encodeEncryptionKeys(keys, await sourceOf(place));
  if (await createPrivateFile(place.path, text, randomBytes(8).toString('hex'))) return;
  throw new CountersignError('CONFIG_INVALID', `Cannot make encryption keys: ${place.path}: it is there already`);
}

/** Writes a file of keys over the one that is there. */
export async function replaceKeyFile(place: KeyFilePlace, keys: EncryptionKeys): Promise<void> {
  await writePrivateFile(place.path, await encodeEncryptionKeys(keys, await sourceOf(place)));
}

async function sourceOf({ path, passphraseFile, random }: KeyFilePlace) {
  if (passphraseFile === undefined) return { path, random };
  return { path, random, passphrase: await readPassphraseFile(passphraseFile, PASSPHRASE_FILE_FLAG) };
}

export interface OpenEnvelopeOptions {
  readonly encryption: EncryptionFiles;
  /** Where the server keeps keys of its own. */
  readonly files: KeyFiles;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/**
 * Opens the keys that were given; undefined where none were. With a passphrase alone they lie among the server's own
 * files, and are made there at the first start; refused (CONFIG_INVALID) where something is sealed already: then the file
 * was lost, and new keys would open nothing.
 */
export async function openEnvelope(options: OpenEnvelopeOptions): Promise<Envelope | undefined> {
  const { encryption, files, now, random } = options;
  const { keyFile, passphraseFile } = encryption;
  if (keyFile !== undefined) {
    const place = { path: keyFile, random, ...(passphraseFile === undefined ? {} : { passphraseFile }) };
    return createEnvelope(await readKeyFile(place), random);
  }
  if (passphraseFile === undefined) return undefined;
  const source = await sourceOf({ path: LOCKED_KEYS_FILE, passphraseFile, random });
  let text = await files.read(LOCKED_KEYS_FILE);
  if (text === undefined) {
    await refuseLostKeys(files);
    text = await files.create(LOCKED_KEYS_FILE, await encodeEncryptionKeys([newEncryptionKey(now, random)], source));
  }
  return createEnvelope(await parseEncryptionKeys(text, source), random);
}

async function refuseLostKeys(files: KeyFiles): Promise<void> {
  const sealed = await firstSealedFile(files);
  if (sealed === undefined) return;
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot open encryption keys: ${LOCKED_KEYS_FILE} is missing in the data folder, and ${sealed.name} is sealed with key ${JSON.stringify(sealed.keyName)}: put it back from a backup, or give ${KEY_FILE_FLAG}`,
  );
}
