import { type Clock, delay } from '../base/clock.js';
import { failure, StatusError } from '../kube/status.js';
import type { Revision, Store } from '../storage/store.js';

/** How long a read waits for a version that the store has not reached. */
const PATIENCE_MS = 3000;
const STEP_MS = 100;

/** Waits until the store has reached a revision; refuses with 504 when it does not within three seconds. */
export async function reachedRevision(store: Store, clock: Clock, revision: Revision): Promise<void> {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    const current = await store.currentRevision();
    if (current >= revision) return;
    if (clock.now() >= deadline) throw tooLarge(revision, current);
    await delay(clock, STEP_MS);
  }
}

function tooLarge(revision: Revision, current: Revision): StatusError {
  const message = `Timeout: Too large resource version: ${revision}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError(failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }));
}
