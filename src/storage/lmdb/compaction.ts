import { storeClosed } from '../refusals.js';
import type { Revision } from '../store.js';
import type { CompactionMark, Database } from './database.js';
import type { GroupCommit } from './group-commit.js';

/** Revisions gone through between two batches of writes. */
const SLICE_REVISIONS = 512;

/**
 * Removes what is forgotten, in slices between batches of writes. History below `floor` is refused from the moment of
 * the request; where the sweep has come is kept in the same transactions, so that it goes on after a crash.
 */
export class Compaction {
  readonly #database: Database;
  readonly #commits: GroupCommit;
  #floor: Revision;
  #swept: Revision;
  #stopped = false;
  /** The sweeps asked for so far; never rejects. */
  #tail: Promise<void> = Promise.resolve();
  readonly #holds = new Set<Hold>();

  constructor(database: Database, commits: GroupCommit, mark: CompactionMark) {
    this.#database = database;
    this.#commits = commits;
    this.#floor = mark.floor;
    this.#swept = mark.swept;
    if (mark.swept < mark.floor) void this.#enqueue(mark.floor).catch(() => undefined); // the next write will tell
  }

  /** History below this revision is refused. */
  get floor(): Revision {
    return this.#floor;
  }

  /** Resolves when everything forgotten at `revision` is gone from the disk. */
  compact(revision: Revision): Promise<void> {
    if (revision > this.#floor) this.#floor = revision;
    return this.#enqueue(revision);
  }

  /** Keeps the records that a reader of `revision` needs until the answer is called. */
  hold(revision: Revision): () => void {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = { revision, released };
    this.#holds.add(hold);
    return () => {
      this.#holds.delete(hold);
      release();
    };
  }

  /** Ends it after the slice that is being flushed. */
  stop(): void {
    this.#stopped = true;
  }

  #enqueue(revision: Revision): Promise<void> {
    const sweep = this.#tail.then(() => this.#sweep(revision));
    this.#tail = sweep.catch(() => undefined);
    return sweep;
  }

  async #sweep(floor: Revision): Promise<void> {
    // those who read below the floor started before it was raised, so there are no new ones
    for (const hold of [...this.#holds]) if (hold.revision < floor) await hold.released;
    while (this.#swept < floor) {
      if (this.#stopped) throw storeClosed();
      await this.#commits.exclusive(() => this.#sweepSlice(floor));
    }
  }

  async #sweepSlice(floor: Revision): Promise<void> {
    const revisions: Revision[] = [];
    const keys: string[] = [];
    const rows = this.#database.logRows(this.#swept, floor, SLICE_REVISIONS);
    for (const { revision, record } of rows) {
      if (record.before !== 0) revisions.push(record.before);
      if (record.kind === 'put') continue;
      revisions.push(revision);
      const head = this.#database.head(Buffer.from(record.key, 'utf8'));
      if (head?.revision === revision) keys.push(record.key);
    }
    const swept = rows.length < SLICE_REVISIONS ? floor : (rows.at(-1)?.revision ?? floor);
    await this.#database.sweep({ floor: this.#floor, swept }, revisions, keys);
    this.#swept = swept;
  }
}

interface Hold {
  readonly revision: Revision;
  readonly released: Promise<void>;
}
