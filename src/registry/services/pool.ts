import type { Random } from '../../base/bytes.js';
import { failure, StatusError } from '../../kube/status.js';
import type { Claims, Owner } from './claims.js';
import { randomOrder, type ValueRange } from './value-range.js';

/** Values that are handed out, and who has them. */
export interface Pool {
  readonly range: ValueRange;
  readonly claims: Claims;
  /** What a value is called when there is none left. */
  readonly what: 'serviceIP' | 'nodePort';
}

/** Values that are tried blindly before it is looked up which are left. */
const BLIND_TRIES = 8;

/** What one write takes. On a dry run nothing is taken, and it is only looked whether it could be. */
export class Taking {
  readonly #owner: Owner;
  readonly #dryRun: boolean;
  readonly #random: Random;
  readonly #taken: { readonly claims: Claims; readonly value: string }[] = [];

  constructor(owner: Owner, dryRun: boolean, random: Random) {
    this.#owner = owner;
    this.#dryRun = dryRun;
    this.#random = random;
  }

  /** Takes this value; false where somebody else has it. */
  async take({ claims }: Pool, value: string): Promise<boolean> {
    if (this.#dryRun) return claims.isFree(value);
    if (!(await claims.take(value, this.#owner))) return false;
    this.#taken.push({ claims, value });
    return true;
  }

  /** Takes any value. Throws 500 when there is none left. */
  async takeAny(pool: Pool): Promise<string> {
    let tries = 0;
    for (const index of randomOrder(pool.range, this.#random)) {
      if (++tries > BLIND_TRIES) break;
      const value = pool.range.at(index);
      if (await this.take(pool, value)) return value;
    }
    const found = (await this.#takeLeft(pool)) ?? (await this.#takeSwept(pool));
    if (found !== undefined) return found;
    const why = `Internal error occurred: failed to allocate a ${pool.what}: range is full`;
    throw new StatusError(failure(500, 'InternalError', why));
  }

  /** Gives back all that was taken. */
  async giveBack(): Promise<void> {
    for (const { claims, value } of this.#taken.splice(0)) await claims.release(value, this.#owner);
  }

  /** Takes one of those for which no claim stands. */
  async #takeLeft(pool: Pool): Promise<string | undefined> {
    const claimed = await pool.claims.claimed();
    for (const index of randomOrder(pool.range, this.#random)) {
      const value = pool.range.at(index);
      if (!claimed.has(value) && (await this.take(pool, value))) return value;
    }
    return undefined;
  }

  /** The same, after the claims that nobody holds any more are gone. */
  async #takeSwept(pool: Pool): Promise<string | undefined> {
    if (!this.#dryRun) await pool.claims.sweep();
    return this.#takeLeft(pool);
  }
}
