import { concatBytes, parseUtf8, utf8 } from '../../base/bytes.js';
import { CountersignError } from '../../base/error.js';
import type { Entry, Revision } from '../store.js';

/**
 * A backup: everything a server needs to be what it was, in one file.
 *
 * It begins with the line `countersign-backup 1`. Then come frames: length of the content (4 bytes, big-endian), kind (1
 * byte), content, and the first 8 bytes of SHA-256 over all of that. The first frame is the header, the last one the
 * end, which says how many there were and has SHA-256 over everything before itself. Values are as they lie in the
 * store: what is sealed there is sealed here.
 */
export const BACKUP_FORMAT = 1;

/** The first line without its number. */
export const BACKUP_MAGIC = 'countersign-backup ';

/** Media type of a backup. */
export const BACKUP_MEDIA_TYPE = 'application/vnd.countersign.backup';

/** Where the server's own keys are: in frames of their own, or among the entries of the store. */
export type KeyPlace = 'files' | 'store';

/** What a backup says of itself. */
export interface BackupHeader {
  /** The store is shown as of this revision. */
  readonly revision: Revision;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Version of the program that wrote it. */
  readonly program: string;
  readonly keys: KeyPlace;
}

/** A file of the server's own: a key, a certificate. */
export interface BackupFile {
  /** Relative, with slashes: `pki/server-ca.key`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** How a backup ends. */
export interface BackupEnd {
  readonly entries: number;
  readonly files: number;
  /** SHA-256 over everything before, in hexadecimal. */
  readonly sha256: string;
}

/** One frame. */
export type BackupRecord =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'file'; readonly file: BackupFile }
  | { readonly kind: 'end'; readonly end: BackupEnd };

/** SHA-256, at once and bit by bit. */
export interface Hashing {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly begin: () => RunningHash;
}

/** A hash of what has been given to it so far. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Ends it. */
  digest(): Uint8Array;
}

/** Bytes before a frame's content, and after it. */
export const FRAME_HEAD_BYTES = 5;
export const FRAME_CHECK_BYTES = 8;

/** Longest content of a frame: far above any value that a store takes. */
export const MAX_FRAME_BYTES: number = 64 * 1024 * 1024;

const KINDS = ['header', 'entry', 'file', 'end'] as const;

/** A frame as bytes. */
export function encodeFrame(record: BackupRecord, { sha256 }: Hashing): Uint8Array {
  const content = contentOf(record);
  const frame = new Uint8Array(FRAME_HEAD_BYTES + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame[4] = KINDS.indexOf(record.kind) + 1;
  frame.set(content, FRAME_HEAD_BYTES);
  return concatBytes([frame, sha256(frame).subarray(0, FRAME_CHECK_BYTES)]);
}

function contentOf(record: BackupRecord): Uint8Array {
  switch (record.kind) {
    case 'header':
      return utf8(JSON.stringify(record.header));
    case 'end':
      return utf8(JSON.stringify(record.end));
    case 'entry': {
      const revision = new Uint8Array(8);
      new DataView(revision.buffer).setBigUint64(0, BigInt(record.entry.revision));
      return concatBytes([revision, named(record.entry.key), record.entry.value]);
    }
    case 'file':
      return concatBytes([named(record.file.name), record.file.content]);
  }
}

/** Two bytes of length, and the name. */
function named(name: string): Uint8Array {
  const bytes = utf8(name);
  return concatBytes([Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** Reads the content of a frame whose check is right. BACKUP_INVALID for what no writer of ours makes. */
export function decodeContent(kindByte: number, content: Uint8Array): BackupRecord {
  const kind = KINDS[kindByte - 1];
  if (kind === undefined) throw invalidBackup(`there is a record of unknown kind ${kindByte}`);
  switch (kind) {
    case 'header':
      return { kind, header: headerOf(jsonOf(content)) };
    case 'end':
      return { kind, end: endOf(jsonOf(content)) };
    case 'entry': {
      if (content.length < 8) throw invalidBackup('an entry is malformed');
      const { name: key, rest: value } = splitName(content.subarray(8));
      const revision = Number(new DataView(content.buffer, content.byteOffset).getBigUint64(0));
      if (key === '' || !Number.isSafeInteger(revision) || revision < 1) throw invalidBackup('an entry is malformed');
      return { kind, entry: { key, revision, value } };
    }
    case 'file': {
      const { name, rest } = splitName(content);
      if (!isFileName(name)) throw invalidBackup(`${JSON.stringify(name)} is no name of a file`);
      return { kind, file: { name, content: rest } };
    }
  }
}

/** Names lead down, never up, and nowhere else: a backup may have been made by somebody else. */
function isFileName(name: string): boolean {
  return /^(?:[A-Za-z0-9_][A-Za-z0-9_.:@~-]*\/)+[A-Za-z0-9_][A-Za-z0-9_.:@~-]*$/.test(name) && !name.endsWith('.new');
}

function splitName(content: Uint8Array): { readonly name: string; readonly rest: Uint8Array } {
  const [high, low] = content;
  if (high === undefined || low === undefined) throw invalidBackup('a record ends before its name');
  const end = 2 + high * 256 + low;
  const name = parseUtf8(content.subarray(2, end));
  if (name === undefined || end > content.length) throw invalidBackup('a record ends within its name');
  return { name, rest: content.subarray(end) };
}

type Json = Readonly<Record<string, unknown>>;

function jsonOf(content: Uint8Array): Json {
  try {
    const value = JSON.parse(parseUtf8(content) ?? '') as unknown;
    if (typeof value === 'object' && value !== null) return value as Json; // read field by field below
  } catch (cause) {
    throw invalidBackup('its header or end is no JSON', cause);
  }
  throw invalidBackup('its header or end is no JSON object');
}

function headerOf({ revision, createdAt, program, keys }: Json): BackupHeader {
  if (
    typeof revision !== 'number' ||
    !Number.isSafeInteger(revision) ||
    revision < 0 ||
    typeof createdAt !== 'string' ||
    typeof program !== 'string' ||
    (keys !== 'files' && keys !== 'store')
  ) {
    throw invalidBackup('its header is malformed');
  }
  return { revision, createdAt, program, keys };
}

function endOf({ entries, files, sha256 }: Json): BackupEnd {
  if (typeof entries !== 'number' || typeof files !== 'number' || typeof sha256 !== 'string') {
    throw invalidBackup('its end is malformed');
  }
  return { entries, files, sha256 };
}

/** What is wrong with a backup. */
export function invalidBackup(what: string, cause?: unknown): CountersignError<'BACKUP_INVALID'> {
  return new CountersignError('BACKUP_INVALID', `Cannot read backup: ${what}`, cause === undefined ? {} : { cause });
}
