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
export async function keepCredentials(options: RenewalOptions): Promise<() => void> {
  const keeper = new CredentialKeeper(options);
  for (const renewal of options.renewals) await keeper.begin(renewal);
  return () => keeper.end();
}

/** What renewals run in. */
export interface RenewalOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly renewals: readonly Renewal[];
}

class CredentialKeeper {
  readonly #options: RenewalOptions;
  readonly #cancels = new Map<Renewal, () => void>();
  #ended = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  async begin(renewal: Renewal): Promise<void> {
    this.#plan(renewal, await renewal.renew());
  }

  end(): void {
    this.#ended = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  /** Looks again at `due`, but within the hour; not at once, so that what fails does not spin. */
  #plan(renewal: Renewal, due: UnixSeconds): void {
    if (this.#ended) return;
    const left = (due - secondsOf(this.#options.clock)) * 1000;
    const delayMs = Math.max(RETRY_MS, Math.min(left, LOOK_EVERY_MS));
    this.#cancels.set(
      renewal,
      this.#options.clock.schedule(delayMs, () => void this.#look(renewal, due)),
    );
  }

  async #look(renewal: Renewal, due: UnixSeconds): Promise<void> {
    const { clock, logger } = this.#options;
    if (secondsOf(clock) < due) {
      this.#plan(renewal, due);
      return;
    }
    try {
      const next = await renewal.renew();
      logger.info('Credential renewed', { credential: renewal.name });
      this.#plan(renewal, next);
    } catch (error) {
      logger.error('Credential not renewed', { credential: renewal.name, error: messageOf(error) });
      this.#plan(renewal, due);
    }
  }
}
