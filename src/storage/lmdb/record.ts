import { CountersignError } from '../../base/error.js';
import type { Revision } from '../store.js';

/**
 * The bytes of the two tables. Numbers are big-endian; a head is one byte of kind and seven of revision.
 *
 * - `index`: key -> head. Kind and revision of the key's newest write; a deleted key stays until it is compacted.
 * - `log`: revision (8 bytes) -> head, key length (2 bytes), key, value. The head holds what the write did and the
 *   revision of the write before it on the same key, zero for none.
 */
export interface Head {
  readonly kind: 'put' | 'delete';
  readonly revision: Revision;
}

/** One write as the log keeps it. */
export interface LogRecord {
  readonly kind: 'put' | 'delete';
  /** The write before this one on the same key; zero for none. It may have been compacted. */
  readonly before: Revision;
  readonly key: string;
  /** Empty for a deletion. */
  readonly value: Uint8Array;
}

const HEAD_BYTES = 8;
const VALUE_OFFSET_WITHOUT_KEY = HEAD_BYTES + 2;
const KIND_BYTES = { put: 1, delete: 2 } as const;

/** A log key. */
export function encodeRevision(revision: Revision): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeRevision(bytes, revision);
  return bytes;
}

/** Reads a log key. */
export function decodeRevision(bytes: Uint8Array): Revision {
  if (bytes.length !== 8 || bytes[0] !== 0) throw corrupt('a log key is not a revision');
  return readRevision(bytes);
}

/** An index value. */
export function encodeHead(head: Head): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES);
  writeRevision(bytes, head.revision);
  bytes[0] = KIND_BYTES[head.kind];
  return bytes;
}

/** Reads the head at the start of `bytes`, of which `length` bytes are valid. */
export function decodeHead(bytes: Uint8Array, length: number): Head {
  const kind = bytes[0] === KIND_BYTES.put ? 'put' : bytes[0] === KIND_BYTES.delete ? 'delete' : undefined;
  if (length < HEAD_BYTES || kind === undefined) throw corrupt('a record has no valid head');
  return { kind, revision: readRevision(bytes) };
}

/** A log value. */
export function encodeRecord(kind: Head['kind'], before: Revision, key: Uint8Array, value: Uint8Array): Buffer {
  const valueOffset = VALUE_OFFSET_WITHOUT_KEY + key.length;
  const bytes = Buffer.allocUnsafe(valueOffset + value.length);
  writeRevision(bytes, before);
  bytes[0] = KIND_BYTES[kind];
  bytes.writeUInt16BE(key.length, HEAD_BYTES);
  bytes.set(key, VALUE_OFFSET_WITHOUT_KEY);
  bytes.set(value, valueOffset);
  return bytes;
}

/** Reads a log value. The answer's value shares memory with `bytes`. */
export function decodeRecord(bytes: Uint8Array): LogRecord {
  const { kind, revision: before } = decodeHead(bytes, bytes.length);
  const keyLength = (octet(bytes, HEAD_BYTES) << 8) | octet(bytes, HEAD_BYTES + 1);
  const valueOffset = VALUE_OFFSET_WITHOUT_KEY + keyLength;
  if (valueOffset > bytes.length) throw corrupt('a record ends within its key');
  const key = textOf(bytes.subarray(VALUE_OFFSET_WITHOUT_KEY, valueOffset));
  // no Buffer, whose slice() is not that of a Uint8Array
  const value = new Uint8Array(bytes.buffer, bytes.byteOffset + valueOffset, bytes.length - valueOffset);
  return { kind, before, key, value };
}

/** The text of a key's bytes. */
export function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8');
}

/** A store whose bytes are not what was written. */
export function corrupt(what: string, cause?: unknown): CountersignError<'STORE_CORRUPT'> {
  return new CountersignError('STORE_CORRUPT', `Cannot read store: ${what}`, { cause });
}

/** Fills the first eight bytes; revisions stay below 2^53, so the first is zero. */
function writeRevision(bytes: Buffer, revision: Revision): void {
  bytes.writeUInt32BE(Math.floor(revision / 0x1_0000_0000), 0);
  bytes.writeUInt32BE(revision % 0x1_0000_0000, 4);
}

function readRevision(bytes: Uint8Array): Revision {
  const high = (octet(bytes, 1) << 16) | (octet(bytes, 2) << 8) | octet(bytes, 3);
  const low = octet(bytes, 4) * 0x100_0000 + ((octet(bytes, 5) << 16) | (octet(bytes, 6) << 8) | octet(bytes, 7));
  return high * 0x1_0000_0000 + low;
}

function octet(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
