import { type Clock, delay } from '../../base/clock.js';

/** Refusals of one address that are answered at once, and how many more each second. */
const BURST = 100;
const PER_SECOND = 50;
/** How long each one beyond waits for its answer. */
const PAUSE_MS = 1000;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 1024;

interface Allowance {
  left: number;
  atMs: number;
}

/**
 * Slows down who tries credentials: to refuse one costs as much as to serve a small request, and comes before any queue.
 * Only refusals wait; good credentials from the same address do not.
 */
export class RefusalPace {
  readonly #clock: Clock;
  /** The least recently refused first. */
  readonly #byAddress = new Map<string, Allowance>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the refusal may be answered. */
  async wait(address: string, signal: () => AbortSignal): Promise<void> {
    if (!this.#take(address)) await delay(this.#clock, PAUSE_MS, signal());
  }

  #take(address: string): boolean {
    const nowMs = this.#clock.now();
    const { left, atMs } = this.#byAddress.get(address) ?? { left: BURST, atMs: nowMs };
    const refilled = Math.min(BURST, left + (Math.max(0, nowMs - atMs) * PER_SECOND) / 1000);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, { left: Math.max(0, refilled - 1), atMs: nowMs });
    const oldest = this.#byAddress.size > MAX_ADDRESSES ? this.#byAddress.keys().next().value : undefined;
    if (oldest !== undefined) this.#byAddress.delete(oldest);
    return refilled >= 1;
  }
}
