import { CountersignError } from '../../base/error.js';
import type { Entry, Revision, Store } from '../store.js';

/** Writes at a time. */
const WRITERS = 64;

/** Writes that are made to raise a revision, at most: some minutes. */
export const MAX_RAISE = 1_000_000;

const RAISE_PREFIX = '/countersign/restore/';

/** A store that gives revisions itself, so that restored entries get new ones. */
export interface RestoreTarget {
  readonly store: Store;
  /** What is written gets revisions above this one. */
  readonly above: Revision;
  readonly entries: AsyncIterable<Entry>;
}

/**
 * Writes entries into an empty store, which counts revisions by itself: they get new ones, all above `above`, for which
 * the store is written to until it has come there. Then what was before is forgotten. Refuses, before it writes, a store
 * that is not empty, or too far below `above` (CONFIG_INVALID). What fails in the middle leaves a part behind.
 */
export async function restoreIntoStore({ store, above, entries }: RestoreTarget): Promise<Revision> {
  const there = await store.list('', { limit: 1 });
  const [first] = there.entries;
  if (first !== undefined) {
    const what = `Cannot restore into the store: it is not empty: ${JSON.stringify(first.key)} is there`;
    throw new CountersignError('CONFIG_INVALID', what);
  }
  if (above - there.revision > MAX_RAISE) {
    const what = `Cannot restore into the store: it is at revision ${there.revision}, and the backup at ${above}: resourceVersions would go back, and it would take too long to raise it. "etcdutl snapshot restore --bump-revision" can, with a snapshot of the empty store`;
    throw new CountersignError('CONFIG_INVALID', what);
  }
  await raise(store, above, there.revision);
  await writeAll(store, entries);
  const revision = await store.currentRevision();
  await store.compact(revision);
  return revision;
}

async function raise(store: Store, above: Revision, from: Revision): Promise<void> {
  let reached = from;
  const nothing = new Uint8Array(0);
  const writer = async (key: string): Promise<void> => {
    let own: Revision | undefined;
    while (reached < above) {
      own = own === undefined ? await store.create(key, nothing) : await store.update(key, nothing, own);
      reached = Math.max(reached, own);
    }
    if (own !== undefined) await store.delete(key, own);
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(`${RAISE_PREFIX}${i}`)));
}

async function writeAll(store: Store, entries: AsyncIterable<Entry>): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const { key, value } of entries) {
    const write: Promise<void> = store.create(key, value).then(() => void running.delete(write));
    running.add(write);
    if (running.size >= WRITERS) await Promise.race(running);
  }
  await Promise.all(running);
}
