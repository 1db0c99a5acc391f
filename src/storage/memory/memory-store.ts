import { assertKey, compareKeys } from '../key.js';
import {
  alreadyExists,
  assertLimit,
  assertRevision,
  compacted,
  conflict,
  notFound,
  notReached,
  storeClosed,
  valueTooLarge,
  watcherFailed,
} from '../refusals.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../store.js';
import type { Entry, ListOptions, Page, Revision, Store, StoreEvent, Watch, Watcher } from '../store.js';
import { endWatcher, eventsUnder, WatchHub } from '../watch-hub.js';
import { SortedKeys } from './sorted-keys.js';

/** Settings of a memory store. */
export interface MemoryStoreOptions {
  /** Largest value; `DEFAULT_MAX_VALUE_BYTES` when absent. */
  readonly maxValueBytes?: number;
}

/** A store that lives and dies with the process. Everything it holds, history too, is on the heap. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES);
}

/** What one write left of a key: an entry, or the mark that it is gone. */
type Version = Entry | { readonly key: string; readonly revision: Revision; readonly value?: undefined };

class MemoryStore implements Store {
  readonly #maxValueBytes: number;
  readonly #versions = new Map<string, Version[]>();
  readonly #keys = new SortedKeys();
  /** Every write after `#floor`, one per revision. */
  #log: StoreEvent[] = [];
  #floor: Revision = 0;
  #revision: Revision = 0;
  #closed = false;
  readonly #hub = new WatchHub(0);

  constructor(maxValueBytes: number) {
    this.#maxValueBytes = maxValueBytes;
  }

  async currentRevision(): Promise<Revision> {
    this.#assertOpen();
    return this.#revision;
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen();
    assertKey(key);
    return this.#latest(key);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<Page> {
    this.#assertOpen();
    assertLimit(options.limit);
    const revision = this.#readable(options.revision);
    const limit = options.limit ?? Infinity;
    const entries: Entry[] = [];
    let remaining = 0;
    for (const key of this.#keysUnder(prefix, options.after)) {
      const entry = entryOf(versionAt(this.#versions.get(key) ?? [], revision));
      if (entry === undefined) continue;
      if (entries.length < limit) {
        entries.push(entry);
        continue;
      }
      remaining++;
      if (options.count !== true) break;
    }
    const page: Page = { entries, revision, more: remaining > 0 };
    return options.count === true ? { ...page, remaining } : page;
  }

  async create(key: string, value: Uint8Array): Promise<Revision> {
    this.#assertOpen();
    this.#assertWritable(key, value);
    if (this.#latest(key) !== undefined) throw alreadyExists(key);
    const entry = { key, value, revision: this.#revision + 1 };
    return this.#append(entry, { kind: 'put', ...entry });
  }

  async update(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    this.#assertOpen();
    this.#assertWritable(key, value);
    const previous = this.#expect('update', key, expected);
    const entry = { key, value, revision: this.#revision + 1 };
    return this.#append(entry, { kind: 'put', ...entry, previous });
  }

  async delete(key: string, expected: Revision): Promise<Revision> {
    this.#assertOpen();
    assertKey(key);
    const previous = this.#expect('delete', key, expected);
    const mark = { key, revision: this.#revision + 1 };
    return this.#append(mark, { kind: 'delete', ...mark, previous });
  }

  async watch(prefix: string, after: Revision, watcher: Watcher): Promise<Watch> {
    this.#assertOpen();
    const current = this.#revision;
    this.#readable(after);
    const missed = eventsUnder(prefix, this.#log.slice(after - this.#floor));
    const watch = this.#hub.join(prefix, current, watcher);
    if (missed.length > 0) {
      try {
        watcher.onEvents(missed, current);
      } catch (error) {
        watch.stop();
        endWatcher(watcher, watcherFailed(error));
      }
    }
    return watch;
  }

  async compact(revision: Revision): Promise<void> {
    this.#assertOpen();
    assertRevision(revision);
    if (revision > this.#revision) throw notReached(revision, this.#revision);
    if (revision <= this.#floor) return;
    const forgotten = this.#log.slice(0, revision - this.#floor);
    this.#log = this.#log.slice(revision - this.#floor);
    this.#floor = revision;
    for (const key of new Set(forgotten.map((event) => event.key))) this.#forget(key);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#hub.close();
  }

  #latest(key: string): Entry | undefined {
    return entryOf(this.#versions.get(key)?.at(-1));
  }

  #expect(verb: 'update' | 'delete', key: string, expected: Revision): Entry {
    assertRevision(expected);
    const latest = this.#latest(key);
    if (latest === undefined) throw notFound(verb, key);
    if (latest.revision !== expected) throw conflict(verb, key, expected, latest.revision);
    return latest;
  }

  #append(version: Version, event: StoreEvent): Revision {
    this.#revision = version.revision;
    this.#log.push(event);
    const versions = this.#versions.get(version.key);
    if (versions === undefined) {
      this.#versions.set(version.key, [version]);
      this.#keys.add(version.key);
    } else {
      versions.push(version);
    }
    this.#hub.deliver([event], event.revision);
    return version.revision;
  }

  /** Drops what compaction forgets of one key. */
  #forget(key: string): void {
    const versions = this.#versions.get(key) ?? [];
    const visible = entryOf(versionAt(versions, this.#floor));
    const kept = versions.filter((version) => version.revision > this.#floor || version === visible);
    if (kept.length > 0) {
      this.#versions.set(key, kept);
      return;
    }
    this.#versions.delete(key);
    this.#keys.remove(key);
  }

  *#keysUnder(prefix: string, after: string | undefined): Generator<string, void, undefined> {
    const from = after !== undefined && compareKeys(after, prefix) > 0 ? after : prefix;
    for (const key of this.#keys.from(from)) {
      if (key === after) continue;
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  #readable(revision: Revision | undefined): Revision {
    if (revision === undefined) return this.#revision;
    assertRevision(revision);
    if (revision > this.#revision) throw notReached(revision, this.#revision);
    if (revision < this.#floor) throw compacted(revision, this.#floor);
    return revision;
  }

  #assertWritable(key: string, value: Uint8Array): void {
    assertKey(key);
    if (value.length > this.#maxValueBytes) throw valueTooLarge(key, value.length, this.#maxValueBytes);
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed();
  }
}

/** The newest version at or before `revision`. */
function versionAt(versions: readonly Version[], revision: Revision): Version | undefined {
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i];
    if (version !== undefined && version.revision <= revision) return version;
  }
  return undefined;
}

function entryOf(version: Version | undefined): Entry | undefined {
  return version?.value === undefined ? undefined : version;
}
