import type { Clock } from '../base/clock.js';
import { hasCode, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import type { HealthCheck } from '../apiserver/health/health-check.js';
import { createExpirySweep } from '../registry/expiry-sweep.js';
import type { Resource } from '../registry/resource.js';
import { startCompactor } from '../storage/compactor.js';
import type { Store } from '../storage/store.js';

export interface HousekeepingOptions {
  readonly store: Store;
  readonly resources: readonly Resource[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const SWEEP_EVERY_MS = 60_000;

/** Forgets old history, and removes objects that have had their time, until the answer is called. */
export function startHousekeeping({ store, resources, clock, logger }: HousekeepingOptions): () => void {
  const stopping = new AbortController();
  const failed = (error: unknown): void => {
    if (!stopping.signal.aborted) logger.error('Housekeeping of the store failed', { error: messageOf(error) });
  };
  const compactor = startCompactor(store, clock, { onError: failed });
  // Two views of the same objects are swept once.
  const expiring = resources.filter((resource) => resource.ttlSeconds !== undefined && resource.view === undefined);
  const sweeps = expiring.map((resource) => createExpirySweep(resource, { store, clock }));
  let cancel = (): void => undefined;
  const sweep = async (): Promise<void> => {
    for (const each of sweeps) await each(stopping.signal);
  };
  const schedule = (): void => {
    if (stopping.signal.aborted) return;
    cancel = clock.schedule(SWEEP_EVERY_MS, () => void sweep().catch(failed).finally(schedule));
  };
  schedule();
  return () => {
    stopping.abort();
    cancel();
    compactor.close();
  };
}

/** A key under which nothing is ever stored. */
const PROBE_KEY = '/countersign/health-probe';

/**
 * Whether the store takes writes: it is asked to delete what is not there. A store whose disk failed refuses that in
 * another way than one that works.
 */
export function storageCheck(store: Store): HealthCheck {
  return {
    name: 'storage',
    when: 'ready',
    check: async () => {
      try {
        await store.delete(PROBE_KEY, 1);
      } catch (error) {
        if (!hasCode(error, 'STORE_NOT_FOUND')) throw error;
      }
    },
  };
}
