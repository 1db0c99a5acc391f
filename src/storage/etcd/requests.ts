import protobuf from 'protobufjs/minimal.js';
import type { Writer } from 'protobufjs/minimal.js';

import type { Revision } from '../store.js';

/** A range of keys: one key where `end` is absent, else those from `key` up to, and without, `end`. */
export interface KeyRange {
  readonly key: Uint8Array;
  readonly end?: Uint8Array;
}

/** What a read asks for besides its keys. */
export interface RangeOptions {
  readonly limit?: number;
  /** The newest when absent. */
  readonly revision?: Revision;
  readonly keysOnly?: boolean;
}

/** What a transaction does when the key's newest revision is the expected one. */
export type KeyChange = { readonly kind: 'put'; readonly value: Uint8Array } | { readonly kind: 'delete' };

/** How a request's own fields are laid out. */
const VARINT = 0;
const DELIMITED = 2;

/** `etcdserverpb.Compare`: EQUAL is the default result, MOD the target. */
const TARGET_MOD = 2;

const ANY_KEY = new Uint8Array([0]);
const EMPTY = Buffer.alloc(0);

/** `etcdserverpb.RangeRequest`; a read through the quorum. */
export function encodeRange(range: KeyRange, options: RangeOptions = {}): Buffer {
  return finish(writeRange(protobuf.Writer.create(), range, options));
}

/** A read of one key, whether or not it is there: its answer tells the newest revision, or that `at` is not readable. */
export function encodeNewest(at?: Revision): Buffer {
  return encodeRange({ key: ANY_KEY }, { keysOnly: true, ...(at === undefined ? {} : { revision: at }) });
}

/**
 * `etcdserverpb.TxnRequest`: changes one key if its newest revision is `expected` (zero: if it is not there), and
 * answers the key's newest revision else.
 */
export function encodeChange(key: Uint8Array, change: KeyChange, expected: Revision): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, DELIMITED)).fork();
  writer.uint32(tag(2, VARINT)).int32(TARGET_MOD);
  writer.uint32(tag(3, DELIMITED)).bytes(key);
  writer.uint32(tag(6, VARINT)).int64(expected);
  writer.ldelim();
  writer.uint32(tag(2, DELIMITED)).fork();
  if (change.kind === 'put') {
    writer.uint32(tag(2, DELIMITED)).fork();
    writer.uint32(tag(1, DELIMITED)).bytes(key);
    writer.uint32(tag(2, DELIMITED)).bytes(change.value);
    writer.ldelim();
  } else {
    writer.uint32(tag(3, DELIMITED)).fork();
    writer.uint32(tag(1, DELIMITED)).bytes(key);
    writer.ldelim();
  }
  writer.ldelim();
  if (expected > 0) {
    writer.uint32(tag(3, DELIMITED)).fork();
    writer.uint32(tag(1, DELIMITED)).fork();
    writeRange(writer, { key }, { keysOnly: true });
    writer.ldelim();
    writer.ldelim();
  }
  return finish(writer);
}

/** `etcdserverpb.CompactionRequest`; answered as soon as history is refused, before it is swept. */
export function encodeCompaction(revision: Revision): Buffer {
  return finish(protobuf.Writer.create().uint32(tag(1, VARINT)).int64(revision));
}

/** `etcdserverpb.WatchRequest`: starts a watch with everything from a revision on. */
export function encodeWatchCreate(range: KeyRange, from: Revision): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(tag(1, DELIMITED)).fork();
  writeKeys(writer, range);
  writer.uint32(tag(3, VARINT)).int64(from);
  writer.uint32(tag(4, VARINT)).bool(true); // progress_notify
  writer.uint32(tag(6, VARINT)).bool(true); // prev_kv
  writer.uint32(tag(8, VARINT)).bool(true); // fragment
  writer.ldelim();
  return finish(writer);
}

/** `etcdserverpb.WatchRequest`: asks how far the watches of the stream are complete. */
export function encodeProgressRequest(): Buffer {
  return finish(protobuf.Writer.create().uint32(tag(3, DELIMITED)).fork().ldelim());
}

/** `etcdserverpb.StatusRequest`, and `AlarmRequest` for all alarms of all members: both are empty. */
export function encodeEmpty(): Buffer {
  return EMPTY;
}

function writeRange(writer: Writer, range: KeyRange, options: RangeOptions): Writer {
  writeKeys(writer, range);
  if (options.limit !== undefined) writer.uint32(tag(3, VARINT)).int64(options.limit);
  if (options.revision !== undefined) writer.uint32(tag(4, VARINT)).int64(options.revision);
  if (options.keysOnly === true) writer.uint32(tag(8, VARINT)).bool(true);
  return writer;
}

function writeKeys(writer: Writer, range: KeyRange): void {
  writer.uint32(tag(1, DELIMITED)).bytes(range.key);
  if (range.end !== undefined) writer.uint32(tag(2, DELIMITED)).bytes(range.end);
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function finish(writer: Writer): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
