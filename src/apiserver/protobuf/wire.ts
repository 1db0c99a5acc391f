import { createRequire } from 'node:module';
import type { Reader, Writer } from 'protobufjs/minimal.js';
import { badRequest, StatusError } from '../../kube/status.js';

/** How deeply messages may nest; no Kubernetes type comes near. */
const MAX_DEPTH = 100;

interface Library {
  readonly Reader: { create(buffer: Uint8Array): Reader };
  readonly Writer: { create(): Writer };
}

let library: Library | undefined;

/** The package costs some 15 ms to load, and a server that is only spoken to in JSON never needs it. */
function load(): Library {
  // protobufjs/minimal exports these two classes with these static methods.
  library ??= createRequire(import.meta.url)('protobufjs/minimal.js') as Library;
  return library;
}

/** The wire types that are read and written; what else there is, is only ever skipped. */
export const VARINT = 0;
/** Of doubles; no Kubernetes type has one. */
export const FIXED64 = 1;
export const DELIMITED = 2;

/** A reader over bytes that stay as they are. */
export function createReader(bytes: Uint8Array): Reader {
  return load().Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** A writer of one message. */
export function createWriter(): Writer {
  return load().Writer.create();
}

/** An int64 as a number; beyond 2^53 it loses digits. */
export function readInt64(reader: Reader): number {
  const value = reader.int64();
  // Where the package `long` is installed, an int64 comes as its two halves.
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}

/** Looks at each field of a message; `visit` reads it and answers true, or leaves it to be skipped. */
export function readFields(
  bytes: Uint8Array,
  visit: (field: number, wireType: number, reader: Reader) => boolean,
): void {
  const reader = createReader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field === 0) throw new Error(`illegal tag ${field} (wire type ${wireType})`);
    if (!visit(field, wireType, reader)) reader.skipType(wireType);
  }
}

/** Refuses a nesting that no honest client sends. */
export function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new Error('max depth exceeded');
}

/** Runs a decoder; whatever it trips over becomes a 400. */
export function refusingMalformed<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    // The package throws RangeError and Error with short texts about offsets.
    throw badRequest(`proto: ${error instanceof Error ? error.message : String(error)}`);
  }
}
