import { resolve } from 'node:path';
import type { Command } from 'commander';
import { secondsOf } from '../base/clock.js';
import type { Environment } from '../cli/environment.js';
import { usageError } from '../cli/failure.js';
import { rawFlags, type RawFlags, switchFlag, textFlag } from '../cli/flags.js';
import { formatTable } from '../cli/text-table.js';
import { type EncryptionKeys, newEncryptionKey } from '../crypto/encryption-keys.js';
import {
  createKeyFile,
  type KeyFilePlace,
  PASSPHRASE_FILE_FLAG,
  readKeyFile,
  replaceKeyFile,
} from './encryption-keys-file.js';

/** Adds `store genkey`, `store rotate-key` and `store drop-key`: files of keys for `--encryption-key-file`. */
export function addKeyCommands(store: Command, environment: Environment): void {
  const sub = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .option(`${PASSPHRASE_FILE_FLAG} <file>`, 'file with the passphrase that locks the keys')
      .showHelpAfterError(`See '${environment.program} store ${name} --help' for usage.`);
  const generate = sub('genkey', 'make a file with a new key, for --encryption-key-file of up')
    .argument('<file>', 'the file to make; it must not be there')
    .action((file: string) => generateKey(placeOf(file, rawFlags(generate), environment), environment));
  const rotate = sub('rotate-key', 'put a new key before those of a file: it seals, and the others still open')
    .argument('<file>', 'the file of keys')
    .option('--standby', 'put the new key last: it only opens, until --use; for several servers on one store')
    .option('--use <name>', 'make no key; put this one of the file first')
    .action((file: string) => rotateKey(file, rawFlags(rotate), environment));
  const drop = sub('drop-key', 'remove a key that nothing is sealed with any more from a file')
    .argument('<file>', 'the file of keys')
    .argument('<name>', 'name of the key; the one that seals stays')
    .action((file: string, name: string) => dropKey(placeOf(file, rawFlags(drop), environment), name, environment));
}

function placeOf(file: string, flags: RawFlags, { cwd, random }: Environment): KeyFilePlace {
  const passphraseFile = textFlag(flags, 'encryptionPassphraseFile');
  return {
    path: resolve(cwd, file),
    random,
    ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(cwd, passphraseFile) }),
  };
}

async function generateKey(place: KeyFilePlace, environment: Environment): Promise<void> {
  const key = newEncryptionKey(secondsOf(environment.clock), environment.random);
  await createKeyFile(place, [key]);
  environment.stdout.write(keyTable([key]));
  environment.stderr.write(
    'Keep a copy apart from the data folder and its backups: without this file Secrets cannot be read, and whoever has both can read them.\n',
  );
}

async function rotateKey(file: string, flags: RawFlags, environment: Environment): Promise<void> {
  const [isStandby, use] = [switchFlag(flags, 'standby'), textFlag(flags, 'use')];
  if (isStandby && use !== undefined) throw usageError('Cannot use --standby together with --use');
  const place = placeOf(file, flags, environment);
  const keys = await readKeyFile(place);
  const rotated = use === undefined ? withNewKey(keys, isStandby, environment) : withFirst(keys, use, file);
  await replaceKeyFile(place, rotated);
  environment.stdout.write(keyTable(rotated));
  environment.stderr.write(
    isStandby
      ? 'Restart every server with this file, then: rotate-key --use\n'
      : `Restart the server with this file, then: ${environment.program} store rewrite\n`,
  );
}

function withNewKey(keys: EncryptionKeys, isStandby: boolean, { clock, random }: Environment): EncryptionKeys {
  const key = newEncryptionKey(secondsOf(clock), random);
  const [first, ...rest] = keys;
  return isStandby ? [first, ...rest, key] : [key, ...keys];
}

function withFirst(keys: EncryptionKeys, name: string, file: string): EncryptionKeys {
  const first = keys.find((key) => key.name === name);
  if (first === undefined) throw noSuchKey(keys, name, file);
  return [first, ...keys.filter((key) => key !== first)];
}

async function dropKey(place: KeyFilePlace, name: string, environment: Environment): Promise<void> {
  const keys = await readKeyFile(place);
  const [first, ...others] = keys;
  if (first.name === name) {
    throw usageError(`Cannot drop key ${JSON.stringify(name)}: it is the one that seals: rotate-key makes another`);
  }
  const kept = others.filter((key) => key.name !== name);
  if (kept.length === others.length) throw noSuchKey(keys, name, place.path);
  await replaceKeyFile(place, [first, ...kept]);
  environment.stdout.write(keyTable([first, ...kept]));
}

function noSuchKey(keys: EncryptionKeys, name: string, file: string): Error {
  const known = keys.map((key) => key.name).join(', ');
  return usageError(`Cannot find key ${JSON.stringify(name)} in ${file}: it holds ${known}`);
}

function keyTable(keys: EncryptionKeys): string {
  return formatTable(
    ['KEY', 'USE'],
    keys.map(({ name }, at) => [name, at === 0 ? 'seals and opens' : 'opens']),
  );
}
