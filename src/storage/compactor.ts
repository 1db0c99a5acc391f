import type { Clock } from '../base/clock.js';
import { hasCode } from '../base/error.js';
import type { Revision, Store } from './store.js';

/** How much history stays. */
export interface CompactorOptions {
  /** A revision younger than this stays readable; five minutes when absent, as with kube-apiserver. */
  readonly keepMs?: number;
  /** At most so many revisions stay, however young: a storm of writes must not fill the disk; 50,000 when absent. */
  readonly keepRevisions?: number;
  /** Time between two looks; 30 seconds when absent. */
  readonly intervalMs?: number;
  /** Told when a compaction fails; the next one is tried all the same. */
  readonly onError?: (error: unknown) => void;
}

/** A running compactor. */
export interface Compactor {
  /** Starts no further compaction. Idempotent. */
  close(): void;
}

/** Compacts a store from time to time, until it is closed or the store is. */
export function startCompactor(store: Store, clock: Clock, options: CompactorOptions = {}): Compactor {
  const { keepMs = 300_000, keepRevisions = 50_000, intervalMs = 30_000, onError = () => undefined } = options;
  /** The revision of the store at earlier looks, oldest first. */
  const looks: { readonly at: number; readonly revision: Revision }[] = [];
  let closed = false;
  let cancel = (): void => undefined;

  const look = async (): Promise<void> => {
    const now = clock.now();
    const current = await store.currentRevision();
    looks.push({ at: now, revision: current });
    let old = 0;
    for (let first = looks[0]; first !== undefined && first.at <= now - keepMs; first = looks[0]) {
      old = first.revision;
      looks.shift();
    }
    const floor = Math.max(old, current - keepRevisions);
    if (floor > 0) await store.compact(floor);
  };
  const schedule = (): void => {
    if (closed) return;
    cancel = clock.schedule(intervalMs, () => {
      void look()
        .catch((error: unknown) => {
          if (hasCode(error, 'STORE_CLOSED')) closed = true;
          else onError(error);
        })
        .finally(schedule);
    });
  };
  schedule();
  return {
    close: () => {
      closed = true;
      cancel();
    },
  };
}
