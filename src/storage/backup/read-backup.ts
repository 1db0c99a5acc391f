import { concatBytes, equalBytes, parseUtf8, toHex } from '../../base/bytes.js';
import { compareKeys } from '../key.js';
import {
  BACKUP_FORMAT,
  BACKUP_MAGIC,
  type BackupEnd,
  type BackupRecord,
  decodeContent,
  FRAME_CHECK_BYTES,
  FRAME_HEAD_BYTES,
  type Hashing,
  invalidBackup,
  MAX_FRAME_BYTES,
  type RunningHash,
} from './backup-format.js';

/** Longest first line. */
const MAX_LINE = 64;

/**
 * The records of a backup, in order, each checked by itself before it is handed on. Only who has been given the end
 * knows that the backup is whole. BACKUP_INVALID for what is damaged, cut off, of a newer format, or no backup.
 */
export async function* readBackup(
  chunks: AsyncIterable<Uint8Array>,
  hashing: Hashing,
): AsyncGenerator<BackupRecord, void, undefined> {
  const frames = new FrameReader(hashing);
  const order = new RecordOrder();
  for await (const chunk of chunks) {
    frames.push(chunk);
    for (let record = frames.next(); record !== undefined; record = frames.next()) {
      order.check(record);
      yield record;
    }
  }
  frames.close();
}

/** Takes bytes and gives records. */
class FrameReader {
  readonly #hashing: Hashing;
  readonly #hash: RunningHash;
  #bytes: Uint8Array = new Uint8Array(0);
  #started = false;
  #ended = false;
  #offset = 0;

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
    this.#hash = hashing.begin();
  }

  push(chunk: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : concatBytes([this.#bytes, chunk]);
  }

  /** The next record; undefined where it has not come yet. */
  next(): BackupRecord | undefined {
    if (!this.#started && !this.#readLine()) return undefined;
    if (this.#ended && this.#bytes.length > 0) throw invalidBackup('something follows its end');
    if (this.#bytes.length < FRAME_HEAD_BYTES) return undefined;
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
    const length = view.getUint32(0);
    if (length > MAX_FRAME_BYTES) throw invalidBackup(`at byte ${this.#offset}: a record claims ${length} bytes`);
    const end = FRAME_HEAD_BYTES + length;
    if (this.#bytes.length < end + FRAME_CHECK_BYTES) return undefined;
    const check = this.#hashing.sha256(this.#bytes.subarray(0, end)).subarray(0, FRAME_CHECK_BYTES);
    if (!equalBytes(check, this.#bytes.subarray(end, end + FRAME_CHECK_BYTES))) {
      throw invalidBackup(`at byte ${this.#offset}: a record is damaged`);
    }
    const record = decodeContent(view.getUint8(4), this.#bytes.subarray(FRAME_HEAD_BYTES, end));
    this.#ended = record.kind === 'end';
    if (record.kind === 'end') this.#checkTotal(record.end);
    else this.#hash.update(this.#bytes.subarray(0, end + FRAME_CHECK_BYTES));
    this.#consume(end + FRAME_CHECK_BYTES);
    return record;
  }

  /** Nothing more comes. */
  close(): void {
    if (!this.#started) throw invalidBackup(`it does not begin with "${BACKUP_MAGIC}${BACKUP_FORMAT}"`);
    if (this.#bytes.length > 0) throw invalidBackup(`at byte ${this.#offset}: it was cut off within a record`);
    if (!this.#ended) throw invalidBackup('it has no end: it was cut off');
  }

  #readLine(): boolean {
    const end = this.#bytes.indexOf(0x0a);
    if (end < 0 && this.#bytes.length < MAX_LINE) return false;
    const line = end < 0 ? undefined : parseUtf8(this.#bytes.subarray(0, end));
    if (line === undefined || !/^\d+$/.test(line.slice(BACKUP_MAGIC.length)) || !line.startsWith(BACKUP_MAGIC)) {
      throw invalidBackup(`it does not begin with "${BACKUP_MAGIC}${BACKUP_FORMAT}"`);
    }
    const format = line.slice(BACKUP_MAGIC.length);
    if (format !== String(BACKUP_FORMAT)) {
      throw invalidBackup(
        `it has format ${format}, known is ${BACKUP_FORMAT}: another version of this program wrote it`,
      );
    }
    this.#started = true;
    this.#hash.update(this.#bytes.subarray(0, end + 1));
    this.#consume(end + 1);
    return true;
  }

  #consume(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#offset += count;
  }

  #checkTotal({ sha256 }: BackupEnd): void {
    if (sha256 !== toHex(this.#hash.digest())) throw invalidBackup('its parts are not those that its end tells of');
  }
}

/** Which record may follow which. */
class RecordOrder {
  #revision: number | undefined;
  #key: string | undefined;
  #entries = 0;
  #files = 0;

  check(record: BackupRecord): void {
    if ((record.kind === 'header') !== (this.#revision === undefined)) {
      throw invalidBackup(record.kind === 'header' ? 'it has two headers' : 'it has no header');
    }
    switch (record.kind) {
      case 'header':
        this.#revision = record.header.revision;
        return;
      case 'entry': {
        const { key, revision } = record.entry;
        if (this.#files > 0) throw invalidBackup('an entry follows a file');
        if (this.#key !== undefined && compareKeys(this.#key, key) >= 0) {
          throw invalidBackup(`key ${JSON.stringify(key)} is not in order`);
        }
        if (revision > (this.#revision ?? 0)) {
          throw invalidBackup(`key ${JSON.stringify(key)} has revision ${revision}, newer than the backup`);
        }
        this.#key = key;
        this.#entries++;
        return;
      }
      case 'file':
        this.#files++;
        return;
      case 'end':
        if (record.end.entries !== this.#entries || record.end.files !== this.#files) {
          throw invalidBackup('its parts are not those that its end tells of');
        }
    }
  }
}
