import { type Clock, secondsOf, type UnixSeconds } from '../base/clock.js';
import { hasCode } from '../base/error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { parseTime } from '../kube/time.js';
import type { Entry, Store } from '../storage/store.js';
import type { Resource } from './resource.js';
import { StoredObjects } from './stored-objects.js';

/** What a sweep needs. */
export interface ExpirySweepDependencies {
  readonly store: Store;
  readonly clock: Clock;
}

const PAGE = 500;

/**
 * Makes the sweep of a resource whose objects live for a time: each call removes those whose last write is longer ago
 * than `ttlSeconds`, as their own times tell it, and answers how many. Watchers see them DELETED. Whoever calls it
 * decides how often. A resource without `ttlSeconds` keeps everything.
 */
export function createExpirySweep<T extends KubeObject>(
  resource: Resource<T>,
  { store, clock }: ExpirySweepDependencies,
): (signal?: AbortSignal) => Promise<number> {
  const { ttlSeconds } = resource;
  if (ttlSeconds === undefined) return () => Promise.resolve(0);
  const objects = new StoredObjects(resource, 0);
  const isOver = (entry: Entry, now: UnixSeconds): boolean => {
    const written = lastWrite(resource, objects.of(entry).object, now);
    return written !== undefined && written + ttlSeconds < now;
  };
  return async (signal) => {
    const now = secondsOf(clock);
    let removed = 0;
    let after: string | undefined;
    for (;;) {
      const page = await store.list(resource.keyPrefix, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      for (const entry of page.entries) {
        if (signal?.aborted === true) return removed;
        if (isOver(entry, now) && (await remove(store, entry))) removed++;
      }
      after = page.entries.at(-1)?.key;
      if (!page.more || after === undefined) return removed;
    }
  };
}

/** The newest time that an object tells of itself. Times in the future are no writes: clients may set some freely. */
function lastWrite<T extends KubeObject>(resource: Resource<T>, object: T, now: UnixSeconds): UnixSeconds | undefined {
  let last: UnixSeconds | undefined;
  for (const text of [object.metadata.creationTimestamp, ...(resource.writtenAt?.(object) ?? [])]) {
    const time = parseTime(text ?? '');
    if (time !== undefined && time <= now && (last === undefined || time > last)) last = time;
  }
  return last;
}

/** False when it was written or removed meanwhile: then it is not old, or not there. */
async function remove(store: Store, { key, revision }: Entry): Promise<boolean> {
  try {
    await store.delete(key, revision);
    return true;
  } catch (error) {
    if (hasCode(error, 'STORE_CONFLICT') || hasCode(error, 'STORE_NOT_FOUND')) return false;
    throw error;
  }
}
