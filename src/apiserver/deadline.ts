import type { Clock } from '../base/clock.js';
import { badRequest, failure, StatusError } from '../kube/status.js';
import { parseGoDuration } from './bodies/go-duration.js';
import type { Query } from './routing/query.js';

/** How long a request may take: `timeout=` lowers the server's own limit. 400 for what is no duration. */
export function deadlineMs(query: Query, serverMs: number): number {
  const text = query.raw === '' ? '' : query.get('timeout');
  if (text === '') return serverMs;
  const asked = parseGoDuration(text);
  if (asked === undefined) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`);
  }
  return asked <= 0 ? serverMs : Math.min(asked, serverMs);
}

/** When a request's time is up. */
export class Deadline {
  #expired = false;
  #onExpiry: (() => void) | undefined;

  /** Throws 504 once it has passed: the client has been told so, and nobody waits for the work. */
  assertTime(): void {
    if (this.#expired) throw timedOut();
  }

  /** Calls `callback`, in place of the one before, when it passes. */
  onExpiry(callback: () => void): void {
    this.#onExpiry = callback;
  }

  /** It passes now. */
  expire(): void {
    this.#expired = true;
    this.#onExpiry?.();
  }
}

/**
 * The result of `work`, or 504 when it takes longer than `ms`. Work that has not begun by then never does; what has
 * begun goes on, and what it has begun to store may be stored, as after any lost answer.
 */
export function withDeadline<T>(clock: Clock, ms: number, deadline: Deadline, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.schedule(ms, () => {
      reject(timedOut());
      deadline.expire();
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      },
    );
  });
}

function timedOut(): StatusError {
  const message = 'Timeout: request did not complete within the allotted timeout';
  return new StatusError(failure(504, 'Timeout', message, {}));
}
