import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database as Table, RootDatabase } from 'lmdb';

import { CountersignError, isCountersignError, messageOf } from '../../base/error.js';
import type { Revision } from '../store.js';
import { prepareDataFile } from './data-file.js';
import {
  corrupt,
  decodeHead,
  decodeRecord,
  decodeRevision,
  encodeHead,
  encodeRecord,
  encodeRevision,
} from './record.js';
import type { Head, LogRecord } from './record.js';

/** What the database says it is; a store of another layout has another number. */
const FORMAT = 'countersign-store 1';

/** Address space, not memory or disk: growing the map while it is in use would leave the old mappings behind. */
const MAP_BYTES = 64 * 2 ** 30;

/** LMDB's own codes for files that are damaged or not its own. */
const CORRUPTION_CODES: ReadonlySet<unknown> = new Set([-30797, -30796, -30794, -30793]);

type BinaryTable = Table<Buffer, Buffer>;

/** A table that is written in the order of its keys; lmdb's own types leave the option out. */
interface AppendedTable {
  put(key: Buffer, value: Buffer, options: { readonly append: boolean }): Promise<boolean>;
}

/** One write of a transaction. */
export interface PlannedWrite extends LogRecord {
  readonly revision: Revision;
}

/** How far compaction has come: history before `floor` is refused; what it forgets is removed up to `swept`. */
export interface CompactionMark {
  readonly floor: Revision;
  readonly swept: Revision;
}

/** A row of the index. */
export interface IndexRow {
  readonly key: string;
  readonly head: Head;
}

/** A row of the log. */
export interface LogRow {
  readonly revision: Revision;
  readonly record: LogRecord;
}

/**
 * The LMDB environment and its tables. Reads see the last committed transaction and are synchronous; LMDB makes a
 * transaction visible only after its pages and then its meta page have been flushed. One transaction at a time.
 */
export class Database {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #index: BinaryTable;
  readonly #log: BinaryTable;
  readonly #meta: BinaryTable;
  /** Why nothing is written any more: after a failed transaction it is unknown what the disk holds. */
  #failure: CountersignError | undefined;

  private constructor(root: RootDatabase<Buffer, Buffer>) {
    this.#root = root;
    this.#index = root.openDB({ name: 'index', encoding: 'binary', keyEncoding: 'binary' });
    this.#log = root.openDB({ name: 'log', encoding: 'binary', keyEncoding: 'binary' });
    this.#meta = root.openDB({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
  }

  /** Opens or makes the database of a folder that this process has locked. */
  static async open(folder: string): Promise<Database> {
    const { open } = await import('lmdb');
    const path = join(folder, 'data.mdb');
    const isNew = !existsSync(path);
    if (!isNew) prepareDataFile(path);
    const options = {
      path,
      noSubdir: true,
      maxDbs: 4,
      mapSize: MAP_BYTES,
      encoding: 'binary',
      keyEncoding: 'binary',
      // a commit is answered when it has been flushed, not when it has become visible
      overlappingSync: false,
      eventTurnBatching: false,
      permissionsMode: 0o600,
    } as const;
    let root: RootDatabase<Buffer, Buffer> | undefined;
    try {
      root = open<Buffer, Buffer>(options);
      refuseForeignTables(root, path);
      const database = new Database(root);
      database.#checkFormat(path);
      if (isNew) flushFolder(folder);
      return database;
    } catch (error) {
      await root?.close();
      throw describe('open', error);
    }
  }

  /** Kind and revision of a key's newest write. */
  head(key: Uint8Array): Head | undefined {
    return this.#read(() => {
      const bytes = this.#index.getBinaryFast(asBuffer(key));
      return bytes === undefined ? undefined : decodeHead(bytes, bytes.length);
    });
  }

  /** The write with a revision; undefined when it has been compacted. */
  record(revision: Revision): LogRecord | undefined {
    return this.#read(() => {
      const bytes = this.#log.getBinary(encodeRevision(revision));
      return bytes === undefined ? undefined : decodeRecord(bytes);
    });
  }

  /** At most `limit` keys from `start` on, deleted ones too, in order. */
  indexRows(start: Uint8Array, startExclusive: boolean, limit: number): readonly IndexRow[] {
    return this.#read(() => {
      const rows: IndexRow[] = [];
      const range = { start: asBuffer(start), exclusiveStart: startExclusive, limit };
      for (const { key, value } of this.#index.getRange(range)) {
        rows.push({ key: asBuffer(key).toString('utf8'), head: decodeHead(value, value.length) });
      }
      return rows;
    });
  }

  /** At most `limit` writes with a revision above `after`, up to `through`, in order. */
  logRows(after: Revision, through: Revision, limit: number): readonly LogRow[] {
    return this.#read(() => {
      const rows: LogRow[] = [];
      const range = { start: encodeRevision(after + 1), end: encodeRevision(through + 1), limit };
      for (const { key, value } of this.#log.getRange(range)) {
        rows.push({ revision: decodeRevision(key), record: decodeRecord(value) });
      }
      return rows;
    });
  }

  /** The newest revision in the log; zero when it is empty. */
  lastLogged(): Revision {
    return this.#read(() => {
      for (const key of this.#log.getKeys({ reverse: true, limit: 1 })) return decodeRevision(key);
      return 0;
    });
  }

  compactionMark(): CompactionMark {
    return this.#read(() => {
      const bytes = this.#meta.getBinary(Buffer.from('compaction'));
      if (bytes === undefined) return { floor: 0, swept: 0 };
      if (bytes.length !== 16) throw corrupt('the mark of compaction has the wrong length');
      return { floor: decodeRevision(bytes.subarray(0, 8)), swept: decodeRevision(bytes.subarray(8)) };
    });
  }

  /** Commits writes in one transaction; resolves when it is on the disk. Revisions grow, but where they are restored. */
  commit(writes: readonly PlannedWrite[], order: 'ascending' | 'any order' = 'ascending'): Promise<void> {
    const log: AppendedTable = this.#log;
    return this.#transaction((track) => {
      for (const { kind, before, key, value, revision } of writes) {
        const keyBytes = Buffer.from(key, 'utf8');
        const record = encodeRecord(kind, before, keyBytes, value);
        // appending fills pages; inserting would leave each half empty
        track(log.put(encodeRevision(revision), record, { append: order === 'ascending' }));
        track(this.#index.put(keyBytes, encodeHead({ kind, revision })));
      }
    });
  }

  /** Removes log records and index keys, and moves the mark, in one transaction; resolves when it is on the disk. */
  sweep(mark: CompactionMark, revisions: readonly Revision[], keys: readonly string[]): Promise<void> {
    return this.#transaction((track) => {
      for (const revision of revisions) track(this.#log.remove(encodeRevision(revision)));
      for (const key of keys) track(this.#index.remove(Buffer.from(key, 'utf8')));
      const bytes = Buffer.concat([encodeRevision(mark.floor), encodeRevision(mark.swept)]);
      track(this.#meta.put(Buffer.from('compaction'), bytes));
    });
  }

  /** Waits for a running transaction and closes the files. */
  async close(): Promise<void> {
    await this.#root.close();
  }

  async #transaction(write: (track: (answer: Promise<boolean>) => void) => void): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const answers: Promise<boolean>[] = [];
    try {
      const committed = this.#root.batch(() => {
        write((answer) => answers.push(answer));
      });
      const results = await Promise.allSettled([committed, ...answers]);
      for (const result of results) if (result.status === 'rejected') throw await causeOf(result.reason);
    } catch (error) {
      this.#failure = describe('write to', error);
      throw this.#failure;
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw describe('read', error);
    }
  }

  #checkFormat(path: string): void {
    const key = Buffer.from('format');
    const found = this.#meta.getBinary(key)?.toString('utf8');
    if (found === FORMAT) return;
    if (found !== undefined) throw corrupt(`${path} has format ${JSON.stringify(found)}, known is "${FORMAT}"`);
    // a crash may have come between making the tables and marking them, but nothing was written then
    if (this.lastLogged() !== 0) throw corrupt(`${path} has no mark of its format`);
    this.#meta.putSync(key, Buffer.from(FORMAT));
  }
}

function refuseForeignTables(root: RootDatabase<Buffer, Buffer>, path: string): void {
  for (const name of root.getKeys()) {
    const text = asBuffer(name).toString('utf8').replace(/\0$/, '');
    if (!['index', 'log', 'meta'].includes(text)) {
      throw corrupt(`${path} is not a Countersign store: it has a table ${JSON.stringify(text)}`);
    }
  }
}

/** Puts the names of new files on the disk: LMDB flushes the file, but not the folder that leads to it. */
function flushFolder(folder: string): void {
  for (const path of [folder, dirname(folder)]) {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** Makes a folder for this user alone; leaves one that is there as it is. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** lmdb rejects with an error that promises the real one. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

function describe(verb: string, error: unknown): CountersignError {
  if (isCountersignError(error)) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (CORRUPTION_CODES.has(code)) return corrupt(messageOf(error), error);
  return new CountersignError('STORE_UNAVAILABLE', `Cannot ${verb} store: ${messageOf(error)}`, { cause: error });
}
