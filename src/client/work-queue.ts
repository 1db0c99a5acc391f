import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { backoffMs } from './backoff.js';
import { createFairKeys, type FairKeys } from './fair-keys.js';

/** What a queue is made with. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Works on a key. Never called for a key that is still being worked on. What it throws is given to `onError`. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  readonly onError: (key: string, error: unknown) => void;
  /** Keys in progress at once. */
  readonly concurrency: number;
  /** Groups of keys that take turns, so that a flood in one does not hold up the others. Default: one group. */
  readonly groupOf?: (key: string) => string;
  /** Told after each change how many keys wait for a worker. */
  readonly onDepth?: (depth: number) => void;
  /** First and longest wait of `retry`. Default 200 ms and 1000 s, as kube-controller-manager's. */
  readonly baseMs?: number;
  readonly maxMs?: number;
}

/**
 * Keys to be worked on. A key is in the queue once, however often it is added; one that is added while it is being
 * worked on is worked on once more afterwards. First come, first served, within a group where there are groups.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key after a while. A sooner time replaces a later one that is already set. */
  addAfter(key: string, delayMs: number): void;
  /** Adds the key after a wait that doubles with every call until `forget`. The answer is the wait. */
  retry(key: string): number;
  /** The key went well: its next `retry` waits shortly again. */
  forget(key: string): void;
  /** Begins working. Keys that were added before wait until then. */
  start(): void;
  /**
   * Begins no more work, and resolves when work in progress has ended. Its signal aborts after `graceMs`. What is
   * still queued is dropped: a level-driven controller finds it again.
   */
  drain(graceMs: number): Promise<void>;
}

/** An empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

interface Timer {
  readonly at: number;
  readonly cancel: () => void;
}

class KeyedQueue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #shape: { readonly baseMs: number; readonly maxMs: number };
  readonly #ready: FairKeys;
  /** Keys in progress, and how to stop them: a signal each, for one signal would collect the listeners of all. */
  readonly #working = new Map<string, AbortController>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();
  #state: 'created' | 'running' | 'draining' = 'created';
  #onIdle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#ready = createFairKeys(options.groupOf);
    this.#shape = { baseMs: options.baseMs ?? 200, maxMs: options.maxMs ?? 1_000_000 };
  }

  add(key: string): void {
    if (this.#state === 'draining') return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.add(key);
    this.#options.onDepth?.(this.#ready.size);
    this.#startWork();
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#state === 'draining') return;
    const at = this.#options.clock.now() + delayMs;
    const timer = this.#timers.get(key);
    if (timer !== undefined) {
      if (timer.at <= at) return;
      timer.cancel();
    }
    const cancel = this.#options.clock.schedule(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  retry(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = backoffMs(this.#shape, failures, this.#options.random);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  start(): void {
    if (this.#state !== 'created') return;
    this.#state = 'running';
    this.#startWork();
  }

  drain(graceMs: number): Promise<void> {
    this.#state = 'draining';
    this.#ready.clear();
    this.#again.clear();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    if (this.#working.size === 0) return Promise.resolve();
    const cancel = this.#options.clock.schedule(graceMs, () => {
      for (const work of this.#working.values()) work.abort();
    });
    return new Promise((resolve) => {
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  #startWork(): void {
    while (this.#state === 'running' && this.#working.size < this.#options.concurrency) {
      const next = this.#ready.take();
      if (next === undefined) return;
      this.#options.onDepth?.(this.#ready.size);
      const abort = new AbortController();
      this.#working.set(next, abort);
      void this.#workOn(next, abort.signal);
    }
  }

  async #workOn(key: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.work(key, signal);
    } catch (error) {
      this.#options.onError(key, error);
    }
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
    this.#startWork();
    if (this.#working.size === 0) this.#onIdle?.();
  }
}
