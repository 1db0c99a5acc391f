import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireLifetime } from '../authority/lifetime.js';
import type { UnixSeconds } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { ConfigureCommand } from '../cli/command-entry.js';
import type { Environment } from '../cli/environment.js';
import { usageError } from '../cli/failure.js';
import { rawFlags, switchFlag, textFlag, type RawFlags } from '../cli/flags.js';
import { shownTime } from '../cli/shown-time.js';
import { formatTable } from '../cli/text-table.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem } from '../crypto/private-key.js';
import { addEncryptionFlags, encryptionFiles } from './encryption-flags.js';
import { openEnvelope } from './encryption-keys-file.js';
import { folderKeyFiles, type KeyFiles, keyFilesUnder } from './key-files.js';
import { defaultDataFolder } from './locations.js';
import { sealedKeyFiles } from './sealed-key-files.js';
import { withSharedKeys } from './shared-storage.js';
import { addStorageFlags, storageSettings } from './storage-flags.js';
import { readTokenKeys, rotateTokenKey } from './token-key-files.js';
import { standings, type KeyStanding } from './token-key-ring.js';

/** Published keys may be kept for an hour by whoever fetched them; some more for clocks that differ. */
const PUBLISH_FOR = '90m';

/** Adds the commands of `rotate`. */
export const configureRotate: ConfigureCommand = (command, environment) => {
  addStorageFlags(addEncryptionFlags(command.command('token-key')))
    .description(
      'make a new key for service account tokens: published at once, signing later; the old one verifies until its last token has ended',
    )
    .option('--data-dir <dir>', 'data folder of the server; default: $COUNTERSIGN_DATA_DIR, then ~/.countersign')
    .option('--sign-after <duration>', 'how long the new key is published before it signs', PUBLISH_FOR)
    .option('--revoke-old', 'for a key that was stolen: drop all others at once, which ends every token so far')
    .option('--show', 'only show the keys')
    .action(async (_options: unknown, subcommand: Command) => {
      await rotateToken(rawFlags(subcommand), environment);
    });
};

async function rotateToken(flags: RawFlags, environment: Environment): Promise<void> {
  const { cwd, env } = environment;
  const dataDir = textFlag(flags, 'dataDir');
  const storage = storageSettings(flags, cwd);
  if (storage !== undefined) {
    if (dataDir !== undefined) throw usageError('Cannot use --data-dir together with --storage');
    await withSharedKeys(storage, (keys) => rotateIn(keys, storage.address, flags, environment));
    return;
  }
  const folder = dataDir === undefined ? defaultDataFolder(env) : resolve(cwd, dataDir);
  await rotateIn(folderKeyFiles(folder), folder, flags, environment);
}

/** Rotates among a server's own files, also where they are sealed; `place` is for people. */
async function rotateIn(own: KeyFiles, place: string, flags: RawFlags, environment: Environment): Promise<void> {
  const { cwd, random, clock } = environment;
  const now = secondsOf(clock);
  const envelope = await openEnvelope({ encryption: encryptionFiles(flags, cwd), files: own, now, random });
  const files = keyFilesUnder(sealedKeyFiles(own, envelope), 'pki');
  if (switchFlag(flags, 'show')) {
    if (switchFlag(flags, 'revokeOld')) throw usageError('Cannot use --show together with --revoke-old');
  } else {
    const publishSeconds = requireLifetime(textFlag(flags, 'signAfter') ?? PUBLISH_FOR, '--sign-after');
    const pem = exportPrivateKeyPem(await generateKeyPair('ecdsa-p256'), { format: 'pkcs8' });
    const revokeOld = switchFlag(flags, 'revokeOld');
    await rotateTokenKey(files, { pem, now, publishSeconds, revokeOld });
  }
  environment.stdout.write(await keyTable(files, place, now));
}

async function keyTable(files: KeyFiles, place: string, now: UnixSeconds): Promise<string> {
  const known = await readTokenKeys(files);
  if (known === undefined) {
    throw new CountersignError('CONFIG_INVALID', `Cannot find token keys: no server has run in ${place} yet`);
  }
  const rows = standings(known.ring, known.use ?? new Map(), now).map(([{ key }, standing]) => [
    key.id,
    key.algorithm.name,
    standingText(standing, now),
  ]);
  return formatTable(['KEY', 'ALGORITHM', 'STATE'], rows);
}

function standingText(standing: KeyStanding, now: UnixSeconds): string {
  switch (standing.kind) {
    case 'signs':
      return 'signs';
    case 'will-sign':
      return `published, signs from ${shownTime(standing.from, now)}`;
    case 'verifies':
      return `verifies until ${shownTime(standing.until, now)}`;
    case 'over':
      return 'over';
  }
}
