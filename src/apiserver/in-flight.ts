/** Counts reads and writes at work, each with a limit of its own. */
export class InFlight {
  readonly #maxReads: number;
  readonly #maxWrites: number;
  reads = 0;
  writes = 0;

  constructor(maxReads: number, maxWrites: number) {
    this.#maxReads = maxReads;
    this.#maxWrites = maxWrites;
  }

  /** Takes a place; false when there is none, unless the caller is exempt. */
  enter(write: boolean, exempt: boolean): boolean {
    if (!exempt && (write ? this.writes >= this.#maxWrites : this.reads >= this.#maxReads)) return false;
    if (write) this.writes++;
    else this.reads++;
    return true;
  }

  /** Gives a place back. */
  leave(write: boolean): void {
    if (write) this.writes--;
    else this.reads--;
  }
}
