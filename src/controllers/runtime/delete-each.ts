import { messageOf } from '../../base/error.js';
import { hasHttpCode } from '../../client/api-failure.js';
import type { Applied } from './controller.js';

/**
 * Deletes one after the other what a scan found. One that cannot be deleted does not keep the others: it is counted, and
 * the scan is repeated. What is gone or has changed meanwhile (404, 409) is left to the next scan.
 */
export async function deleteEach<T>(
  expired: readonly T[],
  deleteOne: (one: T) => Promise<void>,
  signal: AbortSignal,
): Promise<Applied> {
  let failed = 0;
  let last = '';
  for (const one of expired) {
    try {
      await deleteOne(one);
    } catch (error) {
      if (signal.aborted) throw error;
      if (hasHttpCode(error, 404, 409)) continue;
      failed++;
      last = messageOf(error);
    }
  }
  return failed === 0 ? { kind: 'done' } : { kind: 'retry', because: `${failed} could not be deleted: ${last}` };
}
