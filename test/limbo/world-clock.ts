import type { Clock } from '../../src/base/clock.js';

interface Timer {
  readonly at: number;
  readonly owner: object;
  readonly fire: () => void;
}

/** The clock of one process, which may be fast or slow, and stops with it. */
export interface ProcessClock extends Clock {
  /** Forgets its timers and takes no more. */
  stop(): void;
}

/** One time for several processes. It stands still until it is told to go on to the next timer. */
export class WorldClock {
  #now: number;
  /** In the order in which they were set. */
  #timers: readonly Timer[] = [];

  constructor(nowMs: number) {
    this.#now = nowMs;
  }

  get now(): number {
    return this.#now;
  }

  /** When the next timer is due; undefined where there is none. */
  get nextAt(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at));
  }

  /** A clock that is ahead by `skewMs`; `heard` is told before each of its timers fires. */
  processClock(skewMs: number, heard: () => void): ProcessClock {
    const owner = {};
    let stopped = false;
    return {
      now: () => this.#now + skewMs,
      schedule: (delayMs, callback) => {
        if (stopped) return () => undefined;
        const fire = (): void => {
          heard();
          callback();
        };
        const timer = { at: this.#now + Math.max(0, delayMs), owner, fire };
        this.#timers = [...this.#timers, timer];
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
      stop: () => {
        stopped = true;
        this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
      },
    };
  }

  /** Lets time pass up to `at`, without a look at the timers in between. */
  passTo(at: number): void {
    this.#now = Math.max(this.#now, at);
  }

  /** Goes on to the next timer and fires it. */
  fireNext(): void {
    const at = this.nextAt;
    const next = this.#timers.find((timer) => timer.at === at);
    if (next === undefined) return;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#now = Math.max(this.#now, next.at);
    next.fire();
  }
}
