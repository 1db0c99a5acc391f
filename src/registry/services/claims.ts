import { parseUtf8, utf8 } from '../../base/bytes.js';
import { type Clock, secondsOf, type UnixSeconds } from '../../base/clock.js';
import { CountersignError, hasCode } from '../../base/error.js';
import type { Entry, Store } from '../../storage/store.js';

/** Which object holds something. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What the claims of one pool are kept with. */
export interface ClaimsOptions {
  readonly store: Store;
  /** Start of the claims' keys; then comes what is claimed. */
  readonly keyPrefix: string;
  readonly clock: Clock;
  /** Whether the stored owner says of itself that it has this. */
  readonly holds: (owner: Owner, value: string) => Promise<boolean>;
}

/**
 * How long a claim counts without an owner who says so: the owner is written after the claim is made. No write takes
 * that long.
 */
export const CLAIM_GRACE_SECONDS = 300;

interface Claim extends Owner {
  readonly since: UnixSeconds;
}

/**
 * Who holds which value of a pool: one key in the store for each, made before the owner is written and taken away after
 * it is gone. Two owners cannot make the same key, in whichever process. What a crash leaves behind is a key whose owner
 * does not say that it has the value: after `CLAIM_GRACE_SECONDS` whoever wants it takes it over.
 */
export class Claims {
  readonly #options: ClaimsOptions;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** Makes a claim; false where another stands, even one of the same owner. */
  async take(value: string, owner: Owner): Promise<boolean> {
    const { store, clock } = this.#options;
    const claim: Claim = { ...owner, since: secondsOf(clock) };
    const bytes = utf8(JSON.stringify(claim));
    try {
      await store.create(this.#key(value), bytes);
      return true;
    } catch (error) {
      if (!hasCode(error, 'STORE_EXISTS')) throw error;
    }
    const standing = await store.get(this.#key(value));
    if (standing === undefined || !(await this.#isStale(standing, value))) return false;
    try {
      await store.update(standing.key, bytes, standing.revision);
      return true;
    } catch (error) {
      if (hasCode(error, 'STORE_CONFLICT') || hasCode(error, 'STORE_NOT_FOUND')) return false;
      throw error;
    }
  }

  /** Whether a claim could be made now. */
  async isFree(value: string): Promise<boolean> {
    const standing = await this.#options.store.get(this.#key(value));
    return standing === undefined || this.#isStale(standing, value);
  }

  /** Takes an owner's claim away; one of somebody else stays. */
  async release(value: string, { uid }: Owner): Promise<void> {
    const { store } = this.#options;
    const standing = await store.get(this.#key(value));
    if (standing === undefined || parseClaim(standing).uid !== uid) return;
    try {
      await store.delete(standing.key, standing.revision);
    } catch (error) {
      // somebody else has it by now, or took it away
      if (!hasCode(error, 'STORE_CONFLICT') && !hasCode(error, 'STORE_NOT_FOUND')) throw error;
    }
  }

  /** Every value for which a claim stands. */
  async claimed(): Promise<ReadonlySet<string>> {
    const { store, keyPrefix } = this.#options;
    const { entries } = await store.list(keyPrefix);
    return new Set(entries.map(({ key }) => key.slice(keyPrefix.length)));
  }

  /** Takes away every claim whose owner does not say any more that it has the value. */
  async sweep(): Promise<void> {
    const { store, keyPrefix } = this.#options;
    const { entries } = await store.list(keyPrefix);
    for (const entry of entries) {
      const value = entry.key.slice(keyPrefix.length);
      if (await this.#isStale(entry, value)) await this.release(value, parseClaim(entry));
    }
  }

  #key(value: string): string {
    return this.#options.keyPrefix + value;
  }

  async #isStale(entry: Entry, value: string): Promise<boolean> {
    const claim = parseClaim(entry);
    if (secondsOf(this.#options.clock) - claim.since < CLAIM_GRACE_SECONDS) return false;
    return !(await this.#options.holds(claim, value));
  }
}

/** Reads what `take` wrote. */
function parseClaim({ key, value }: Entry): Claim {
  try {
    // `take` alone writes under these keys
    return JSON.parse(parseUtf8(value) ?? '') as Claim;
  } catch (cause) {
    throw new CountersignError('STORE_CORRUPT', `Cannot read claim ${key}: it is no JSON`, { cause });
  }
}
