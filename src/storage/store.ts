/**
 * The storage port: what the API needs of a store, and what every adapter promises.
 *
 * - **Keys** are UTF-8 strings, ordered by their bytes, at most `MAX_KEY_BYTES` long (STORE_TOO_LARGE), neither empty
 *   nor ill-formed (RangeError). **Values** are bytes, at most `maxValueBytes` (STORE_TOO_LARGE); the store never looks
 *   into them, and neither side changes them afterwards.
 * - **Revisions** are one counter for the whole store. Every committed write (a delete too) gets the next one; they
 *   grow, are never reused, and survive restarts. Zero is "before everything".
 * - **Writes** are linearizable and atomic: one key at a time, all or nothing. `create` refuses a key that is there
 *   (STORE_EXISTS); `update` and `delete` refuse when the key's latest revision is not `expected` (STORE_CONFLICT), or
 *   when it is gone (STORE_NOT_FOUND). A deleted key may be created again. A durable store resolves a write only after
 *   it has reached the disk, and several writes may share one flush. A refused write changes nothing, and what it was
 *   refused for can be read by then. A write that failed with STORE_UNAVAILABLE may have happened or not.
 * - **Reads** see exactly the writes that have been answered, in revision order; nothing that a crash could undo is
 *   visible. `list` at an older revision answers from history, or STORE_COMPACTED; at one not reached yet,
 *   STORE_FUTURE_REVISION.
 * - **Watches** deliver every write after a revision, once, in revision order, across keys. Delivery is synchronous
 *   from the store's side in batches that are never empty, and may begin before `watch` has resolved. A watcher that
 *   throws ends its own watch only. A watch from a revision below the compacted one gets STORE_COMPACTED, from one not
 *   reached yet STORE_FUTURE_REVISION. There is no buffer between store and watcher: whoever may be slow buffers.
 * - **Compaction** at a revision forgets what was overwritten or deleted at or before it. The latest value of each key
 *   stays readable, and so does history from that revision on. At one not reached yet: STORE_FUTURE_REVISION.
 * - **Closing** waits for accepted writes, ends watches with STORE_CLOSED, and refuses everything after.
 * - An adapter that shares a store with other processes sees their writes in its reads and watches as its own.
 *
 * `storage/testing/contract.ts` is this text as tests; every adapter runs it.
 */
export interface Store {
  /** The revision of the latest answered write. */
  currentRevision(): Promise<Revision>;
  /** The newest value of a key; undefined when it is not there. */
  get(key: string): Promise<Entry | undefined>;
  /** Entries whose key starts with `prefix`, in key order. */
  list(prefix: string, options?: ListOptions): Promise<Page>;
  create(key: string, value: Uint8Array): Promise<Revision>;
  update(key: string, value: Uint8Array, expected: Revision): Promise<Revision>;
  delete(key: string, expected: Revision): Promise<Revision>;
  /** Starts a watch of all keys with `prefix`, of writes with a revision above `after`. */
  watch(prefix: string, after: Revision, watcher: Watcher): Promise<Watch>;
  /** Forgets history up to and including `revision`. Doing it again, or for an older revision, changes nothing. */
  compact(revision: Revision): Promise<void>;
  /** Ends it; idempotent. */
  close(): Promise<void>;
}

/** A point in the store's history. A plain number: 2^53 writes are out of reach. */
export type Revision = number;

/** Longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

/** Largest value unless an adapter is told otherwise: what etcd takes by default. */
export const DEFAULT_MAX_VALUE_BYTES: number = 1.5 * 1024 * 1024;

/** A key's value and the revision that wrote it. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: Revision;
  /** Whether the store would keep the same value in another form today: writing it again is worth it. */
  readonly stale?: true;
}

export interface ListOptions {
  /** Only keys after this one, exclusive. */
  readonly after?: string;
  /** At most this many entries; at least 1. */
  readonly limit?: number;
  /** As of this revision; the newest when absent. */
  readonly revision?: Revision;
  /** Also count what is left after the page; costs a walk over the rest. */
  readonly count?: boolean;
}

export interface Page {
  readonly entries: readonly Entry[];
  /** The revision that this page shows. */
  readonly revision: Revision;
  readonly more: boolean;
  /** How many entries follow the page; only when asked for. */
  readonly remaining?: number;
}

/** One write, as a watcher sees it. */
export type StoreEvent =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly revision: Revision;
      readonly value: Uint8Array;
      readonly stale?: true;
      readonly previous?: Entry;
    }
  /** `previous` is what was deleted. */
  | { readonly kind: 'delete'; readonly key: string; readonly revision: Revision; readonly previous: Entry };

export interface Watcher {
  /**
   * A batch of writes, at least one, and the revision up to which this watch is now complete (at least the last
   * event's). A watcher that throws is ended with STORE_UNAVAILABLE, what it threw being the cause.
   */
  onEvents(events: readonly StoreEvent[], through: Revision): void;
  /** The watch has ended other than by `stop`: STORE_COMPACTED, STORE_CLOSED or STORE_UNAVAILABLE. Called once. */
  onEnd(error: Error): void;
}

/** A running watch. */
export interface Watch {
  /**
   * The revision up to which everything with the prefix has been delivered. It grows with the store even when nothing
   * with the prefix is written, so that a bookmark of a quiet watch stays above compaction.
   */
  through(): Revision;
  /** No call to the watcher happens after this returns. Idempotent. */
  stop(): void;
}
