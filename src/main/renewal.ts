import type { Clock, UnixSeconds } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';

/** Something that must be made anew now and then. */
export interface Renewal {
  readonly name: string;
  /** Makes it, or finds that it still lives; the answer is when to ask again. */
  readonly renew: () => Promise<UnixSeconds>;
}

/** Longest time between two looks, so that a clock that jumped is noticed. */
const LOOK_EVERY_MS = 3_600_000;
const RETRY_MS = 60_000;

/**
 * Does each renewal once, rejecting when one fails, and again when it is due, until the answer is called. A later
 * failure is logged and tried again.
 */
export async function keepCredentials(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly renewals: readonly Renewal[];
}): Promise<() => void> {
  const { clock, logger } = options;
  const cancels = new Map<Renewal, () => void>();
  let ended = false;
  const schedule = (renewal: Renewal, due: UnixSeconds, delayMs: number): void => {
    cancels.set(
      renewal,
      clock.schedule(delayMs, () => void look(renewal, due)),
    );
  };
  const look = async (renewal: Renewal, due: UnixSeconds): Promise<void> => {
    if (ended) return;
    const left = (due - secondsOf(clock)) * 1000;
    if (left > 0) {
      schedule(renewal, due, Math.min(left, LOOK_EVERY_MS));
      return;
    }
    try {
      const next = await renewal.renew();
      logger.info('Credential renewed', { credential: renewal.name });
      if (!ended) schedule(renewal, next, LOOK_EVERY_MS);
    } catch (error) {
      logger.error('Credential not renewed', { credential: renewal.name, error: messageOf(error) });
      if (!ended) schedule(renewal, due, RETRY_MS);
    }
  };
  for (const renewal of options.renewals) await look0(renewal);
  async function look0(renewal: Renewal): Promise<void> {
    const due = await renewal.renew();
    await look(renewal, due);
  }
  return () => {
    ended = true;
    for (const cancel of cancels.values()) cancel();
  };
}
