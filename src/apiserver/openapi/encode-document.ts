import type { Writer } from 'protobufjs/minimal.js';
import { createWriter, DELIMITED, FIXED64, VARINT } from '../protobuf/wire.js';
import type { Json } from './components.js';
import type { Shape } from './document-shape.js';

type MessageShape = Extract<Shape, { readonly kind: 'message' }>;

/** A pair of a map. */
const NAME = 1;
const VALUE = 2;
/** Where YAML stands in the message of any value. */
const YAML = 2;

/**
 * An OpenAPI document in its protobuf form, for clients that ask for it: in version 2 kubectl 1.26 and older, and newer
 * ones for lists; in version 3 some client-go. Refuses a key that has no number there, so that nothing is lost silently.
 */
export function encodeDocument(shape: Shape, document: Json): Uint8Array {
  const writer = createWriter();
  writeContent(writer, shape, document);
  return writer.finish();
}

/** Writes what is in a message. */
function writeContent(writer: Writer, shape: Shape, value: unknown): void {
  switch (shape.kind) {
    case 'message':
      writeFields(writer, shape, asObject(value));
      break;
    case 'map':
      for (const [name, entry] of Object.entries(asObject(value)))
        writePair(writer, shape.entries, name, shape.value, entry);
      break;
    case 'wrapper':
      writeField(writer, shape.number, shape.value, value);
      break;
    case 'choice':
      writeContent(writer, shape.choose(value), value);
      break;
    case 'any':
      // JSON is YAML, too.
      writer.uint32(tag(YAML, DELIMITED)).string(`${JSON.stringify(value)}\n`);
      break;
    default:
      throw new TypeError(`a ${shape.kind} is no message`);
  }
}

function writeFields(writer: Writer, { fields, extensions }: MessageShape, object: Json): void {
  for (const [key, [number, shape]] of Object.entries(fields)) {
    const value = object[key];
    if (value !== undefined) writeField(writer, number, typeof shape === 'function' ? shape() : shape, value);
  }
  for (const [key, value] of Object.entries(object)) {
    if (Object.hasOwn(fields, key)) continue;
    if (extensions === undefined || !key.startsWith('x-')) throw new TypeError(`${key} has no protobuf form here`);
    writePair(writer, extensions, key, { kind: 'any' }, value);
  }
}

function writePair(writer: Writer, number: number, name: string, shape: Shape, value: unknown): void {
  writer.uint32(tag(number, DELIMITED)).fork();
  writer.uint32(tag(NAME, DELIMITED)).string(name);
  writeField(writer, VALUE, shape, value);
  writer.ldelim();
}

function writeField(writer: Writer, number: number, shape: Shape, value: unknown): void {
  switch (shape.kind) {
    case 'string':
      writer.uint32(tag(number, DELIMITED)).string(String(value));
      break;
    case 'boolean':
      writer.uint32(tag(number, VARINT)).bool(value === true);
      break;
    case 'integer':
      writer.uint32(tag(number, VARINT)).int64(Number(value));
      break;
    case 'number':
      writer.uint32(tag(number, FIXED64)).double(Number(value));
      break;
    case 'list':
      for (const item of asList(value)) writeField(writer, number, shape.item, item);
      break;
    default:
      writer.uint32(tag(number, DELIMITED)).fork();
      writeContent(writer, shape, value);
      writer.ldelim();
  }
}

function tag(number: number, wireType: number): number {
  return (number << 3) | wireType;
}

function asObject(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new TypeError(`${JSON.stringify(value)} is no object`);
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${JSON.stringify(value)} is no list`);
}
