import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from './components.js';
import { encodeDocument } from './encode-document.js';
import { OPENAPI_DOCUMENT } from './openapi-messages.js';
import { SWAGGER_DOCUMENT } from './swagger-messages.js';

const refusals: readonly { readonly name: string; readonly document: Json; readonly message: string }[] = [
  { name: 'a key without number', document: { host: 'x' }, message: 'host has no protobuf form here' },
  {
    name: 'a key without number further in',
    document: { definitions: { A: { oneOf: [] } } },
    message: 'oneOf has no protobuf form here',
  },
  {
    name: 'an extension where there can be none',
    document: { definitions: { A: { type: 'object' } }, paths: { '/x': { get: { 'y-kubernetes': 1 } } } },
    message: 'y-kubernetes has no protobuf form here',
  },
  {
    name: 'a parameter in a place that there is not',
    document: { paths: { '/x': { parameters: [{ in: 'header', name: 'a' }] } } },
    message: 'a parameter in header has no protobuf form here',
  },
  { name: 'text in place of an object', document: { definitions: 'x' }, message: '"x" is no object' },
  { name: 'a list in place of an object', document: { definitions: [] }, message: '[] is no object' },
  { name: 'null in place of an object', document: { info: null }, message: 'null is no object' },
  { name: 'an object in place of a list', document: { security: {} }, message: '{} is no list' },
];

for (const { name, document, message } of refusals) {
  test(`version 2 refuses ${name}`, () => {
    assert.throws(() => encodeDocument(SWAGGER_DOCUMENT, document), new TypeError(message));
  });
}

/** A field whose content is text, bytes, or other fields. */
function field(number: number, ...content: readonly (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)));
  const tag = number < 16 ? [(number << 3) | 2] : [((number << 3) & 0x7f) | 0x82, number >> 4];
  assert.ok(bytes.length < 128, 'one byte of length');
  return Buffer.concat([Buffer.from([...tag, bytes.length]), bytes]);
}

/** A field that is a number of one byte. */
function small(number: number, value: number): Buffer {
  return Buffer.from(number < 16 ? [number << 3, value] : [((number << 3) & 0x7f) | 0x80, number >> 4, value]);
}

const definition = (...schema: readonly Buffer[]): Buffer => field(9, field(1, field(1, 'A'), field(2, ...schema)));

const parameter = (...inner: readonly Buffer[]): Buffer => field(8, field(2, field(1, '/x'), field(2, ...inner)));

/** By the numbers of the public schema. */
const forms: readonly { readonly name: string; readonly document: Json; readonly bytes: Buffer }[] = [
  {
    name: 'the head of a document, in the order of the numbers',
    document: { info: { version: '1', title: 't' }, swagger: '2.0' },
    bytes: Buffer.concat([field(1, '2.0'), field(2, field(1, 't'), field(2, '1'))]),
  },
  {
    name: 'a type, which is a list there',
    document: { definitions: { A: { type: 'string' } } },
    bytes: definition(field(22, field(1, 'string'))),
  },
  {
    name: 'properties, also where there are none',
    document: { definitions: { A: { properties: {} } } },
    bytes: definition(field(25)),
  },
  {
    name: 'a property that refers to another schema',
    document: { definitions: { A: { properties: { b: { $ref: '#/definitions/A' } } } } },
    bytes: definition(field(25, field(1, field(1, 'b'), field(2, field(1, '#/definitions/A'))))),
  },
  {
    name: 'the items of a list',
    document: { definitions: { A: { items: { format: 'byte' } } } },
    bytes: definition(field(23, field(1, field(2, 'byte')))),
  },
  {
    name: 'the values of a map',
    document: { definitions: { A: { additionalProperties: { format: 'byte' } } } },
    bytes: definition(field(21, field(1, field(2, 'byte')))),
  },
  {
    name: 'a map of anything',
    document: { definitions: { A: { additionalProperties: true } } },
    bytes: definition(field(21, small(2, 1))),
  },
  {
    name: 'what is required, and values in YAML',
    document: { definitions: { A: { enum: ['b', 2], default: false, required: ['c', 'd'] } } },
    bytes: definition(
      field(5, field(2, 'false\n')),
      field(19, 'c'),
      field(19, 'd'),
      field(20, field(2, '"b"\n')),
      field(20, field(2, '2\n')),
    ),
  },
  {
    name: 'bounds',
    document: { definitions: { A: { minItems: 3, minimum: 1.5, exclusiveMinimum: true } } },
    bytes: definition(Buffer.from([(9 << 3) | 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]), small(10, 1), small(15, 3)),
  },
  {
    name: 'extensions by name',
    document: { definitions: { A: { 'x-kubernetes-list-map-keys': ['k'] } } },
    bytes: definition(field(31, field(1, 'x-kubernetes-list-map-keys'), field(2, field(2, '["k"]\n')))),
  },
  {
    name: 'a parameter of the query',
    document: { paths: { '/x': { parameters: [{ in: 'query', name: 'q', type: 'string', uniqueItems: true }] } } },
    bytes: parameter(
      field(9, field(1, field(2, field(3, field(2, 'query'), field(4, 'q'), field(6, 'string'), small(20, 1))))),
    ),
  },
  {
    name: 'a parameter of the path',
    document: { paths: { '/x': { parameters: [{ in: 'path', name: 'p', type: 'string', required: true }] } } },
    bytes: parameter(
      field(9, field(1, field(2, field(4, small(1, 1), field(2, 'path'), field(4, 'p'), field(5, 'string'))))),
    ),
  },
  {
    name: 'a body',
    document: { paths: { '/x': { post: { parameters: [{ in: 'body', name: 'b', schema: { $ref: 'r' } }] } } } },
    bytes: parameter(field(4, field(8, field(1, field(1, field(2, 'b'), field(3, 'body'), field(5, field(1, 'r'))))))),
  },
  {
    name: 'answers by their codes',
    document: { paths: { '/x': { get: { responses: { 200: { description: 'OK', schema: { $ref: 'r' } } } } } } },
    bytes: parameter(
      field(
        2,
        field(9, field(1, field(1, '200'), field(2, field(1, field(1, 'OK'), field(2, field(1, field(1, 'r'))))))),
      ),
    ),
  },
  {
    name: 'the kind of an operation',
    document: { paths: { '/x': { patch: { 'x-kubernetes-group-version-kind': { group: '', kind: 'K' } } } } },
    bytes: parameter(
      field(8, field(13, field(1, 'x-kubernetes-group-version-kind'), field(2, field(2, '{"group":"","kind":"K"}\n')))),
    ),
  },
  {
    name: 'how a caller proves who it is',
    document: { securityDefinitions: { B: { type: 'apiKey', in: 'header' } }, security: [{ B: [] }] },
    bytes: Buffer.concat([
      field(12, field(1, field(1, 'B'), field(2))),
      field(13, field(1, field(1, 'B'), field(2, field(2, field(1, 'apiKey'), field(3, 'header'))))),
    ]),
  },
];

for (const { name, document, bytes } of forms) {
  test(`version 2 writes ${name}`, () => {
    assert.equal(Buffer.from(encodeDocument(SWAGGER_DOCUMENT, document)).toString('hex'), bytes.toString('hex'));
  });
}

test('version 3 refuses keys without number, and defaults that are no single value', () => {
  const encode = (schema: Json) => () => encodeDocument(OPENAPI_DOCUMENT, { components: { schemas: { A: schema } } });
  assert.throws(encode({ discriminator: {} }), new TypeError('discriminator has no protobuf form here'));
  assert.throws(encode({ $ref: 'r', description: 'd' }), new TypeError('description has no protobuf form here'));
  assert.throws(encode({ default: [] }), new TypeError('[] as a default has no protobuf form'));
});

const schemaOf3 = (...schema: readonly Buffer[]): Buffer =>
  field(5, field(1, field(1, field(1, 'A'), field(2, field(1, ...schema)))));

const forms3: readonly { readonly name: string; readonly document: Json; readonly bytes: Buffer }[] = [
  {
    name: 'the head of a document',
    document: { info: { version: '1', title: 't' }, openapi: '3.0.0' },
    bytes: Buffer.concat([field(1, '3.0.0'), field(2, field(1, 't'), field(6, '1'))]),
  },
  {
    name: 'a property that refers to another schema, and one of two types',
    document: {
      components: { schemas: { A: { properties: { b: { allOf: [{ $ref: 'r' }], oneOf: [{ type: 'x' }] } } } } },
    },
    bytes: schemaOf3(
      field(
        31,
        field(
          1,
          field(1, 'b'),
          field(2, field(1, field(26, field(2, field(1, 'r'))), field(27, field(1, field(25, 'x'))))),
        ),
      ),
    ),
  },
  {
    name: 'a list whose items have a default',
    document: { components: { schemas: { A: { type: 'array', items: { default: 'd', 'x-kubernetes-a': 1 } } } } },
    bytes: schemaOf3(
      field(25, 'array'),
      field(
        30,
        field(1, field(1, field(33, field(3, 'd')), field(36, field(1, 'x-kubernetes-a'), field(2, field(2, '1\n'))))),
      ),
    ),
  },
  {
    name: 'defaults that are numbers and flags',
    document: { components: { schemas: { A: { additionalProperties: { default: false }, default: 1.5 } } } },
    bytes: schemaOf3(
      field(32, field(1, field(1, field(33, small(2, 0))))),
      field(33, Buffer.from([(1 << 3) | 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f])),
    ),
  },
  {
    name: 'what is sent and answered',
    document: {
      paths: {
        '/x': {
          post: {
            parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }],
            requestBody: { content: { t: { schema: { $ref: 'r' } } }, required: true },
            responses: { 201: { description: 'Created' } },
          },
        },
      },
    },
    bytes: field(
      4,
      field(
        1,
        field(1, '/x'),
        field(
          2,
          field(
            6,
            field(6, field(1, field(1, 'q'), field(2, 'query'), field(10, field(1, field(25, 'string'))))),
            field(
              7,
              field(1, field(2, field(1, field(1, 't'), field(2, field(1, field(2, field(1, 'r')))))), small(3, 1)),
            ),
            field(8, field(2, field(1, '201'), field(2, field(1, field(1, 'Created'))))),
          ),
        ),
      ),
    ),
  },
  {
    name: 'how a caller proves who it is',
    document: { components: { securitySchemes: { B: { type: 'apiKey', in: 'header' } } } },
    bytes: field(5, field(7, field(1, field(1, 'B'), field(2, field(1, field(1, 'apiKey'), field(4, 'header')))))),
  },
];

for (const { name, document, bytes } of forms3) {
  test(`version 3 writes ${name}`, () => {
    assert.equal(Buffer.from(encodeDocument(OPENAPI_DOCUMENT, document)).toString('hex'), bytes.toString('hex'));
  });
}
