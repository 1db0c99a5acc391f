import { assertKey } from '../key.js';
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
} from '../refusals.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../store.js';
import type { Entry, ListOptions, Page, Revision, Store, StoreEvent, Watch, Watcher } from '../store.js';
import { eventsUnder, WatchHub } from '../watch-hub.js';
import { CatchUp } from './catch-up.js';
import type { MissedEvents } from './catch-up.js';
import { Compaction } from './compaction.js';
import { Database, makeFolder } from './database.js';
import type { PlannedWrite } from './database.js';
import { lockFolder } from './folder-lock.js';
import type { FolderLock } from './folder-lock.js';
import { GroupCommit } from './group-commit.js';
import type { Outcome, RequestedWrite } from './group-commit.js';
import { History } from './history.js';
import type { KeyState } from './history.js';
import { readPage } from './read-page.js';

/** Settings of an LMDB store. */
export interface LmdbStoreOptions {
  /** Where it lives; made with mode 0700 when it is not there. */
  readonly folder: string;
  /** Largest value; `DEFAULT_MAX_VALUE_BYTES` when absent. */
  readonly maxValueBytes?: number;
  /** How many of the newest writes stay in memory for watches that resume; 4096 when absent. */
  readonly recentEvents?: number;
  /** How many bytes of values these may hold; 8 MiB when absent. */
  readonly recentBytes?: number;
}

/**
 * Opens a durable store in a folder, for this process alone. Refuses a folder that another process holds
 * (STORE_LOCKED) and files that are not a store of ours (STORE_CORRUPT). After a failed flush nothing is written any
 * more (STORE_UNAVAILABLE) until the store is opened again: what the disk holds is not known before.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  makeFolder(options.folder);
  const lock = await lockFolder(options.folder);
  try {
    const database = await Database.open(options.folder);
    try {
      return new LmdbStore(database, lock, options);
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

class LmdbStore implements Store {
  readonly #database: Database;
  readonly #lock: FolderLock;
  readonly #maxValueBytes: number;
  readonly #history: History;
  readonly #compaction: Compaction;
  readonly #commits: GroupCommit;
  readonly #hub: WatchHub;
  readonly #catchUps = new Set<CatchUp>();
  /** The newest write that is on the disk and answered: what reads see. */
  #revision: Revision;
  #closing: Promise<void> | undefined;

  constructor(database: Database, lock: FolderLock, options: LmdbStoreOptions) {
    this.#database = database;
    this.#lock = lock;
    this.#maxValueBytes = options.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
    const mark = database.compactionMark();
    // the newest write may have been a deletion that compaction has removed; the mark is never below it then
    this.#revision = Math.max(database.lastLogged(), mark.floor);
    this.#commits = new GroupCommit((writes) => this.#commit(writes));
    this.#compaction = new Compaction(database, this.#commits, mark);
    this.#history = new History(database, this.#revision, () => this.#compaction.floor, {
      maxEvents: options.recentEvents ?? 4096,
      maxBytes: options.recentBytes ?? 8 * 1024 * 1024,
    });
    this.#hub = new WatchHub(this.#revision);
  }

  async currentRevision(): Promise<Revision> {
    this.#assertOpen();
    return this.#revision;
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen();
    assertKey(key);
    return this.#state(key)?.entry;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<Page> {
    this.#assertOpen();
    assertLimit(options.limit);
    const revision = this.#readable(options.revision);
    const done = this.#compaction.hold(revision);
    try {
      const request = { ...options, prefix, revision };
      return await readPage(this.#database, this.#history, request, () => this.#assertOpen());
    } finally {
      done();
    }
  }

  async create(key: string, value: Uint8Array): Promise<Revision> {
    this.#assertWritable(key, value);
    return this.#commits.write({ verb: 'create', key, value, expected: 0 });
  }

  async update(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    this.#assertWritable(key, value);
    assertRevision(expected);
    return this.#commits.write({ verb: 'update', key, value, expected });
  }

  async delete(key: string, expected: Revision): Promise<Revision> {
    this.#assertWritable(key, NOTHING);
    assertRevision(expected);
    return this.#commits.write({ verb: 'delete', key, value: NOTHING, expected });
  }

  async watch(prefix: string, after: Revision, watcher: Watcher): Promise<Watch> {
    this.#assertOpen();
    this.#readable(after);
    const catchUp = new CatchUp(after, watcher, {
      readChunk: (position) => this.#missedEvents(prefix, position),
      join: (position) => this.#hub.join(prefix, position, watcher),
      ended: () => this.#catchUps.delete(catchUp),
    });
    this.#catchUps.add(catchUp);
    catchUp.start();
    return catchUp;
  }

  async compact(revision: Revision): Promise<void> {
    this.#assertOpen();
    assertRevision(revision);
    if (revision > this.#revision) throw notReached(revision, this.#revision);
    await this.#compaction.compact(revision);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#compaction.stop();
    await this.#commits.drained();
    for (const catchUp of this.#catchUps) catchUp.end(storeClosed());
    this.#hub.close();
    try {
      await this.#database.close();
    } finally {
      this.#lock.release();
    }
  }

  /** Decides a batch in order against what is on the disk and what the batch itself does, flushes it, publishes it. */
  async #commit(writes: readonly RequestedWrite[]): Promise<readonly Outcome[]> {
    const changed = new Map<string, KeyState>();
    const events: StoreEvent[] = [];
    const plan: PlannedWrite[] = [];
    const outcomes = writes.map((write): Outcome => {
      const revision = this.#revision + events.length + 1;
      try {
        const state = changed.get(write.key) ?? this.#state(write.key);
        const event = eventOf(write, state?.entry, revision);
        const { kind, key } = event;
        const { value } = write;
        changed.set(key, { revision, entry: kind === 'put' ? { key, value, revision } : undefined });
        events.push(event);
        plan.push({ kind, key, value, revision, before: state?.revision ?? 0 });
        return { kind: 'written', revision };
      } catch (error) {
        return { kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) };
      }
    });
    if (plan.length > 0) {
      await this.#database.commit(plan);
      this.#revision += events.length;
      this.#history.recent.push(events);
      this.#hub.deliver(events, this.#revision);
    }
    return outcomes;
  }

  #state(key: string): KeyState | undefined {
    return this.#history.stateAt(key, this.#database.head(Buffer.from(key, 'utf8')), this.#revision);
  }

  #missedEvents(prefix: string, after: Revision): MissedEvents {
    this.#assertOpen();
    if (after < this.#compaction.floor) throw compacted(after, this.#compaction.floor);
    const recent = this.#history.recent.since(after);
    if (recent !== undefined) return { events: eventsUnder(prefix, recent), through: this.#revision, complete: true };
    const page = this.#history.events(prefix, after, this.#revision, CATCH_UP_EVENTS);
    return { ...page, complete: page.through === this.#revision };
  }

  #readable(revision: Revision | undefined): Revision {
    if (revision === undefined) return this.#revision;
    assertRevision(revision);
    if (revision > this.#revision) throw notReached(revision, this.#revision);
    if (revision < this.#compaction.floor) throw compacted(revision, this.#compaction.floor);
    return revision;
  }

  #assertWritable(key: string, value: Uint8Array): void {
    this.#assertOpen();
    assertKey(key);
    if (value.length > this.#maxValueBytes) throw valueTooLarge(key, value.length, this.#maxValueBytes);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw storeClosed();
  }
}

const NOTHING = new Uint8Array();

/** Writes that a watch reads from the log at a time; between two such pages other work goes on. */
const CATCH_UP_EVENTS = 256;

/** What a write does to a key that holds `previous`; throws its refusal. */
function eventOf(write: RequestedWrite, previous: Entry | undefined, revision: Revision): StoreEvent {
  const { verb, key, value, expected } = write;
  if (verb === 'create') {
    if (previous !== undefined) throw alreadyExists(key);
    return { kind: 'put', key, value, revision };
  }
  if (previous === undefined) throw notFound(verb, key);
  if (previous.revision !== expected) throw conflict(verb, key, expected, previous.revision);
  return verb === 'update'
    ? { kind: 'put', key, value, revision, previous }
    : { kind: 'delete', key, revision, previous };
}
