/** Something that writes to a client, and can be cut off. */
export interface Sender {
  destroy(): void;
}

/** What is on its way to clients, and since when: who does not take its answer in time is cut off. */
export class Sending {
  readonly #limitMs: number;
  readonly #now: () => number;
  /** In the order in which they began. */
  readonly #since = new Map<Sender, number>();

  constructor(limitMs: number, now: () => number) {
    this.#limitMs = limitMs;
    this.#now = now;
  }

  /** An answer is complete, and on its way. */
  begin(sender: Sender): void {
    this.#since.set(sender, this.#now());
  }

  /** It has gone, or never will. */
  end(sender: Sender): void {
    this.#since.delete(sender);
  }

  /** Cuts off what takes too long; to be called from time to time. */
  sweep(): void {
    const before = this.#now() - this.#limitMs;
    for (const [sender, since] of this.#since) {
      if (since > before) return;
      this.#since.delete(sender);
      sender.destroy();
    }
  }
}
