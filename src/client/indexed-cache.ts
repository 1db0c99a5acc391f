/** What changed in a cache: `current` is absent after a delete, `previous` before the first sight. */
export interface CacheChange<Kept> {
  /** `namespace/name`, or `name` where there is no namespace. */
  readonly key: string;
  readonly current?: Kept;
  readonly previous?: Kept;
}

/** Named ways to find objects: the values under which one is found. */
export type Indexes<Kept> = Readonly<Record<string, (kept: Kept) => readonly string[]>>;

/** Values by key, found also by what indexes say of them, with listeners for every change. */
export interface IndexedCache<Kept> {
  readonly size: number;
  get(key: string): Kept | undefined;
  keys(): IterableIterator<string>;
  values(): IterableIterator<Kept>;
  keysBy(index: string, value: string): readonly string[];
  set(key: string, kept: Kept): void;
  remove(key: string): void;
  /** Makes the cache hold exactly `fresh`: what is missing there is removed, everything else is set. */
  replaceAll(fresh: ReadonlyMap<string, Kept>): void;
  /** Calls `listener` for every change from now on; the answer ends that. */
  onChange(listener: (change: CacheChange<Kept>) => void): () => void;
}

/** An empty cache. */
export function createIndexedCache<Kept>(indexes: Indexes<Kept>): IndexedCache<Kept> {
  const entries = new Map<string, Kept>();
  const filed = new Map<string, Map<string, Set<string>>>();
  const listeners = new Set<(change: CacheChange<Kept>) => void>();
  const indexList = Object.entries(indexes);
  for (const [name] of indexList) filed.set(name, new Map());

  const file = (key: string, kept: Kept): void => {
    for (const [name, valuesOf] of indexList) {
      const byValue = filed.get(name);
      if (byValue === undefined) continue;
      for (const value of valuesOf(kept)) {
        const keys = byValue.get(value);
        if (keys === undefined) byValue.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  };
  const unfile = (key: string, kept: Kept): void => {
    for (const [name, valuesOf] of indexList) {
      const byValue = filed.get(name);
      for (const value of valuesOf(kept)) {
        const keys = byValue?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) byValue?.delete(value);
      }
    }
  };
  const tell = (change: CacheChange<Kept>): void => {
    for (const listener of listeners) listener(change);
  };
  const set = (key: string, kept: Kept): void => {
    const previous = entries.get(key);
    if (previous !== undefined) unfile(key, previous);
    entries.set(key, kept);
    file(key, kept);
    tell(previous === undefined ? { key, current: kept } : { key, current: kept, previous });
  };
  const remove = (key: string): void => {
    const previous = entries.get(key);
    if (previous === undefined) return;
    unfile(key, previous);
    entries.delete(key);
    tell({ key, previous });
  };
  return {
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    keys: () => entries.keys(),
    values: () => entries.values(),
    keysBy: (index, value) => [...(filed.get(index)?.get(value) ?? [])],
    set,
    remove,
    replaceAll: (fresh) => {
      for (const key of [...entries.keys()]) if (!fresh.has(key)) remove(key);
      for (const [key, kept] of fresh) set(key, kept);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
