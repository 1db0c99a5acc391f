import { compareKeys } from '../key.js';
import type { Entry, ListOptions, Page, Revision } from '../store.js';
import type { Database, IndexRow } from './database.js';
import type { History } from './history.js';

/** Index rows read at a time. */
const CHUNK_ROWS = 256;
/** After so many rows other work gets a turn. */
const ROWS_PER_TURN = 2048;

/** Which page of which past. */
export interface PageRequest extends ListOptions {
  readonly prefix: string;
  /** Must be held against compaction. */
  readonly revision: Revision;
}

/**
 * Reads a page. Long ones are read in several turns of the event loop; `assertOpen` is asked at the start of each.
 */
export async function readPage(
  database: Database,
  history: History,
  request: PageRequest,
  assertOpen: () => void,
): Promise<Page> {
  const { prefix, after, limit = Infinity, revision, count = false } = request;
  const page = new PageBuilder(history, revision, limit, count);
  const chunk = Math.min(limit + 1, CHUNK_ROWS);
  let exclusive = after !== undefined && compareKeys(after, prefix) >= 0;
  let from = exclusive ? (after ?? prefix) : prefix;
  for (let read = chunk; ; read += chunk) {
    assertOpen();
    const rows = database.indexRows(startOf(from), exclusive, chunk);
    for (const row of rows) {
      if (!row.key.startsWith(prefix) || page.complete) return page.build();
      page.add(row);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < chunk) return page.build();
    from = last.key;
    exclusive = true;
    if (read % ROWS_PER_TURN < chunk) await new Promise((resolve) => setImmediate(resolve));
  }
}

class PageBuilder {
  readonly #history: History;
  readonly #revision: Revision;
  readonly #limit: number;
  readonly #count: boolean;
  readonly #entries: Entry[] = [];
  #remaining = 0;

  constructor(history: History, revision: Revision, limit: number, count: boolean) {
    this.#history = history;
    this.#revision = revision;
    this.#limit = limit;
    this.#count = count;
  }

  /** Whether further rows change nothing. */
  get complete(): boolean {
    return this.#remaining > 0 && !this.#count;
  }

  add({ key, head }: IndexRow): void {
    if (this.#entries.length >= this.#limit && head.revision <= this.#revision) {
      if (head.kind === 'put') this.#remaining++; // counted without reading its value
      return;
    }
    const entry = this.#history.stateAt(key, head, this.#revision)?.entry;
    if (entry === undefined) return;
    if (this.#entries.length < this.#limit) this.#entries.push(entry);
    else this.#remaining++;
  }

  build(): Page {
    const page: Page = { entries: this.#entries, revision: this.#revision, more: this.#remaining > 0 };
    return this.#count ? { ...page, remaining: this.#remaining } : page;
  }
}

/** No key is empty, and LMDB takes no empty bound: the least key is one zero byte. */
function startOf(key: string): Buffer {
  return key === '' ? Buffer.from([0]) : Buffer.from(key, 'utf8');
}
