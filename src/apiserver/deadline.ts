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

/**
 * The result of `work`, or 504 when it takes longer than `ms`. The work goes on: what it has begun to store may be
 * stored, as after any lost answer.
 */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.schedule(ms, () => {
      reject(timedOut());
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
