import { type Clock, delay } from '../base/clock.js';
import { CountersignError, hasCode, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import type { HealthCheck } from '../apiserver/health/health-check.js';
import { createExpirySweep } from '../registry/expiry-sweep.js';
import type { Resource } from '../registry/resource.js';
import { startCompactor } from '../storage/compactor.js';
import type { Store } from '../storage/store.js';
import type { Duty } from './duties.js';

export interface HousekeepingOptions {
  readonly store: Store;
  readonly resources: readonly Resource[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const SWEEP_EVERY_MS = 60_000;

/** Forgets old history, until the answer is called. */
export function startCompaction({ store, clock, logger }: Omit<HousekeepingOptions, 'resources'>): () => void {
  const compactor = startCompactor(store, clock, {
    onError: (error) => logger.error('Compaction of the store failed', { error: messageOf(error) }),
  });
  return () => compactor.close();
}

/** The duty of removing objects that have had their time. */
export function sweeping({ store, resources, clock, logger }: HousekeepingOptions): Duty {
  // Two views of the same objects are swept once.
  const expiring = resources.filter((resource) => resource.ttlSeconds !== undefined && resource.view === undefined);
  const sweeps = expiring.map((resource) => createExpirySweep(resource, { store, clock }));
  const run = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      await delay(clock, SWEEP_EVERY_MS, signal);
      if (signal.aborted) return;
      try {
        for (const sweep of sweeps) await sweep(signal);
      } catch (error) {
        logger.error('Removal of expired objects failed', { error: messageOf(error) });
      }
    }
  };
  return (signal) => ({ ready: Promise.resolve(), ended: run(signal) });
}

/** A key under which nothing is ever stored. */
const PROBE_KEY = '/countersign/health-probe';

/** As long as kube-apiserver waits for etcd when it is asked whether it is ready. */
const PROBE_MS = 2000;

/**
 * Whether the store takes writes: it is asked to delete what is not there. A store whose disk failed refuses that in
 * another way than one that works, and one that cannot be reached does not answer in time.
 */
export function storageCheck(store: Store, clock: Clock, name = 'storage'): HealthCheck {
  return {
    name,
    when: 'ready',
    check: async () => {
      const answered = new AbortController();
      const late = delay(clock, PROBE_MS, answered.signal).then(() => {
        if (!answered.signal.aborted) throw new CountersignError('STORE_UNAVAILABLE', LATE);
      });
      try {
        await Promise.race([probe(store), late]);
      } finally {
        answered.abort();
      }
    },
  };
}

const LATE = `Cannot reach store: it has not answered within ${PROBE_MS} ms`;

async function probe(store: Store): Promise<void> {
  try {
    await store.delete(PROBE_KEY, 1);
  } catch (error) {
    if (!hasCode(error, 'STORE_NOT_FOUND')) throw error;
  }
}
