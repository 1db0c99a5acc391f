import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../../test/arbitrary-object.js';
import { sampleSchema } from '../../../test/sample-schema.js';
import { decodeObject } from '../../kube/decode-json.js';
import { deleteOptionsSchema, listSchemaOf, statusSchema } from '../../kube/object-meta-schema.js';
import { StatusError } from '../../kube/status.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';
import { decodeProtobuf, encodeEnvelope } from './envelope.js';
import { encodeWatchFrame } from './watch-frame.js';

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    assert.equal(error.httpCode, 400);
    return error.message;
  }
  assert.fail('nothing was refused');
}

const envelopes: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /^empty data$/],
  ['JSON', '7b7d', /^provided data does not appear to be a protobuf message, expected prefix \[107 56 115 0\]$/],
  ['a part of the magic number', '6b3873', /expected prefix/],
  ['a field that is cut off', '6b387300 12ff', /^proto: index out of range/],
  ['a field longer than the text', '6b387300 120a00', /^proto: index out of range/],
  ['a field numbered 0', '6b387300 0200', /^proto: illegal tag 0 \(wire type 2\)$/],
  ['an unknown wire type', '6b387300 0f', /^proto: /],
];

for (const [what, bytes, message] of envelopes) {
  test(`refuses ${what} as an envelope`, () => {
    assert.match(
      refusal(() => decodeProtobuf(hex(bytes))),
      message,
    );
  });
}

const messages: readonly (readonly [string, string, RegExp])[] = [
  ['a tag that does not end', 'ffffffffffffffffffffff', /^proto: /],
  ['a length that does not end', '0affffffffffffffffffffff', /^proto: /],
  ['metadata that is a number', '0800', /^proto: wrong wireType = 0 for field metadata$/],
  ['a text in place of a number', '1203 42 0161', /^proto: wrong wireType = 2 for field count$/],
  ['a packed list', '1204 aa01 0101', /^proto: wrong wireType = 2 for field numbers$/],
  ['a group that does not end', '7b', /^proto: /],
  ['endless groups', '7b'.repeat(100_000), /^proto: /],
  ['a map entry that is cut off', '1204 0a02 0a05', /^proto: index out of range/],
  ['a time beyond the year 9999', '1209 6a07 08 80acfee2f507', /^proto: time out of range/],
  ['a negative part of a second', '120d 6a0b 10ffffffffffffffffff01', /^proto: time out of range/],
  ['a quantity that is none', '120a 7a08 0a0161 1203 0a0151', /^proto: /],
  ['a free-form value that is no JSON', '1206 b20103 0a017b', /^proto: unexpected end of JSON input$/],
];

for (const [what, bytes, message] of messages) {
  test(`refuses ${what}`, () => {
    assert.match(
      refusal(() => decodeMessage(sampleSchema, hex(bytes))),
      message,
    );
  });
}

test('takes an empty message as the zero value, as Go writes every field', () => {
  const nothing = { metadata: {}, spec: { request: null, name: '', rules: null } };
  assert.deepEqual(decodeMessage(sampleSchema, hex('')), nothing);
  // metadata{name:"", creationTimestamp:{}}, spec{request:"", name:"", count:0, enabled:false}, status{phase:""}
  const zeros = '0a04 0a00 4200 120a 3a00 1200 4000 5800 6a00 1a02 0a00';
  assert.deepEqual(decodeMessage(sampleSchema, hex(zeros)), nothing);
});

test('takes presence of a pointer as set', () => {
  // spec{holder:"", seconds:0, immutable:false, strategy:{}}
  const { spec } = decodeMessage(sampleSchema, hex('1209 2200 4800 6000 9a0100'));
  assert.deepEqual(spec, {
    request: null,
    name: '',
    holder: '',
    seconds: 0,
    immutable: false,
    rules: null,
    strategy: {},
  });
});

test('skips unknown fields of every wire type, and reads fields in any order', () => {
  const unknown = 'a00605 a1060102030405060708 a2060161 a306 0801 a406 a5060a0b0c0d';
  const decoded = decodeMessage(sampleSchema, hex(`${unknown} 1203 120161 0a03 0a0162`));
  assert.deepEqual(decoded, { metadata: { name: 'b' }, spec: { request: null, name: 'a', rules: null } });
});

test('opens the envelope that kubectl sends around DeleteOptions', () => {
  const bytes = hex('6b387300 0a13 0a027631 120d44656c6574654f7074696f6e73 1204 0800 1800 1a00 2200');
  const { apiVersion, kind, raw } = decodeProtobuf(bytes);
  assert.deepEqual([apiVersion, kind], ['v1', 'DeleteOptions']);
  assert.deepEqual(decodeMessage(deleteOptionsSchema, raw), { gracePeriodSeconds: 0, orphanDependents: false });
});

test('an envelope without a type has none', () => {
  assert.deepEqual(decodeProtobuf(hex('6b387300')), { apiVersion: '', kind: '', raw: new Uint8Array(0) });
});

test('writes the bytes that Go writes', () => {
  const raw = encodeMessage(sampleSchema, {
    kind: 'Sample',
    apiVersion: 'example.io/v1',
    metadata: { name: 'a', labels: { y: '2', x: '1' }, creationTimestamp: '1970-01-01T00:00:01Z' },
    spec: { name: '', seconds: 0, renewed: '1970-01-01T00:00:00.000001Z', extra: { k: ['v'] } },
  });
  const metadata = '0a0161 42020801 5a060a017812 0131 5a060a017912 0132';
  const spec = '3208 0a016b 12030a0176 4800 720508 0010e807';
  const bytes = (text: string): Buffer => Buffer.from(hex(text));
  const framed = (tag: string, body: string): Buffer =>
    Buffer.concat([bytes(tag), Buffer.of(bytes(body).length), bytes(body)]);
  assert.equal(
    Buffer.from(raw).toString('hex'),
    Buffer.concat([framed('0a', metadata), framed('12', spec)]).toString('hex'),
  );
});

test('frames a watch event with its length in four bytes', () => {
  const envelope = encodeEnvelope('v1', 'Status', encodeMessage(statusSchema, { code: 410 }));
  assert.equal(
    Buffer.from(envelope).toString('hex'),
    `6b387300 0a0c 0a027631 1206${Buffer.from('Status').toString('hex')} 1203 309a03 1a00 2200`.replaceAll(' ', ''),
  );
  const frame = Buffer.from(encodeWatchFrame('ERROR', envelope));
  assert.equal(frame.readUInt32BE(), frame.length - 4);
  assert.equal(frame.subarray(4, 11).toString('hex'), `0a05${Buffer.from('ERROR').toString('hex')}`);
  assert.equal(
    frame.subarray(11).toString('hex'),
    `12${byte(envelope.length + 2)}0a${byte(envelope.length)}${Buffer.from(envelope).toString('hex')}`,
  );
});

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

test('a list keeps its items and its version', () => {
  const schema = listSchemaOf(sampleSchema);
  assert.equal(listSchemaOf(sampleSchema), schema);
  const item = decodeMessage(sampleSchema, hex('0a030a0161'));
  const list = { metadata: { resourceVersion: '7', remainingItemCount: 0 }, items: [item, item] };
  assert.deepEqual(decodeMessage(schema, encodeMessage(schema, list)), list);
});

test('says in protobuf what it says in JSON', () => {
  fc.assert(
    fc.property(arbitraryObject(sampleSchema), (json) => {
      const { object } = decodeObject(sampleSchema, 'Sample', json);
      const bytes = encodeMessage(sampleSchema, object);
      assert.deepEqual(withoutEmptyMessages(decodeMessage(sampleSchema, bytes)), withoutEmptyMessages(object));
      const { raw } = decodeProtobuf(encodeEnvelope('example.io/v1', 'Sample', bytes));
      assert.deepEqual(Buffer.from(raw), Buffer.from(bytes));
    }),
  );
});

/** A message that is no pointer and holds nothing has no form of its own in protobuf. */
function withoutEmptyMessages(object: object): object {
  const { status, ...rest } = object as { readonly status?: unknown };
  return JSON.stringify(status) === '{"since":null,"inner":{"port":0}}' ? rest : object;
}

test('equal objects give equal bytes', () => {
  const a = { metadata: { name: 'x', labels: { a: '1', b: '2' } }, spec: { name: 'n', count: 1 } };
  const b = { spec: { count: 1, name: 'n' }, metadata: { labels: { b: '2', a: '1' }, name: 'x' } };
  assert.deepEqual(encodeMessage(sampleSchema, a), encodeMessage(sampleSchema, b));
});

test('takes __proto__ as a key like any other', () => {
  const object = { metadata: { labels: JSON.parse('{"__proto__":"x"}') as Record<string, string> } };
  const decoded = decodeMessage(sampleSchema, encodeMessage(sampleSchema, object));
  assert.equal(JSON.stringify(decoded['metadata']), '{"labels":{"__proto__":"x"}}');
});

test('answers any bytes with a message or a StatusError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decode of [
        () => decodeMessage(sampleSchema, bytes),
        () => decodeProtobuf(Buffer.concat([hex('6b387300'), bytes])),
      ]) {
        try {
          decode();
        } catch (error) {
          assert.ok(error instanceof StatusError, String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('answers damaged messages with a message or a StatusError', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(arbitraryObject(sampleSchema), damage, fc.nat(), (json, changes, cut) => {
      const bytes = Buffer.from(encodeMessage(sampleSchema, decodeObject(sampleSchema, 'Sample', json).object));
      fc.pre(bytes.length > 0);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        decodeMessage(sampleSchema, bytes.subarray(0, cut % 5 === 0 ? cut % bytes.length : bytes.length));
      } catch (error) {
        assert.ok(error instanceof StatusError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
