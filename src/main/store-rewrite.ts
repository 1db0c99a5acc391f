import { resolve } from 'node:path';
import type { Command } from 'commander';
import { secondsOf } from '../base/clock.js';
import type { Environment } from '../cli/environment.js';
import { CommandExit, usageError } from '../cli/failure.js';
import { rawFlags, type RawFlags, readGlobalFlags, switchFlag, textFlag } from '../cli/flags.js';
import { withSession } from '../cli/session.js';
import { addEncryptionFlags, encryptionFiles } from './encryption-flags.js';
import { KEY_FILE_FLAG, PASSPHRASE_FILE_FLAG } from './encryption-keys-file.js';
import {
  discardSecrets,
  type IdleFolder,
  rewriteFolder,
  type RewriteProgress,
  type Rewritten,
  unreadableSecrets,
} from './rewrite-folder.js';
import { rewriteServedSecrets } from './rewrite-served.js';
import { SECRETS_PREFIX, secretsText } from './sealed-storage.js';

/** Adds `store rewrite` and `store discard-unreadable`. */
export function addRewriteCommands(store: Command, environment: Environment): void {
  const sub = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .showHelpAfterError(`See '${environment.program} store ${name} --help' for usage.`);
  const rewrite = addEncryptionFlags(
    sub('rewrite', 'have every Secret stored with the newest key: by a running server, or in a data folder')
      .option('--data-dir <dir>', 'a data folder that no server uses, in place of a running server')
      .option('--plain', 'with --data-dir: open everything, to go back to a server without encryption'),
  ).action(async () => {
    const flags = rawFlags(rewrite);
    if (textFlag(flags, 'dataDir') === undefined) await rewriteServed(rewrite, environment);
    else await rewriteIdle(flags, environment);
  });
  const discard = addEncryptionFlags(
    sub('discard-unreadable', 'list Secrets whose key is lost, and delete those that are named')
      .option('--data-dir <dir>', 'a data folder that no server uses')
      .argument('[namespace/name...]', 'Secrets to delete; without them they are only listed'),
  ).action((names: readonly string[]) => discardUnreadable(names, rawFlags(discard), environment));
}

async function rewriteServed(command: Command, environment: Environment): Promise<void> {
  const flags = rawFlags(command);
  if (switchFlag(flags, 'plain')) throw usageError('Cannot use --plain without --data-dir');
  const { keyFile, passphraseFile } = encryptionFiles(flags, environment.cwd);
  if (keyFile !== undefined || passphraseFile !== undefined) {
    const flag = keyFile === undefined ? PASSPHRASE_FILE_FLAG : KEY_FILE_FLAG;
    throw usageError(`Cannot use ${flag} without --data-dir: a running server has its keys`);
  }
  const { stdout, stderr, signal } = environment;
  await withSession(environment, readGlobalFlags(command), async ({ client }) => {
    const { looked, rewritten } = await rewriteServedSecrets(client, signal, (done) =>
      stderr.write(progressText(done)),
    );
    stdout.write(`Rewrote ${rewritten} of ${secretsText(looked)}: all are stored as this server stores them now\n`);
  });
  stderr.write(
    'An older key may be dropped (store drop-key) when every server has been restarted with the newer one first, ten minutes from now, and with the last backup that needs it.\n',
  );
}

function progressText({ looked, rewritten }: RewriteProgress): string {
  return `${secretsText(looked)} looked at, ${rewritten} rewritten\n`;
}

function placeOf(flags: RawFlags, { cwd, clock, random }: Environment): IdleFolder {
  const folder = textFlag(flags, 'dataDir');
  if (folder === undefined) throw usageError('Cannot do without --data-dir');
  return { folder: resolve(cwd, folder), encryption: encryptionFiles(flags, cwd), now: secondsOf(clock), random };
}

async function rewriteIdle(flags: RawFlags, environment: Environment): Promise<void> {
  const form = switchFlag(flags, 'plain') ? 'plain' : 'sealed';
  const result = await rewriteFolder(placeOf(flags, environment), form, (done) =>
    environment.stderr.write(progressText(done)),
  );
  environment.stdout.write(rewrittenText(result, form));
  if (result.unreadable.length === 0) return;
  environment.stderr.write(
    `error: Cannot open ${secretsText(result.unreadable.length)}, left as it was:\n${listText(result.unreadable)}`,
  );
  throw new CommandExit(1);
}

function rewrittenText(result: Rewritten, form: 'sealed' | 'plain'): string {
  const { looked, rewritten, files, keyName, spare } = result;
  const now = form === 'sealed' ? `sealed with key ${JSON.stringify(keyName)}` : 'plain';
  const names = spare.map((name) => JSON.stringify(name)).join(', ');
  return [
    `Rewrote ${rewritten} of ${secretsText(looked)} and ${files.length} of the server's own files: they are ${now}`,
    ...(spare.length === 0
      ? []
      : [`No longer needed, but by backups: ${spare.length === 1 ? 'key' : 'keys'} ${names}`]),
    '',
  ].join('\n');
}

async function discardUnreadable(names: readonly string[], flags: RawFlags, environment: Environment): Promise<void> {
  const place = placeOf(flags, environment);
  if (names.length === 0) {
    const unreadable = await unreadableSecrets(place);
    environment.stdout.write(unreadable.length === 0 ? 'All Secrets can be read\n' : listText(unreadable));
    return;
  }
  await discardSecrets(place, names.map(storageKey));
  environment.stdout.write(names.map((name) => `Secret ${name} discarded\n`).join(''));
}

function storageKey(name: string): string {
  if (/^[^/]+\/[^/]+$/.test(name)) return `${SECRETS_PREFIX}${name}`;
  throw usageError(`Cannot use ${JSON.stringify(name)}: it is not namespace/name`);
}

/** Storage keys as the names that are typed, a line each. */
function listText(keys: readonly string[]): string {
  return keys.map((key) => `${key.slice(SECRETS_PREFIX.length)}\n`).join('');
}
