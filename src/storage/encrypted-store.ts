import { valueTooLarge } from './refusals.js';
import { DEFAULT_MAX_VALUE_BYTES } from './store.js';
import type { Entry, ListOptions, Page, Revision, Store, StoreEvent, Watch, Watcher } from './store.js';

/** How values are sealed. Cryptography comes in from above; `key` is the storage key, where alone the value is good. */
export interface ValueSeal {
  seal(value: Uint8Array, key: string): Uint8Array;
  /** The plain value; throws (SEAL_INVALID, SEAL_KEY_UNKNOWN) what it cannot open. */
  open(sealed: Uint8Array, key: string): Uint8Array;
  /** Whether a stored value is sealed. */
  isSealed(stored: Uint8Array): boolean;
  /** Whether a sealed value is sealed with the key that seals now. */
  isCurrent(sealed: Uint8Array): boolean;
}

export interface EncryptedStoreOptions {
  /** Takes values that are longer than `maxValueBytes` by what sealing adds. */
  readonly store: Store;
  readonly seal: ValueSeal;
  /** Beginnings of the keys whose values are sealed when they are written. Sealed values are opened under every key. */
  readonly prefixes: readonly string[];
  /** Largest plain value; `DEFAULT_MAX_VALUE_BYTES` when absent. */
  readonly maxValueBytes?: number;
}

/**
 * A store that keeps values under some keys sealed in another one, and keeps the whole contract of a store with plain
 * values. What was written plain stays readable. An entry that is not stored as it would be now is `stale`.
 *
 * A value that cannot be opened is never passed over: `get` and `list` throw what the seal throws, naming the key, and a
 * watch that comes to it ends. It can still be deleted.
 */
export function createEncryptedStore(options: EncryptedStoreOptions): Store {
  return new EncryptedStore(options);
}

class EncryptedStore implements Store {
  readonly #store: Store;
  readonly #seal: ValueSeal;
  readonly #prefixes: readonly string[];
  readonly #maxValueBytes: number;

  constructor({ store, seal, prefixes, maxValueBytes = DEFAULT_MAX_VALUE_BYTES }: EncryptedStoreOptions) {
    this.#store = store;
    this.#seal = seal;
    this.#prefixes = prefixes;
    this.#maxValueBytes = maxValueBytes;
  }

  currentRevision(): Promise<Revision> {
    return this.#store.currentRevision();
  }

  async get(key: string): Promise<Entry | undefined> {
    const entry = await this.#store.get(key);
    return entry === undefined ? undefined : this.#opened(entry);
  }

  async list(prefix: string, options?: ListOptions): Promise<Page> {
    const page = await this.#store.list(prefix, options);
    return { ...page, entries: page.entries.map((entry) => this.#opened(entry)) };
  }

  async create(key: string, value: Uint8Array): Promise<Revision> {
    return this.#store.create(key, this.#sealed(key, value));
  }

  async update(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    return this.#store.update(key, this.#sealed(key, value), expected);
  }

  delete(key: string, expected: Revision): Promise<Revision> {
    return this.#store.delete(key, expected);
  }

  watch(prefix: string, after: Revision, watcher: Watcher): Promise<Watch> {
    return this.#store.watch(prefix, after, {
      // what cannot be opened is thrown into the store below, which ends the watch for it
      onEvents: (events, through) =>
        watcher.onEvents(
          events.map((event) => this.#openedEvent(event)),
          through,
        ),
      onEnd: (error) => watcher.onEnd(error),
    });
  }

  compact(revision: Revision): Promise<void> {
    return this.#store.compact(revision);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #sealed(key: string, value: Uint8Array): Uint8Array {
    if (value.length > this.#maxValueBytes) throw valueTooLarge(key, value.length, this.#maxValueBytes);
    return this.#isSecret(key) ? this.#seal.seal(value, key) : value;
  }

  #opened(entry: Entry): Entry {
    if (!this.#seal.isSealed(entry.value) && !this.#isSecret(entry.key)) return entry;
    const { key, revision } = entry;
    return { key, ...this.#openedValue(key, entry.value), revision };
  }

  #openedEvent(event: StoreEvent): StoreEvent {
    const { key, previous } = event;
    if (event.kind === 'delete') return { ...event, previous: this.#opened(event.previous) };
    const opened = { ...event, ...this.#openedValue(key, event.value) };
    return previous === undefined ? opened : { ...opened, previous: this.#opened(previous) };
  }

  #openedValue(key: string, stored: Uint8Array): Pick<Entry, 'value' | 'stale'> {
    const isSealed = this.#seal.isSealed(stored);
    const value = isSealed ? this.#seal.open(stored, key) : stored;
    const isAsWanted = this.#isSecret(key) ? isSealed && this.#seal.isCurrent(stored) : !isSealed;
    return isAsWanted ? { value } : { value, stale: true };
  }

  #isSecret(key: string): boolean {
    return this.#prefixes.some((prefix) => key.startsWith(prefix));
  }
}
