import { CountersignError } from '../../src/base/error.js';
import type { Store, StoreEvent, Watch, Watcher } from '../../src/storage/store.js';

/** One replica's way to the store that it shares with others. */
export interface StoreLine {
  readonly store: Store;
  /** From now on the store cannot be reached: every call fails, and watches hear nothing. */
  cut(): void;
  /** Holds back what watches are told, until it is called again with false. */
  lag(lagging: boolean): void;
}

/** A line to a shared store, which closing does not close. */
export function storeLine(shared: Store): StoreLine {
  let isCut = false;
  let isLagging = false;
  let held: (() => void)[] = [];
  const reach = <T>(call: () => Promise<T>): Promise<T> =>
    isCut ? Promise.reject(new CountersignError('STORE_UNAVAILABLE', 'Cannot reach store: the line is cut')) : call();
  const told = (watcher: Watcher): Watcher => ({
    onEvents: (events: readonly StoreEvent[], through) => {
      const tell = (): void => watcher.onEvents(events, through);
      if (isCut) return;
      if (isLagging) held.push(tell);
      else tell();
    },
    onEnd: (error) => {
      if (!isCut) watcher.onEnd(error);
    },
  });
  const watches = new Set<Watch>();
  const store: Store = {
    currentRevision: () => reach(() => shared.currentRevision()),
    get: (key) => reach(() => shared.get(key)),
    list: (prefix, options) => reach(() => shared.list(prefix, options)),
    create: (key, value) => reach(() => shared.create(key, value)),
    update: (key, value, expected) => reach(() => shared.update(key, value, expected)),
    delete: (key, expected) => reach(() => shared.delete(key, expected)),
    watch: (prefix, after, watcher) =>
      reach(async () => {
        const watch = await shared.watch(prefix, after, told(watcher));
        watches.add(watch);
        return watch;
      }),
    compact: (revision) => reach(() => shared.compact(revision)),
    close: async () => {
      for (const watch of watches) watch.stop();
    },
  };
  return {
    store,
    cut: () => {
      isCut = true;
    },
    lag: (lagging) => {
      isLagging = lagging;
      if (lagging) return;
      for (const tell of held) tell();
      held = [];
    },
  };
}
