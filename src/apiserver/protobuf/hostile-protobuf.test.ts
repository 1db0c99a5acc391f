import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../../test/arbitrary-object.js';
import { decodeObject } from '../../kube/decode-json.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { goNameOf } from '../../kube/schema.js';
import { StatusError, type Status } from '../../kube/status.js';
import { configMaps } from '../../registry/configmaps/configmaps.js';
import { type Answer, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { SERVED_KINDS } from '../testing/served-schemas.js';
import { decodeMessage } from './decode-message.js';
import { encodeMessage } from './encode-message.js';
import { encodeEnvelope, PROTOBUF } from './envelope.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
let server: TestServer;
before(async () => {
  server = await openTestServer();
});
after(() => server.close());

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** A field that holds bytes; its number below 16, and so many bytes that their count may take several. */
function delimited(field: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) break;
  }
  return Buffer.concat([Buffer.of((field << 3) | 2, ...length), bytes]);
}

function text(field: number, value: string): Buffer {
  return delimited(field, Buffer.from(value));
}

function post(body: Uint8Array, path = MAPS): Promise<Answer> {
  return server.ask({ method: 'POST', path, body, headers: { 'content-type': PROTOBUF } });
}

function postMap(raw: Uint8Array): Promise<Answer> {
  return post(encodeEnvelope('v1', 'ConfigMap', raw));
}

/** metadata{name} */
function named(name: string): Buffer {
  return delimited(1, text(1, name));
}

const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a message that is cut off', named('a').subarray(0, 4), /^proto: index out of range/],
  ['a length beyond the end', hex('0a ffffff7f 61'), /^proto: index out of range/],
  ['a length of 2^31', hex('0a 8080808008 61'), /^proto: invalid length encoding$/],
  ['a length of 2^64 - 1', hex('0a ffffffffffffffffff01'), /^proto: /],
  ['a negative length', hex('0a ffffffffffffffffff7f'), /^proto: /],
  ['a number that does not end', hex('08 80808080808080808080'), /^proto: /],
  ['metadata that is a number', hex('0801'), /^proto: wrong wireType = 0 for field metadata$/],
  ['metadata that is a group', hex('0b 0c'), /^proto: wrong wireType = 3 for field metadata$/],
  ['an end without its group', hex('0c'), /^proto: wrong wireType = 4 for field metadata$/],
  ['an unknown end of a group', hex('7c'), /^proto: invalid wire type 4/],
  ['data in fixed numbers', hex('15 01020304'), /^proto: wrong wireType = 5 for field data$/],
  ['a map entry that is a number', hex('1001'), /^proto: wrong wireType = 0 for field data$/],
  ['a map key that is a number', hex('1202 0801'), /^proto: wrong wireType = 0 for field data$/],
  ['a map value that is a number', hex('1205 0a0161 1001'), /^proto: wrong wireType = 0 for field data$/],
  ['a flag that is text', hex('2201 31'), /^proto: wrong wireType = 2 for field immutable$/],
  ['field number 0', hex('02 00'), /^proto: illegal tag 0/],
  ['owners of fields that are no JSON', owners('{'), /^proto: unexpected end of JSON input$/],
  ['owners of fields nested beyond measure', owners('[['.repeat(5000)), /^proto: /],
];

/** metadata{name, managedFields{manager, fieldsType, fieldsV1}} */
function owners(json: string): Buffer {
  const entry = Buffer.concat([text(1, 'm'), text(2, 'Update'), text(6, 'FieldsV1'), delimited(7, text(1, json))]);
  // the number of managedFields, 17, takes two bytes with its type
  const field = Buffer.concat([hex('8a01'), delimited(1, entry).subarray(1)]);
  return delimited(1, Buffer.concat([text(1, 'a'), field]));
}

for (const [what, raw, message] of refusals) {
  test(`a body with ${what} is 400, and nothing is stored`, async () => {
    const answer = await postMap(raw);
    const status = answer.json as Status; // what it is not, the assertions find
    assert.deepEqual([answer.status, status.reason], [400, 'BadRequest'], answer.text);
    assert.match(status.message ?? '', message);
    assert.deepEqual(await stored(), []);
  });
}

async function stored(): Promise<readonly string[]> {
  const { json } = await server.ask({ path: MAPS });
  return (json as { readonly items: readonly KubeObject[] }).items.map((item) => item.metadata.name ?? '');
}

test('a body of groups in groups is refused, however many', async () => {
  const answer = await postMap(Buffer.concat([Buffer.alloc(20_000, 0x7b), Buffer.alloc(20_000, 0x7c)]));
  assert.deepEqual([answer.status, (answer.json as Status).reason], [400, 'BadRequest'], answer.text);
});

test('a body of a kind of its own, or of none, is refused as in JSON', async () => {
  const kinds: readonly (readonly [string, string, number])[] = [
    ['v1', 'Secret', 400],
    ['v2', 'ConfigMap', 400],
    ['a/b/c', 'ConfigMap', 400],
    ['v1', 'Nothing', 400],
    ['', '', 422],
  ];
  for (const [apiVersion, kind, code] of kinds) {
    const answer = await post(encodeEnvelope(apiVersion, kind, new Uint8Array(0)));
    assert.equal(answer.status, code, answer.text);
  }
});

test('of a field that stands there again the last value counts, and messages are put together', () => {
  const decode = (raw: Uint8Array): unknown => decodeMessage(configMaps.schema, raw);
  const labels = (key: string, value: string): Buffer =>
    delimited(1, delimited(11, Buffer.concat([text(1, key), text(2, value)])));
  assert.deepEqual(decode(Buffer.concat([named('a'), labels('x', '1'), named('b'), labels('x', '2')])), {
    metadata: { name: 'b', labels: { x: '2' } },
  });
  assert.deepEqual(decode(hex('2000 2001')), { metadata: {}, immutable: true });
  const twice = Buffer.concat([text(1, 'k'), text(2, 'old'), text(2, 'new')]);
  assert.deepEqual(decode(delimited(2, twice)), { metadata: {}, data: { k: 'new' } });
});

test('a map entry without key has the empty one, and one without value the empty value', () => {
  const decode = (raw: string): unknown => decodeMessage(configMaps.schema, hex(raw));
  assert.deepEqual(decode('1200'), { metadata: {}, data: { '': '' } });
  assert.deepEqual(decode('1203 120178'), { metadata: {}, data: { '': 'x' } });
  assert.deepEqual(decode('1203 0a016b'), { metadata: {}, data: { k: '' } });
  assert.deepEqual(decode('1a03 0a016b'), { metadata: {}, binaryData: { k: '' } });
});

test('numbers are cut to their size, and may be negative', () => {
  const decode = (raw: string): unknown => decodeMessage(configMaps.schema, hex(raw));
  // metadata.generation, an int64: -1, and the smallest there is
  assert.deepEqual(decode('0a0b 38ffffffffffffffffff01'), { metadata: { generation: -1 } });
  assert.deepEqual(decode('0a0b 3880808080808080808001'), { metadata: { generation: -(2 ** 63) } });
  // immutable, a bool: any number but 0
  assert.deepEqual(decode('20ff01'), { metadata: {}, immutable: true });
});

test('bytes that are no UTF-8 are read as they are in JSON', async () => {
  const raw = Buffer.concat([named('bad-text'), delimited(2, hex('0a016b 1203 61ff62'))]);
  const answer = await postMap(raw);
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual((answer.json as { data: unknown }).data, { k: 'a\ufffdb' });
  assert.equal((await postMap(delimited(1, hex('0a02 61ff')))).status, 422);
  await server.ask({ method: 'DELETE', path: `${MAPS}/bad-text` });
});

test('a body of a megabyte of nothing is read in little time, and refused', { timeout: 30_000 }, async () => {
  const bytes = 1_000_000;
  const bodies: readonly (readonly [string, Uint8Array])[] = [
    ['empty metadata again and again', repeated(hex('0a00'), bytes)],
    ['large metadata, then empty ones', Buffer.concat([named('x'.repeat(500_000)), repeated(hex('0a00'), bytes)])],
    ['empty map entries', repeated(hex('1200'), bytes)],
    ['empty finalizers', delimited(1, repeated(hex('7200'), bytes))],
    ['empty owners', delimited(1, repeated(hex('6a00'), bytes))],
    ['unknown numbers', repeated(hex('7801'), bytes)],
    ['unknown groups', repeated(hex('7b7c'), bytes)],
  ];
  for (const [what, raw] of bodies) {
    const answer = await postMap(raw);
    assert.equal(answer.status, 422, `${what}: ${answer.text.slice(0, 200)}`);
  }
});

function repeated(unit: Buffer, bytes: number): Buffer {
  return Buffer.alloc(bytes, unit);
}

test('of every kind, damaged messages are a message or a refusal', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
  for (const schema of SERVED_KINDS) {
    fc.assert(
      fc.property(arbitraryObject(schema, 2), damage, fc.nat({ max: 3 }), (json, changes, cut) => {
        const { object } = decodeObject(schema, goNameOf(schema), json);
        const bytes = Buffer.from(encodeMessage(schema, object));
        fc.pre(bytes.length > 0);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const decoded = decodeMessage(schema, bytes.subarray(0, cut === 0 ? bytes.length >> 1 : bytes.length));
          // what can be read can be written again, and shown
          decodeMessage(schema, encodeMessage(schema, decoded));
          decodeObject(schema, goNameOf(schema), JSON.parse(JSON.stringify(decoded)));
        } catch (error) {
          assert.ok(error instanceof StatusError && error.httpCode === 400, String(error));
        }
      }),
      { numRuns: 30 },
    );
  }
});

test('options of a delete in damaged protobuf are 400, and nothing is deleted', async () => {
  await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'kept' } } });
  for (const [raw, message] of [
    ['0a00', /^proto: wrong wireType = 2 for field gracePeriodSeconds$/],
    ['1001', /^proto: wrong wireType = 0 for field preconditions$/],
    ['1205 0a0a61', /^proto: index out of range/],
  ] as const) {
    const body = encodeEnvelope('v1', 'DeleteOptions', hex(raw));
    const ask = { method: 'DELETE', path: `${MAPS}/kept`, body, headers: { 'content-type': PROTOBUF } };
    const answer = await server.ask(ask);
    assert.equal(answer.status, 400, answer.text);
    assert.match((answer.json as Status).message ?? '', message);
  }
  assert.deepEqual(await stored(), ['kept']);
});
