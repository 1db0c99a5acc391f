import { createTokenKey, type TokenKey } from '../apiserver/authentication/token-key.js';
import { distinctKeys, type SigningTokenKey, type TokenKeys } from '../apiserver/authentication/token-keys.js';
import type { Clock, UnixSeconds } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import type { SubjectPublicKeyInfo } from '../x509/public-key.js';
import { openKeyFile } from './ca-files.js';
import type { KeyFiles } from './key-files.js';
import {
  encodeRing,
  encodeUse,
  type KeyUse,
  parseRing,
  parseUse,
  ringOf,
  rotated,
  type Rotation,
  standings,
  type TokenKeyRing,
} from './token-key-ring.js';

/** The one key of a server whose keys were never rotated. */
const FIRST_KEY = 'service-account.key';
/** The keys since the first rotation. */
const RING = 'service-account-keys.json';
/** When the last token of each key ends. */
const USE = 'service-account-key-use.json';

/** How often a running server looks for a rotation. */
const LOOK_EVERY_MS = 5000;

/**
 * A key's end of use is written down this much later than asked, so that not every token costs a write: a key stays
 * published that much longer.
 */
const AHEAD_SECONDS = 24 * 3600;

/** Tokens of a key of which nothing is on record may be as old as this. */
const UNRECORDED_SECONDS = 365 * 24 * 3600;

/** Ring and use as they are now; undefined where there is no key yet. */
export async function readTokenKeys(
  files: Pick<KeyFiles, 'read'>,
): Promise<{ readonly ring: TokenKeyRing; readonly use: KeyUse | undefined } | undefined> {
  const [ring, first, use] = await Promise.all([files.read(RING), files.read(FIRST_KEY), files.read(USE)]);
  const parsedUse = use === undefined ? undefined : parseUse(use, USE);
  if (ring !== undefined) return { ring: parseRing(ring, RING), use: parsedUse };
  return first === undefined ? undefined : { ring: ringOf(first), use: parsedUse };
}

/**
 * Rotates on behalf of `countersign rotate`; servers at work find it within seconds. Does nothing where there is no key
 * yet; refuses as `rotated` does.
 */
export async function rotateTokenKey(files: KeyFiles, rotation: Rotation): Promise<void> {
  const known = await readTokenKeys(files);
  if (known === undefined) return;
  const use = known.use ?? (await assumeUse(files, known.ring, rotation.now));
  await files.write(RING, encodeRing(rotated(known.ring, use, rotation)));
}

/** Nothing is on record: the first key has been at work in a server that did not keep it. */
async function assumeUse(files: KeyFiles, { keys }: TokenKeyRing, now: UnixSeconds): Promise<KeyUse> {
  const end = (now + UNRECORDED_SECONDS) as UnixSeconds; // a sum of whole numbers
  const use = new Map(keys.slice(0, 1).map(({ key }) => [key.id, end]));
  await files.write(USE, encodeUse(use));
  return use;
}

export interface TokenKeyRingOptions {
  readonly files: KeyFiles;
  /** Keys that tokens are verified with besides. */
  readonly others: readonly SubjectPublicKeyInfo[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Token keys that follow their files until they are closed. */
export interface RotatingTokenKeys extends TokenKeys {
  close(): void;
}

/**
 * Opens the keys of a server, and makes the first one where there is none. They follow their files: what cannot be read
 * later is logged, and what was known goes on.
 */
export async function openTokenKeyRing(options: TokenKeyRingOptions): Promise<RotatingTokenKeys> {
  const { files, clock } = options;
  const known = (await readTokenKeys(files)) ?? (await makeFirstKey(files));
  const use = known.use ?? (await assumeUse(files, known.ring, secondsOf(clock)));
  const keys = new FollowedKeys(options, known.ring, use);
  keys.follow();
  return keys;
}

/** A key of which no token is abroad. */
async function makeFirstKey(files: KeyFiles) {
  const use = parseUse(await files.create(USE, encodeUse(new Map())), USE);
  return { ring: ringOf(await openKeyFile(files, FIRST_KEY)), use };
}

class FollowedKeys implements RotatingTokenKeys {
  readonly #options: TokenKeyRingOptions;
  readonly #others: readonly TokenKey[];
  #ring: TokenKeyRing;
  #use: Map<string, UnixSeconds>;
  #current: CurrentKeys | undefined;
  /** When `#current` may be another. */
  #currentUntil = 0;
  #writing: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: TokenKeyRingOptions, ring: TokenKeyRing, use: KeyUse) {
    this.#options = options;
    this.#others = options.others.map(createTokenKey);
    this.#ring = ring;
    this.#use = new Map(use);
  }

  signing(): SigningTokenKey {
    return this.#now().signing;
  }

  verification(): readonly TokenKey[] {
    return this.#now().verification;
  }

  async willSign(keyId: string, expiresAt: UnixSeconds): Promise<void> {
    // somebody else's record, where it is still being written, is this one's as well
    if ((this.#use.get(keyId) ?? 0) >= expiresAt) return this.#writing;
    this.#use.set(keyId, (expiresAt + AHEAD_SECONDS) as UnixSeconds); // a sum of whole numbers
    this.#currentUntil = 0;
    await this.#record();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  follow(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.schedule(LOOK_EVERY_MS, () => {
      void this.#look().finally(() => {
        this.follow();
      });
    });
  }

  async #look(): Promise<void> {
    try {
      await this.#writing;
      const known = await readTokenKeys(this.#options.files);
      if (known === undefined) return;
      if (encodeRing(known.ring) !== encodeRing(this.#ring)) {
        this.#ring = known.ring;
        this.#options.logger.info('Token keys changed', { keys: known.ring.keys.map(({ key }) => key.id) });
      }
      const onRecord = known.use ?? new Map<string, UnixSeconds>();
      const missing = [...this.#use].some(([id, end]) => (onRecord.get(id) ?? 0) < end);
      this.#merge(onRecord);
      // another server wrote what it knew over what this one had written
      if (missing) await this.#record();
    } catch (error) {
      this.#options.logger.error('Token keys could not be read', { error: messageOf(error) });
    }
  }

  #merge(use: KeyUse): void {
    for (const [id, end] of use) if ((this.#use.get(id) ?? 0) < end) this.#use.set(id, end);
    this.#currentUntil = 0;
  }

  /** Writes down what is known of use, one write after another. What fails is found missing at the next look. */
  #record(): Promise<void> {
    const written = this.#writing.then(() => this.#recordUse());
    this.#writing = written.catch(ignore);
    return written;
  }

  async #recordUse(): Promise<void> {
    const { files } = this.#options;
    const text = await files.read(USE);
    if (text !== undefined) this.#merge(parseUse(text, USE));
    const ids = new Set(this.#ring.keys.map(({ key }) => key.id));
    this.#use = new Map([...this.#use].filter(([id]) => ids.has(id)));
    await files.write(USE, encodeUse(this.#use));
  }

  #now(): CurrentKeys {
    const now = secondsOf(this.#options.clock);
    if (this.#current !== undefined && now < this.#currentUntil) return this.#current;
    const next = this.#at(now);
    this.#currentUntil = now + 1;
    if (this.#current === undefined || !isSame(this.#current, next)) this.#current = next;
    return this.#current;
  }

  #at(now: UnixSeconds): CurrentKeys {
    const all = standings(this.#ring, this.#use, now);
    const signing = all.find(([, { kind }]) => kind === 'signs')?.[0];
    if (signing === undefined) throw new RangeError('Not a ring of token keys: its first key signs from the epoch on');
    const published = all.filter(([, { kind }]) => kind !== 'over').map(([{ key }]) => key);
    const verification = distinctKeys([signing.key, ...published, ...this.#others]);
    return { signing: { id: signing.key.id, privateKey: signing.privateKey }, verification };
  }
}

/** What is good for what at one moment. */
interface CurrentKeys {
  readonly signing: SigningTokenKey;
  readonly verification: readonly TokenKey[];
}

function isSame(one: CurrentKeys, other: CurrentKeys): boolean {
  const { verification: keys } = other;
  return (
    one.signing.id === other.signing.id &&
    one.verification.length === keys.length &&
    one.verification.every((key, i) => key === keys[i])
  );
}

function ignore(): void {
  // whoever asked for that write was told
}
