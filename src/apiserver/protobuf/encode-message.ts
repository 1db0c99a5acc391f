import type { Writer } from 'protobufjs/minimal.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';
import { parseMicroTime, parseTime } from '../../kube/time.js';
import { createWriter, DELIMITED, VARINT } from './wire.js';
import { type WireFields, wireFieldsOf } from './wire-fields.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Encodes an object in its JSON shape as a message without envelope; kind and apiVersion are left out, and what is
 * unset or, where the field is no pointer, empty. Fields stand in the order of their numbers, map entries in that of
 * their keys, so that equal objects give equal bytes. Expects an object that was decoded or built by its schema.
 */
export function encodeMessage(schema: MessageSchema, object: object): Uint8Array {
  const writer = createWriter();
  writeFields(writer, wireFieldsOf(schema), asObject(object));
  return writer.finish();
}

function asObject(value: unknown): JsonObject {
  // An object of the schema: its decoder proved that messages and maps are objects.
  return value as JsonObject;
}

function asList(value: unknown): readonly unknown[] {
  // An object of the schema: its decoder proved that repeated fields are arrays.
  return value as readonly unknown[];
}

function writeFields(writer: Writer, fields: WireFields, object: JsonObject): void {
  for (const [number, wire] of fields) {
    if (wire.kind === 'field') writeField(writer, wire.field, object[wire.field.name]);
    else if (holdsAny(wire.fields, object)) {
      writer.uint32((number << 3) | DELIMITED).fork();
      writeFields(writer, wire.fields, object);
      writer.ldelim();
    }
  }
}

function holdsAny(fields: WireFields, object: JsonObject): boolean {
  for (const wire of fields.values()) {
    if (wire.kind === 'field' && (object[wire.field.name] ?? null) !== null) return true;
  }
  return false;
}

function writeField(writer: Writer, field: FieldSchema, value: unknown): void {
  if (value === undefined || value === null) return;
  if (field.map === true) writeMap(writer, field, asObject(value));
  else if (field.repeated === true) for (const item of asList(value)) writeSingle(writer, field, field.number, item);
  else if (field.pointer === true || (value !== '' && value !== 0 && value !== false)) {
    writeSingle(writer, field, field.number, value);
  }
}

function writeMap(writer: Writer, field: FieldSchema, map: JsonObject): void {
  for (const key of Object.keys(map).sort()) {
    const value = map[key];
    writer.uint32((field.number << 3) | DELIMITED).fork();
    writer.uint32((1 << 3) | DELIMITED).string(key);
    if (field.repeated === true) {
      writer.uint32((2 << 3) | DELIMITED).fork();
      for (const item of asList(value)) writer.uint32((1 << 3) | DELIMITED).string(String(item));
      writer.ldelim();
    } else writeSingle(writer, field, 2, value);
    writer.ldelim();
  }
}

/** Writes a value that is set; null among the items of a list is written empty. */
function writeSingle(writer: Writer, field: FieldSchema, number: number, value: unknown): void {
  const message = messageOfField(field);
  if (message !== undefined) {
    writer.uint32((number << 3) | DELIMITED).fork();
    writeFields(writer, wireFieldsOf(message), asObject(value ?? {}));
    writer.ldelim();
    return;
  }
  switch (field.type) {
    case 'int32':
      writer.uint32((number << 3) | VARINT).int32(Number(value));
      break;
    case 'int64':
      writer.uint32((number << 3) | VARINT).int64(clampInt64(Number(value)));
      break;
    case 'bool':
      writer.uint32((number << 3) | VARINT).bool(value === true);
      break;
    case 'string':
      writer.uint32((number << 3) | DELIMITED).string(String(value));
      break;
    case 'bytes':
      writer.uint32((number << 3) | DELIMITED).bytes(Buffer.from(String(value), 'base64'));
      break;
    default:
      writer.uint32((number << 3) | DELIMITED).fork();
      writeStructured(writer, field, value);
      writer.ldelim();
  }
}

/** The types that are one value in JSON and a message in protobuf. */
function writeStructured(writer: Writer, field: FieldSchema, value: unknown): void {
  switch (field.type) {
    case 'time':
      writeTime(writer, (parseTime(String(value)) ?? 0) * 1e6);
      break;
    case 'microTime':
      writeTime(writer, parseMicroTime(String(value)) ?? 0);
      break;
    case 'quantity':
      writer.uint32((1 << 3) | DELIMITED).string(String(value));
      break;
    case 'intOrString':
      if (typeof value === 'string') {
        writer.uint32((1 << 3) | VARINT).int64(1);
        writer.uint32((3 << 3) | DELIMITED).string(value);
      } else writer.uint32((2 << 3) | VARINT).int32(Number(value));
      break;
    default:
      writer.uint32((1 << 3) | DELIMITED).string(JSON.stringify(value));
  }
}

/** 1970-01-01T00:00:00Z is written too, so that it is not taken for no time. */
function writeTime(writer: Writer, micros: number): void {
  const seconds = Math.floor(micros / 1e6);
  writer.uint32((1 << 3) | VARINT).int64(seconds);
  const nanos = (micros - seconds * 1e6) * 1000;
  if (nanos > 0) writer.uint32((2 << 3) | VARINT).int32(nanos);
}

/** 2^63 stands for the greatest int64, which no number holds. */
function clampInt64(value: number): number {
  return value >= 2 ** 63 ? 2 ** 63 - 1024 : value;
}
