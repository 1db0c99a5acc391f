/** How many bytes of bodies and answers are in memory on behalf of clients. */
export interface HeldLimits {
  readonly maxPerUser: number;
  readonly max: number;
}

/**
 * Bytes of bodies that have come and of answers that have not gone, by user. A user below its bound may begin a
 * request, and so may one that holds nothing when all together are at theirs: what is held is bounded by the sum, and one answer
 * for each user.
 */
export class HeldBytes {
  readonly #limits: HeldLimits;
  readonly #byUser = new Map<string, number>();
  readonly #onFree: () => void;
  #total = 0;

  /** `onFree` is called when bytes have gone. */
  constructor(limits: HeldLimits, onFree: () => void) {
    this.#limits = limits;
    this.#onFree = onFree;
  }

  get total(): number {
    return this.#total;
  }

  /** Users that hold anything. */
  get users(): number {
    return this.#byUser.size;
  }

  /** Whether a user may begin something that will hold `bytes`. */
  mayHold(user: string, bytes = 0): boolean {
    const held = this.#byUser.get(user);
    if (held === undefined) return true;
    return held + bytes <= this.#limits.maxPerUser && this.#total + bytes <= this.#limits.max;
  }

  /** Counts bytes; the answer gives them back, once. */
  hold(user: string, bytes: number): () => void {
    if (bytes <= 0) return nothing;
    this.#add(user, bytes);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#add(user, -bytes);
      this.#onFree();
    };
  }

  #add(user: string, bytes: number): void {
    const held = (this.#byUser.get(user) ?? 0) + bytes;
    if (held <= 0) this.#byUser.delete(user);
    else this.#byUser.set(user, held);
    this.#total += bytes;
  }
}

function nothing(): void {
  // nothing was held
}
