import type { Entry, Page, Revision, Store, StoreEvent } from '../../src/storage/store.js';

/**
 * A store as if its history began at `base`: that revision is zero, and the next one is one. An etcd counts on where a
 * test before has left it, and begins at one; the behavioural suite counts from zero.
 */
export function shiftedStore(store: Store, base: Revision): Store {
  const down = (revision: Revision): Revision => revision - base;
  // what is no revision stays none, and is refused
  const up = (revision: Revision): Revision =>
    Number.isSafeInteger(revision) && revision >= 0 ? revision + base : revision;
  const shifted = (entry: Entry): Entry => ({ ...entry, revision: down(entry.revision) });
  const eventOf = (event: StoreEvent): StoreEvent => {
    const revision = down(event.revision);
    if (event.kind === 'delete') return { ...event, revision, previous: shifted(event.previous) };
    const { previous, ...put } = event;
    return { ...put, revision, ...(previous === undefined ? {} : { previous: shifted(previous) }) };
  };
  return {
    currentRevision: async () => down(await store.currentRevision()),
    get: async (key) => {
      const entry = await store.get(key);
      return entry === undefined ? undefined : shifted(entry);
    },
    list: async (prefix, options = {}): Promise<Page> => {
      const { revision } = options;
      const page = await store.list(prefix, {
        ...options,
        ...(revision === undefined ? {} : { revision: up(revision) }),
      });
      return { ...page, entries: page.entries.map(shifted), revision: down(page.revision) };
    },
    create: async (key, value) => down(await store.create(key, value)),
    update: async (key, value, expected) => down(await store.update(key, value, up(expected))),
    delete: async (key, expected) => down(await store.delete(key, up(expected))),
    watch: async (prefix, after, watcher) => {
      const watch = await store.watch(prefix, up(after), {
        onEvents: (events, through) => watcher.onEvents(events.map(eventOf), down(through)),
        onEnd: (error) => watcher.onEnd(error),
      });
      return { through: () => down(watch.through()), stop: () => watch.stop() };
    },
    compact: (revision) => store.compact(up(revision)),
    close: () => store.close(),
  };
}
