import { concatBytes, toHex, utf8 } from '../../base/bytes.js';
import type { Entry, Store } from '../store.js';
import {
  BACKUP_FORMAT,
  BACKUP_MAGIC,
  type BackupFile,
  type BackupHeader,
  type BackupRecord,
  encodeFrame,
  type Hashing,
} from './backup-format.js';

/** What a backup is made of. */
export interface BackupSource {
  /** As it lies on the disk: a store beneath encryption. */
  readonly store: Store;
  /** The server's own files, asked for when the store has been read. */
  readonly files: () => Promise<readonly BackupFile[]>;
  /** The header but for the revision. */
  readonly header: Omit<BackupHeader, 'revision'>;
  readonly hashing: Hashing;
}

/** Entries that are read at a time; what is kept in memory. */
const PAGE = 200;

/** Frames are handed on together until they are this long. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A backup of a store in use, piece by piece: all of it as of one revision. Throws STORE_COMPACTED when reading takes
 * longer than history is kept; what has been handed on then has no end, and no reader takes it.
 *
 * The files come last: what they hold may be newer than the store, but nothing in the store is newer than they are.
 */
export async function* writeBackup(source: BackupSource): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new FrameWriter(source.hashing);
  let after: string | undefined;
  let revision: number | undefined;
  do {
    const page = await source.store.list('', {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(revision === undefined ? {} : { revision }),
    });
    if (revision === undefined) writer.add({ kind: 'header', header: { revision: page.revision, ...source.header } });
    revision = page.revision;
    for (const entry of page.entries) {
      writer.entry(entry);
      if (writer.length >= CHUNK_BYTES) yield writer.take();
    }
    after = page.more ? page.entries.at(-1)?.key : undefined;
  } while (after !== undefined);
  for (const file of await source.files()) writer.file(file);
  writer.end();
  yield writer.take();
}

class FrameWriter {
  readonly #hashing: Hashing;
  readonly #hash: ReturnType<Hashing['begin']>;
  #waiting: Uint8Array[] = [];
  #entries = 0;
  #files = 0;
  length = 0;

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
    this.#hash = hashing.begin();
    this.#push(utf8(`${BACKUP_MAGIC}${BACKUP_FORMAT}\n`));
  }

  add(record: BackupRecord): void {
    this.#push(encodeFrame(record, this.#hashing));
  }

  entry(entry: Entry): void {
    this.#entries++;
    this.add({ kind: 'entry', entry });
  }

  file(file: BackupFile): void {
    this.#files++;
    this.add({ kind: 'file', file });
  }

  end(): void {
    const end = { entries: this.#entries, files: this.#files, sha256: toHex(this.#hash.digest()) };
    const frame = encodeFrame({ kind: 'end', end }, this.#hashing);
    this.#waiting.push(frame);
    this.length += frame.length;
  }

  take(): Uint8Array {
    const bytes = concatBytes(this.#waiting);
    this.#waiting = [];
    this.length = 0;
    return bytes;
  }

  #push(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#waiting.push(bytes);
    this.length += bytes.length;
  }
}
