import type { Clock } from '../base/clock.js';

/** The longest delay that a platform timer takes: beyond it, it would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The machine's clock, moved by `offsetMs` for rehearsals (`--clock +89d`). Its timers keep no process alive.
 */
export function createSystemClock(offsetMs = 0): Clock {
  return {
    now: () => Date.now() + offsetMs,
    schedule: (delayMs, callback) => {
      const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
