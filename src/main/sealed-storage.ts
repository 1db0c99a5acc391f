import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { type Envelope, isSealed, MAX_ENVELOPE_OVERHEAD, sealedKeyName, type SealState } from '../crypto/envelope.js';
import { createEncryptedStore, type ValueSeal } from '../storage/encrypted-store.js';
import { DEFAULT_MAX_VALUE_BYTES, type Entry, type Store } from '../storage/store.js';
import { type EncryptionFiles, KEY_FILE_FLAG, openEnvelope, PASSPHRASE_FILE_FLAG } from './encryption-keys-file.js';
import type { KeyFiles } from './key-files.js';
import { noKey, resealKeyFiles, sealedKeyFiles } from './sealed-key-files.js';

/** Where Secrets lie, whose values are sealed. */
export const SECRETS_PREFIX = '/registry/secrets/';

/** Largest value that a store must take for `DEFAULT_MAX_VALUE_BYTES` to fit in when they are sealed. */
export const MAX_SEALED_VALUE_BYTES: number = DEFAULT_MAX_VALUE_BYTES + MAX_ENVELOPE_OVERHEAD;

export interface SealStorageOptions {
  /** Takes values of `MAX_SEALED_VALUE_BYTES`. */
  readonly store: Store;
  /** The server's own keys. */
  readonly files: KeyFiles;
  /** Those that it has in common with other servers on the store; the same where there are none. */
  readonly sharedFiles: KeyFiles;
  readonly encryption: EncryptionFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A store and files that seal and open. */
export interface SealedStorage {
  readonly store: Store;
  /** The same with values as they lie: for backups, in which what is sealed stays sealed. */
  readonly below: Store;
  readonly files: KeyFiles;
  readonly sharedFiles: KeyFiles;
  /** Undefined: nothing is sealed. */
  readonly envelope: Envelope | undefined;
}

/**
 * Puts encryption before a store and the server's own keys. Refuses (SEAL_KEY_UNKNOWN, SEAL_INVALID), and changes nothing,
 * where something is sealed with a key that is not at hand. Then the server's own keys are sealed with the newest key, if
 * they are not; Secrets are when they are written.
 */
export async function sealStorage(options: SealStorageOptions): Promise<SealedStorage> {
  const { store, files, sharedFiles, clock, random, logger } = options;
  if (sharedFiles !== files) refuseOwnKeys(options.encryption);
  const envelope = await openEnvelope({ ...options, now: secondsOf(clock), random });
  const census = await takeCensus(store, envelope);
  refuseUnreadable(census);
  const { plain, older, damaged } = census.counts;
  if (envelope !== undefined) {
    for (const place of new Set([files, sharedFiles])) {
      const resealed = await resealKeyFiles(place, envelope);
      if (resealed.length > 0) logger.info('Own keys sealed', { key: envelope.keyName, files: resealed.join(', ') });
    }
    const stale = plain + older;
    if (stale > 0)
      logger.warn('Secrets not sealed with the newest key: "countersign store rewrite" does it', { stale });
  }
  if (damaged > 0) logger.error('Secrets damaged', { count: damaged });
  return {
    store: encryptedStore(store, envelope),
    below: store,
    files: sealedKeyFiles(files, envelope),
    sharedFiles: sealedKeyFiles(sharedFiles, envelope),
    envelope,
  };
}

/**
 * The store, with Secrets sealed when they are written, or plain; what is sealed is opened in either case. Without an
 * envelope nothing is sealed, and what is sealed cannot be read.
 */
export function encryptedStore(
  store: Store,
  envelope: Envelope | undefined,
  form: 'sealed' | 'plain' = 'sealed',
): Store {
  const prefixes = envelope === undefined || form === 'plain' ? [] : [SECRETS_PREFIX];
  return createEncryptedStore({ store, seal: valueSeal(envelope), prefixes });
}

function valueSeal(envelope: Envelope | undefined): ValueSeal {
  if (envelope === undefined) {
    return {
      seal: (value) => value,
      open: (sealed, key) => {
        throw noKey(key, sealedKeyName(sealed));
      },
      isSealed,
      isCurrent: () => false,
    };
  }
  return {
    seal: (value, key) => envelope.seal(value, key),
    open: (sealed, key) => envelope.open(sealed, key),
    isSealed,
    isCurrent: (sealed) => envelope.stateOf(sealed) === 'current',
  };
}

/** `1 Secret`, `2 Secrets`. */
export function secretsText(count: number): string {
  return count === 1 ? '1 Secret' : `${count} Secrets`;
}

/** How many values are stored in which form, and the first that cannot be opened for want of a key. */
export interface Census {
  readonly counts: Readonly<Record<SealState, number>>;
  readonly unreadable?: { readonly key: string; readonly keyName: string; readonly state: 'unknown' | 'other-key' };
}

const PAGE = 500;

/** Looks at every Secret; none is opened. `below` is the store under the encryption: its values are as they lie. */
export async function takeCensus(below: Store, envelope: Envelope | undefined): Promise<Census> {
  const counts: Record<SealState, number> = { plain: 0, current: 0, older: 0, unknown: 0, 'other-key': 0, damaged: 0 };
  let unreadable: Census['unreadable'];
  for await (const { key, value } of storedSecrets(below)) {
    const state = stateOf(envelope, value);
    counts[state]++;
    if (state === 'unknown' || state === 'other-key')
      unreadable ??= { key, keyName: sealedKeyName(value) ?? '', state };
  }
  return unreadable === undefined ? { counts } : { counts, unreadable };
}

/** Secrets as they lie in the store under the encryption, page by page. */
export async function* storedSecrets(below: Store): AsyncGenerator<Entry, void, undefined> {
  let after: string | undefined;
  do {
    const page = await below.list(SECRETS_PREFIX, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page.entries;
    after = page.more ? page.entries.at(-1)?.key : undefined;
  } while (after !== undefined);
}

function stateOf(envelope: Envelope | undefined, value: Uint8Array): SealState {
  if (envelope !== undefined) return envelope.stateOf(value);
  if (!isSealed(value)) return 'plain';
  return sealedKeyName(value) === undefined ? 'damaged' : 'unknown';
}

/** Each server would make keys of its own, and none could read what another wrote. */
function refuseOwnKeys({ keyFile, passphraseFile }: EncryptionFiles): void {
  if (keyFile !== undefined || passphraseFile === undefined) return;
  throw new CountersignError(
    'CONFIG_INVALID',
    `Cannot use ${PASSPHRASE_FILE_FLAG} alone with a store that servers share: make a file with "countersign store genkey", and give it to each with ${KEY_FILE_FLAG}`,
  );
}

function refuseUnreadable({ counts, unreadable }: Census): void {
  if (unreadable === undefined) return;
  const { key, keyName, state } = unreadable;
  const code = state === 'unknown' ? 'SEAL_KEY_UNKNOWN' : 'SEAL_INVALID';
  const why = state === 'unknown' ? 'is not at hand' : 'is another one in the file of keys';
  throw new CountersignError(
    code,
    `Cannot open the store: ${secretsText(counts.unknown + counts['other-key'])} cannot be read, such as ${JSON.stringify(key)}: its key ${JSON.stringify(keyName)} ${why}: give --encryption-key-file with it, or, if it is lost, remove them with "countersign store discard-unreadable"`,
  );
}
