import protobuf from 'protobufjs/minimal.js';
import type { Reader } from 'protobufjs/minimal.js';

import type { Revision } from '../store.js';

/** A key as etcd holds it. The value is a view of the message. */
export interface KeyValue {
  /** The key's bytes, a view of the message. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** The revision that wrote it. */
  readonly modRevision: Revision;
  /** Writes since the key was created, that one included. */
  readonly version: number;
}

/** What a read found. */
export interface RangeResponse {
  /** The newest revision when it was answered. */
  readonly revision: Revision;
  readonly entries: readonly KeyValue[];
  readonly more: boolean;
  /** Keys in the range, those beyond the limit too. */
  readonly count: number;
}

/** What came of a conditional change. */
export interface ChangeResponse {
  /** That of the change where it was made, else the newest when it was answered. */
  readonly revision: Revision;
  readonly succeeded: boolean;
  /** The key's newest revision where the change was not made; zero when the key is not there. */
  readonly actual: Revision;
}

/** One change as etcd tells it. */
export interface EtcdEvent {
  readonly kind: 'put' | 'delete';
  readonly current: KeyValue;
  /** What was there before; absent also where history has been compacted since. */
  readonly previous: KeyValue | undefined;
}

/** A message of a watch. */
export interface WatchResponse {
  readonly revision: Revision;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Not zero when the watch was refused because history before this revision is gone. */
  readonly compactRevision: Revision;
  readonly cancelReason: string;
  /** More of the same batch follows. */
  readonly fragment: boolean;
  readonly events: readonly EtcdEvent[];
}

/** How a member is. */
export interface StatusResponse {
  readonly version: string;
  /** Bytes of the data file, and of those the bytes in use; zero where a member does not tell. */
  readonly dbSize: number;
  readonly dbSizeInUse: number;
  /** Zero when the member knows of no leader. */
  readonly leader: number;
  readonly errors: readonly string[];
}

/** An alarm that some member has raised. */
export type Alarm = 'NOSPACE' | 'CORRUPT';

const EMPTY = new Uint8Array();

/** `etcdserverpb.RangeResponse`. */
export function decodeRange(bytes: Uint8Array): RangeResponse {
  let revision = 0;
  let more = false;
  let count = 0;
  const entries: KeyValue[] = [];
  readFields(createReader(bytes), (field, reader) => {
    if (field === 1) revision = readHeader(reader);
    else if (field === 2) entries.push(readKeyValue(reader));
    else if (field === 3) more = reader.bool();
    else if (field === 4) count = readInt64(reader);
    else return false;
    return true;
  });
  return { revision, entries, more, count };
}

/** `etcdserverpb.TxnResponse`, of a request that `encodeChange` made. */
export function decodeChange(bytes: Uint8Array): ChangeResponse {
  const response = { revision: 0, succeeded: false, actual: 0 };
  readFields(createReader(bytes), (field, reader) => {
    if (field === 1) response.revision = readHeader(reader);
    else if (field === 2) response.succeeded = reader.bool();
    else if (field === 3) response.actual = readRevisionFound(reader);
    else return false;
    return true;
  });
  return response;
}

/** The revision in the header of any response; zero when it has none. */
export function decodeRevision(bytes: Uint8Array): Revision {
  let revision = 0;
  readFields(createReader(bytes), (field, reader) => {
    if (field !== 1) return false;
    revision = readHeader(reader);
    return true;
  });
  return revision;
}

/** `etcdserverpb.WatchResponse`. */
export function decodeWatch(bytes: Uint8Array): WatchResponse {
  const response = {
    revision: 0,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    fragment: false,
  };
  const events: EtcdEvent[] = [];
  readFields(createReader(bytes), (field, reader) => {
    if (field === 1) response.revision = readHeader(reader);
    else if (field === 3) response.created = reader.bool();
    else if (field === 4) response.canceled = reader.bool();
    else if (field === 5) response.compactRevision = readInt64(reader);
    else if (field === 6) response.cancelReason = reader.string();
    else if (field === 7) response.fragment = reader.bool();
    else if (field === 11) events.push(readEvent(reader));
    else return false;
    return true;
  });
  return { ...response, events };
}

/** `etcdserverpb.StatusResponse`. */
export function decodeStatus(bytes: Uint8Array): StatusResponse {
  const status = { version: '', dbSize: 0, dbSizeInUse: 0, leader: 0 };
  const errors: string[] = [];
  readFields(createReader(bytes), (field, reader) => {
    if (field === 2) status.version = reader.string();
    else if (field === 3) status.dbSize = readInt64(reader);
    else if (field === 4) status.leader = readInt64(reader);
    else if (field === 8) errors.push(reader.string());
    else if (field === 9) status.dbSizeInUse = readInt64(reader);
    else return false;
    return true;
  });
  return { ...status, errors };
}

/** `etcdserverpb.AlarmResponse`: the alarms raised, of all members. */
export function decodeAlarms(bytes: Uint8Array): ReadonlySet<Alarm> {
  const alarms = new Set<Alarm>();
  readFields(createReader(bytes), (field, reader) => {
    if (field !== 2) return false;
    readMessage(reader, (inner) => {
      if (inner !== 2) return false;
      const alarm = reader.int32();
      if (alarm === 1) alarms.add('NOSPACE');
      else if (alarm === 2) alarms.add('CORRUPT');
      return true;
    });
    return true;
  });
  return alarms;
}

function readHeader(reader: Reader): Revision {
  let revision = 0;
  readMessage(reader, (field) => {
    if (field !== 3) return false;
    revision = readInt64(reader);
    return true;
  });
  return revision;
}

function readKeyValue(reader: Reader): KeyValue {
  let key = EMPTY;
  let value = EMPTY;
  let modRevision = 0;
  let version = 0;
  readMessage(reader, (field) => {
    if (field === 1) key = readBytes(reader);
    else if (field === 3) modRevision = readInt64(reader);
    else if (field === 4) version = readInt64(reader);
    else if (field === 5) value = readBytes(reader);
    else return false;
    return true;
  });
  return { key, value, modRevision, version };
}

function readEvent(reader: Reader): EtcdEvent {
  let kind: EtcdEvent['kind'] = 'put';
  let current: KeyValue = { key: EMPTY, value: EMPTY, modRevision: 0, version: 0 };
  let previous: KeyValue | undefined;
  readMessage(reader, (field) => {
    if (field === 1) kind = reader.int32() === 1 ? 'delete' : 'put';
    else if (field === 2) current = readKeyValue(reader);
    else if (field === 3) previous = readKeyValue(reader);
    else return false;
    return true;
  });
  return { kind, current, previous };
}

/** Of a `ResponseOp` that may hold a range: the revision of its one key, zero when there is none. */
function readRevisionFound(reader: Reader): Revision {
  let found = 0;
  readMessage(reader, (operation) => {
    if (operation !== 1) return false;
    readMessage(reader, (field) => {
      if (field !== 2) return false;
      found = readKeyValue(reader).modRevision;
      return true;
    });
    return true;
  });
  return found;
}

function readMessage(reader: Reader, visit: (field: number) => boolean): void {
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!visit(tag >>> 3)) reader.skipType(tag & 7);
  }
}

function readFields(reader: Reader, visit: (field: number, reader: Reader) => boolean): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!visit(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}

/** Not of a Buffer's own kind: what it gives is plain Uint8Array views. */
function createReader(bytes: Uint8Array): Reader {
  return new protobuf.Reader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function readBytes(reader: Reader): Uint8Array<ArrayBuffer> {
  // A view of the message, which lies in an ArrayBuffer of this process.
  return reader.bytes() as Uint8Array<ArrayBuffer>;
}

/** Exact up to 2^53. */
function readInt64(reader: Reader): number {
  const value = reader.int64();
  // Where the package `long` is installed, an int64 comes as its two halves.
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}
