import type { Reader } from 'protobufjs/minimal.js';
import { toUnixSeconds } from '../../base/clock.js';
import { parseJson } from '../../kube/parse-json.js';
import { canonicalQuantity } from '../../kube/quantity.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';
import { formatMicroTime, formatTime, ZERO_TIME } from '../../kube/time.js';
import { emptyMessage, emptyValue, isZero, setOwn } from '../../kube/unset-values.js';
import { assertDepth, DELIMITED, readFields, readInt64, refusingMalformed, VARINT } from './wire.js';
import { type WireFields, wireFieldsOf } from './wire-fields.js';

/**
 * Decodes a message without its envelope into the same JSON shape that `decodeObject` gives, without kind and
 * apiVersion. Go writes every field that is no pointer, so an empty one counts as unset. Unknown fields are skipped. Of
 * a field that stands there again the last value counts, and messages are put together, as everywhere in protobuf.
 * Throws StatusError 400 for malformed input.
 */
export function decodeMessage(schema: MessageSchema, raw: Uint8Array): Record<string, unknown> {
  return refusingMalformed(() => decodeFields(schema, raw, 0) ?? { ...emptyMessage(schema) });
}

/** The fields of a message in the schema's order; undefined when none is set. */
function decodeFields(schema: MessageSchema, raw: Uint8Array, depth: number): Record<string, unknown> | undefined {
  assertDepth(depth);
  const read = new Map<FieldSchema, unknown>();
  readWireFields(wireFieldsOf(schema), raw, read, depth);
  const message: Record<string, unknown> = {};
  let set = false;
  for (const field of schema.fields) {
    const found = read.get(field);
    const value = found instanceof MessageParts ? found.decode(field, depth) : found;
    const unset = value === undefined || (field.repeated !== true && field.map !== true && isZero(field, value));
    if (!unset) set = true;
    const shown = unset ? emptyValue(field) : value;
    if (shown !== undefined) message[field.name] = shown;
  }
  return set ? message : undefined;
}

function readWireFields(fields: WireFields, raw: Uint8Array, read: Map<FieldSchema, unknown>, depth: number): void {
  readFields(raw, (number, wireType, reader) => {
    const wire = fields.get(number);
    if (wire === undefined) return false;
    if (wire.kind === 'field') readField(wire.field, wireType, reader, read, depth);
    else {
      assertWireType({ name: `number ${number}` }, wireType, DELIMITED);
      readWireFields(wire.fields, reader.bytes(), read, depth);
    }
    return true;
  });
}

function readField(
  field: FieldSchema,
  wireType: number,
  reader: Reader,
  read: Map<FieldSchema, unknown>,
  depth: number,
): void {
  if (field.map === true) {
    assertWireType(field, wireType, DELIMITED);
    // Made here for the first entry, and never anything else.
    const map = (read.get(field) ?? {}) as Record<string, unknown>;
    readEntry(field, reader.bytes(), map, depth);
    read.set(field, map);
  } else if (field.repeated === true) {
    // Made here for the first item, and never anything else.
    const list = (read.get(field) ?? []) as unknown[];
    list.push(readSingle(field, wireType, reader, depth) ?? zeroOf(field));
    read.set(field, list);
  } else if (typeof field.type === 'string') read.set(field, readSingle(field, wireType, reader, depth));
  else {
    assertWireType(field, wireType, DELIMITED);
    const parts = read.get(field);
    if (parts instanceof MessageParts) parts.add(reader.bytes());
    else read.set(field, new MessageParts(reader.bytes()));
  }
}

/** A message that is no item of a list, in all the parts in which it came: one after the other they are the whole. */
class MessageParts {
  readonly #parts: Uint8Array[];

  constructor(first: Uint8Array) {
    this.#parts = [first];
  }

  add(part: Uint8Array): void {
    this.#parts.push(part);
  }

  decode(field: FieldSchema, depth: number): unknown {
    const [first = new Uint8Array(0)] = this.#parts;
    return readMessage(field, this.#parts.length === 1 ? first : Buffer.concat(this.#parts), depth);
  }
}

/** A message of a field; undefined where nothing of it is set. */
function readMessage(field: FieldSchema, raw: Uint8Array, depth: number): unknown {
  const message = messageOfField(field);
  if (message === undefined) return undefined;
  return decodeFields(message, raw, depth + 1) ?? (field.pointer === true ? { ...emptyMessage(message) } : undefined);
}

function readEntry(field: FieldSchema, raw: Uint8Array, map: Record<string, unknown>, depth: number): void {
  let key = '';
  let value: unknown;
  readFields(raw, (number, wireType, reader) => {
    if (number > 2) return false;
    if (number === 1) {
      assertWireType(field, wireType, DELIMITED);
      key = reader.string();
    } else if (field.repeated === true) {
      assertWireType(field, wireType, DELIMITED);
      value = readItems(field, reader.bytes());
    } else value = readSingle(field, wireType, reader, depth);
    return true;
  });
  setOwn(map, key, value ?? (field.repeated === true ? [] : zeroOf(field)));
}

/** The message that stands for a list of strings where a map holds lists: `{1 items}`. */
function readItems(field: FieldSchema, raw: Uint8Array): readonly string[] {
  const items: string[] = [];
  readFields(raw, (number, wireType, reader) => {
    if (number !== 1) return false;
    assertWireType(field, wireType, DELIMITED);
    items.push(reader.string());
    return true;
  });
  return items;
}

/** One value; undefined for a message of which nothing is set, and for a time that is none. */
function readSingle(field: FieldSchema, wireType: number, reader: Reader, depth: number): unknown {
  if (typeof field.type !== 'string') {
    assertWireType(field, wireType, DELIMITED);
    return readMessage(field, reader.bytes(), depth);
  }
  assertWireType(field, wireType, isVarint(field) ? VARINT : DELIMITED);
  switch (field.type) {
    case 'string':
      return reader.string();
    case 'int32':
      return reader.int32();
    case 'int64':
      return readInt64(reader);
    case 'bool':
      return reader.bool();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'time':
      return readTime(reader.bytes(), false);
    case 'microTime':
      return readTime(reader.bytes(), true);
    case 'quantity':
      return readQuantity(reader.bytes());
    case 'intOrString':
      return readIntOrString(reader.bytes());
    default:
      return readJson(reader.bytes());
  }
}

function isVarint(field: FieldSchema): boolean {
  return field.type === 'int32' || field.type === 'int64' || field.type === 'bool';
}

/** What an item of a list or map is when it was sent empty. */
function zeroOf(field: FieldSchema): unknown {
  const message = messageOfField(field);
  if (message !== undefined) return { ...emptyMessage(message) };
  return field.type === 'string' || field.type === 'bytes'
    ? ''
    : field.type === 'bool'
      ? false
      : isVarint(field)
        ? 0
        : null;
}

function readTime(raw: Uint8Array, micro: boolean): string | undefined {
  let seconds = 0;
  let nanos = 0;
  readFields(raw, (number, wireType, reader) => {
    if (wireType !== VARINT || number > 2) return false;
    if (number === 1) seconds = readInt64(reader);
    else nanos = reader.int32();
    return true;
  });
  if (raw.length === 0 || seconds === ZERO_TIME) return undefined;
  if (seconds < ZERO_TIME || seconds > 253_402_300_799) throw new Error(`time out of range: ${seconds} seconds`);
  if (nanos < 0 || nanos > 999_999_999) throw new Error(`time out of range: ${nanos} nanoseconds`);
  return micro ? formatMicroTime(seconds * 1e6 + Math.floor(nanos / 1000)) : formatTime(toUnixSeconds(seconds));
}

function readQuantity(raw: Uint8Array): string {
  let text = '';
  readFields(raw, (number, wireType, reader) => {
    if (number !== 1 || wireType !== DELIMITED) return false;
    text = reader.string();
    return true;
  });
  const result = canonicalQuantity(text === '' ? '0' : text);
  if (result.kind === 'invalid') throw new Error(result.detail);
  return result.text;
}

function readIntOrString(raw: Uint8Array): number | string {
  const read = { type: 0, number: 0, text: '' };
  readFields(raw, (part, wireType, reader) => {
    if (part === 3 && wireType === DELIMITED) read.text = reader.string();
    else if (part <= 2 && wireType === VARINT) {
      if (part === 1) read.type = readInt64(reader);
      else read.number = reader.int32();
    } else return false;
    return true;
  });
  return read.type === 1 ? read.text : read.number;
}

/** FieldsV1 and RawExtension: JSON in bytes. */
function readJson(raw: Uint8Array): unknown {
  let json: unknown;
  readFields(raw, (number, wireType, reader) => {
    if (number !== 1 || wireType !== DELIMITED) return false;
    const bytes = reader.bytes();
    if (bytes.length > 0) json = parseJson(Buffer.from(bytes).toString());
    return true;
  });
  return json;
}

function assertWireType(field: Pick<FieldSchema, 'name'>, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`wrong wireType = ${actual} for field ${field.name}`);
}
