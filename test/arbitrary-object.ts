import fc from 'fast-check';
import { toUnixSeconds } from '../src/base/clock.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../src/kube/schema.js';
import { formatMicroTime, formatTime } from '../src/kube/time.js';

/** JSON objects that fit a schema, in any spelling that a client may choose: unset, null, empty, not canonical. */
export function arbitraryObject(schema: MessageSchema, depth = 4): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(schema.fields.map((f) => [f.name, fc.option(fieldValue(f, depth), { freq: 8 })]));
  // as a client's JSON arrives: with the prototypes of JSON.parse, and without -0
  return fc.record(fields, { requiredKeys: [] }).map((o) => JSON.parse(JSON.stringify(o)) as Record<string, unknown>);
}

function fieldValue(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const single = singleValue(field, depth);
  if (field.map === true) {
    const value = field.repeated === true ? fc.array(single, { maxLength: 3 }) : single;
    return fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('__proto__', 'constructor', ''), fc.string()), value), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries));
  }
  // protobuf has no empty list to tell from none
  const minLength = field.pointer === true ? 1 : 0;
  return field.repeated === true ? fc.array(single, { minLength, maxLength: 4 }) : single;
}

function singleValue(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const message = messageOfField(field);
  if (message !== undefined) return depth === 0 ? fc.constant({}) : arbitraryObject(message, depth - 1);
  const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  switch (field.type) {
    case 'string':
      // a lone surrogate is no UTF-8
      return fc.string({ unit: 'grapheme' });
    case 'int32':
      return int32;
    case 'int64':
      return fc.maxSafeInteger();
    case 'bool':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array().map((bytes) =>
        Buffer.from(bytes)
          .toString('base64')
          .replace(/(.{4})/, '$1\n'),
      );
    case 'time':
      return fc
        .integer({ min: -62_135_596_800, max: 253_402_300_799 })
        .map((s) => formatTime(toUnixSeconds(s)).replace('Z', '.5+00:00'));
    case 'microTime':
      return fc.integer({ min: -2e15, max: 8e15 }).map(formatMicroTime);
    case 'quantity':
      return fc
        .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.constantFrom('', 'm', 'k', 'Ki', 'Gi', 'e3'))
        .map(([n, suffix]) => `${n}${suffix}`);
    case 'intOrString':
      return fc.oneof(int32, fc.string({ unit: 'grapheme' }));
    default:
      return fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 }));
  }
}
