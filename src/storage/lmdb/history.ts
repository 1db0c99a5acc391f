import type { Entry, Revision, StoreEvent } from '../store.js';
import type { Database, LogRow } from './database.js';
import type { RecentLimits } from '../recent-changes.js';
import { RecentHistory } from './recent-history.js';
import { corrupt } from './record.js';
import type { Head } from './record.js';

/** What a key held at some revision: its newest write then, and the entry when that was no deletion. */
export interface KeyState {
  readonly revision: Revision;
  readonly entry: Entry | undefined;
}

/** Reads the past: from memory where it is recent, else from the log. */
export class History {
  readonly #database: Database;
  readonly recent: RecentHistory;
  /** Records at or below may have been removed. */
  readonly #floor: () => Revision;

  constructor(database: Database, after: Revision, floor: () => Revision, limits: RecentLimits) {
    this.#database = database;
    this.#floor = floor;
    this.recent = new RecentHistory(after, limits);
  }

  /**
   * What a key held at `revision`, given the head of its index row. The row may be newer than what has been answered:
   * a transaction is visible a moment before its writers are told.
   */
  stateAt(key: string, head: Head | undefined, revision: Revision): KeyState | undefined {
    if (head === undefined) return undefined;
    let { kind, revision: at } = head;
    while (at > revision) {
      const record = this.#database.record(at);
      if (record === undefined) return this.#absent(at);
      if (record.before === 0) return undefined;
      at = record.before;
      const before = this.#database.record(at);
      if (before === undefined) return this.#absent(at);
      kind = before.kind;
    }
    return { revision: at, entry: kind === 'put' ? this.#entry(key, at) : undefined };
  }

  /** At most `limit` writes after `after`, up to `through`. Those on keys without `prefix` are left out. */
  events(prefix: string, after: Revision, through: Revision, limit: number): EventPage {
    const rows = this.#database.logRows(after, through, limit);
    const last = after + rows.length;
    if (rows.length === 0 || rows.at(-1)?.revision !== last) {
      throw corrupt(`the log has a gap after revision ${after}`);
    }
    const events: StoreEvent[] = [];
    for (const row of rows) if (row.record.key.startsWith(prefix)) events.push(this.#event(row));
    return { events, through: last };
  }

  #event({ revision, record }: LogRow): StoreEvent {
    const { key, value, before } = record;
    const previous = before === 0 ? undefined : this.#entryIfPut(key, before);
    if (record.kind === 'put')
      return { kind: 'put', key, revision, value, ...(previous === undefined ? {} : { previous }) };
    if (previous === undefined) throw corrupt(`revision ${revision} deletes what is not there`);
    return { kind: 'delete', key, revision, previous };
  }

  #entry(key: string, revision: Revision): Entry {
    const entry = this.#entryIfPut(key, revision);
    if (entry === undefined) throw corrupt(`revision ${revision} of ${JSON.stringify(key)} is missing`);
    return entry;
  }

  #entryIfPut(key: string, revision: Revision): Entry | undefined {
    const recent = this.recent.entry(revision);
    if (recent !== undefined) return recent;
    const record = this.#database.record(revision);
    if (record?.kind !== 'put') return undefined;
    return { key, value: record.value, revision };
  }

  /** A compacted record was that of a key that is gone. */
  #absent(revision: Revision): KeyState | undefined {
    if (revision > this.#floor()) throw corrupt(`revision ${revision} is missing`);
    return undefined;
  }
}

/** Part of the history under a prefix. */
export interface EventPage {
  readonly events: readonly StoreEvent[];
  /** The revision up to which this is everything. */
  readonly through: Revision;
}
