import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryObject } from '../../test/arbitrary-object.js';
import { sampleSchema } from '../../test/sample-schema.js';
import { hasCode } from '../base/error.js';
import { decodeObject } from './decode-json.js';
import { MAX_JSON_DEPTH } from './parse-json.js';
import { emptyMessage } from './unset-values.js';

function decode(json: unknown): Record<string, unknown> {
  return decodeObject(sampleSchema, 'Sample', json).object as unknown as Record<string, unknown>;
}

const FIELD = 'into Go struct field';

const refused: readonly { readonly json: unknown; readonly detail: string }[] = [
  { json: [1], detail: 'json: cannot unmarshal array into Go value of type v1.Sample' },
  { json: 'x', detail: 'json: cannot unmarshal string into Go value of type v1.Sample' },
  { json: 5, detail: 'json: cannot unmarshal number into Go value of type v1.Sample' },
  { json: true, detail: 'json: cannot unmarshal bool into Go value of type v1.Sample' },
  { json: { kind: 1 }, detail: `json: cannot unmarshal number ${FIELD} Sample.kind of type string` },
  { json: { apiVersion: {} }, detail: `json: cannot unmarshal object ${FIELD} Sample.apiVersion of type string` },
  { json: { metadata: 'x' }, detail: `json: cannot unmarshal string ${FIELD} Sample.metadata of type v1.ObjectMeta` },
  {
    json: { metadata: { labels: { a: 1 } } },
    detail: `json: cannot unmarshal number ${FIELD} ObjectMeta.metadata.labels of type string`,
  },
  {
    json: { metadata: { labels: ['a'] } },
    detail: `json: cannot unmarshal array ${FIELD} ObjectMeta.metadata.labels of type map[string]string`,
  },
  {
    json: { metadata: { uid: 5 } },
    detail: `json: cannot unmarshal number ${FIELD} ObjectMeta.metadata.uid of type types.UID`,
  },
  {
    json: { metadata: { creationTimestamp: 5 } },
    detail: `json: cannot unmarshal number ${FIELD} ObjectMeta.metadata.creationTimestamp of type string`,
  },
  {
    json: { metadata: { creationTimestamp: 'now' } },
    detail: 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
  },
  {
    json: { metadata: { ownerReferences: [{}, { controller: 'yes' }] } },
    detail: `json: cannot unmarshal string ${FIELD} OwnerReference.metadata.ownerReferences.controller of type bool`,
  },
  {
    json: { metadata: { ownerReferences: ['x'] } },
    detail: `json: cannot unmarshal string ${FIELD} ObjectMeta.metadata.ownerReferences of type v1.OwnerReference`,
  },
  {
    json: { spec: { seconds: 2_147_483_648 } },
    detail: `json: cannot unmarshal number 2147483648 ${FIELD} SampleSpec.spec.seconds of type int32`,
  },
  {
    json: { spec: { seconds: -2_147_483_649 } },
    detail: `json: cannot unmarshal number -2147483649 ${FIELD} SampleSpec.spec.seconds of type int32`,
  },
  {
    json: { spec: { seconds: 1.5 } },
    detail: `json: cannot unmarshal number 1.5 ${FIELD} SampleSpec.spec.seconds of type int32`,
  },
  {
    json: { spec: { seconds: '600' } },
    detail: `json: cannot unmarshal string ${FIELD} SampleSpec.spec.seconds of type int32`,
  },
  {
    json: { spec: { total: 1e19 } },
    detail: `json: cannot unmarshal number 10000000000000000000 ${FIELD} SampleSpec.spec.total of type int64`,
  },
  { json: { spec: { request: '%%%' } }, detail: 'illegal base64 data at input byte 0' },
  { json: { spec: { request: 'YWJj*' } }, detail: 'illegal base64 data at input byte 4' },
  {
    json: { spec: { request: 7 } },
    detail: `json: cannot unmarshal number ${FIELD} SampleSpec.spec.request of type []uint8`,
  },
  {
    json: { spec: { data: 'x' } },
    detail: `json: cannot unmarshal string ${FIELD} SampleSpec.spec.data of type map[string][]uint8`,
  },
  {
    json: { spec: { usages: 'signing' } },
    detail: `json: cannot unmarshal string ${FIELD} SampleSpec.spec.usages of type []v1.KeyUsage`,
  },
  {
    json: { spec: { usages: [1] } },
    detail: `json: cannot unmarshal number ${FIELD} SampleSpec.spec.usages of type v1.KeyUsage`,
  },
  {
    json: { spec: { extra: { a: 'b' } } },
    detail: `json: cannot unmarshal string ${FIELD} SampleSpec.spec.extra of type v1.ExtraValue`,
  },
  {
    json: { spec: { extra: { a: [1] } } },
    detail: `json: cannot unmarshal number ${FIELD} SampleSpec.spec.extra of type string`,
  },
  {
    json: { spec: { ports: [{ targetPort: true }] } },
    detail: `json: cannot unmarshal bool ${FIELD} Port.spec.ports.targetPort of type int32`,
  },
  {
    json: { spec: { cpu: { a: [] } } },
    detail: `json: cannot unmarshal array ${FIELD} SampleSpec.spec.cpu of type string`,
  },
  { json: { spec: { cpu: { a: '1Q' } } }, detail: "unable to parse quantity's suffix" },
  {
    json: { spec: { renewed: '2026-01-01T00:00:00Z' } },
    detail: 'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  },
];

for (const { json, detail } of refused) {
  test(`refuses ${JSON.stringify(json)}`, () => {
    assert.throws(
      () => decode(json),
      (error) => {
        assert.ok(hasCode(error, 'OBJECT_MALFORMED'));
        assert.equal(error.message, detail);
        return true;
      },
    );
  });
}

test('names the first mistake of the text, not of the schema', () => {
  assert.throws(() => decode({ status: 1, spec: { seconds: 'a', request: 5 }, metadata: 1 }), /Sample\.status of type/);
  assert.throws(() => decode({ spec: { seconds: 'a', request: 5 } }), /spec\.seconds of type int32/);
});

test('names unknown fields by their path, with places in lists', () => {
  const { unknownFields, object } = decodeObject(sampleSchema, 'Sample', {
    spce: { a: 1 },
    metadata: { name: 'x', Name: 'y', labels: { anything: 'goes' } },
    spec: { ports: [{ port: 1 }, { port: 2, prot: 'TCP' }], strategy: { rolling: { x: {} } }, raw: { free: 'form' } },
    constructor: 1,
  });
  assert.deepEqual(unknownFields, [
    'metadata.Name',
    'spec.ports[1].prot',
    'spec.strategy.rolling.x',
    'spce',
    'constructor',
  ]);
  assert.equal(object.metadata.name, 'x');
});

test('keeps at most a hundred unknown fields', () => {
  const json = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${i}`, i]));
  assert.equal(decodeObject(sampleSchema, 'Sample', json).unknownFields.length, 100);
});

test('writes what is always written, and leaves out what is unset', () => {
  const nothing = { metadata: {}, spec: { request: null, name: '', rules: null } };
  for (const json of [
    {},
    null,
    { metadata: null, spec: null, status: null, kind: null },
    { spec: { count: 0, mode: '', enabled: false, usages: [], extra: {}, data: {}, ports: null, rules: [] } },
  ]) {
    assert.deepEqual(decode(json), nothing);
  }
  assert.deepEqual(decode({ status: {} })['status'], { since: null, inner: { port: 0 } });
});

test('keeps the zero values of pointers', () => {
  const spec = { holder: '', seconds: 0, immutable: false, strategy: {}, selector: {} };
  assert.deepEqual(decode({ spec })['spec'], { request: null, name: '', rules: null, ...spec });
});

test('brings values into their canonical form', () => {
  assert.deepEqual(
    decode({
      metadata: { creationTimestamp: '2026-01-01T01:00:00.75+01:00', deletionTimestamp: '0001-01-01T00:00:00Z' },
      spec: {
        request: 'YW\nJjZB==\r\n',
        when: '2026-01-01T00:00:00-00:30',
        renewed: '2026-01-01T01:00:00.000001+01:00',
        cpu: { a: '1000m', b: 2000 },
        count: -0,
        numbers: [0, null, 3],
        usages: [null, 'any'],
        data: { none: null, some: 'YQ==' },
        extra: { none: null, empty: [], one: ['x', null] },
        ports: [null, { port: 5, targetPort: '80' }],
        raw: { z: [null, { a: null }] },
      },
    }),
    {
      metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        request: 'YWJjZA==',
        data: { none: '', some: 'YQ==' },
        name: '',
        usages: ['', 'any'],
        extra: { none: [], empty: [], one: ['x', ''] },
        when: '2026-01-01T00:30:00Z',
        renewed: '2026-01-01T00:00:00.000001Z',
        cpu: { a: '1', b: '2k' },
        ports: [{ port: 0 }, { port: 5, targetPort: '80' }],
        rules: null,
        numbers: [0, 0, 3],
        raw: { z: [null, { a: null }] },
      },
    },
  );
});

test('writes kind, apiVersion and then the fields of the schema in its order', () => {
  const text = JSON.stringify(
    decode({ spec: { total: 1, name: 'n', request: 'YQ==' }, kind: 'Sample', metadata: {}, apiVersion: 'e/v1' }),
  );
  assert.equal(
    text,
    '{"kind":"Sample","apiVersion":"e/v1","metadata":{},"spec":{"request":"YQ==","name":"n","total":1,"rules":null}}',
  );
});

test('takes __proto__ and constructor as names like any other', () => {
  const json: unknown = JSON.parse(
    '{"metadata":{"labels":{"__proto__":"a","constructor":"b"},"__proto__":{"name":"x"}},"spec":{"data":{"__proto__":"YQ==\\n"}},"__proto__":{"status":{}}}',
  );
  const { object, unknownFields } = decodeObject(sampleSchema, 'Sample', json);
  assert.deepEqual(unknownFields, ['metadata.__proto__', '__proto__']);
  assert.deepEqual(Object.entries(object.metadata.labels ?? {}), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  assert.equal(JSON.stringify((object as unknown as { spec: { data: object } }).spec.data), '{"__proto__":"YQ=="}');
  assert.equal(object.metadata.name, undefined);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
});

test('refuses free-form JSON that patches have made too deep', () => {
  const nested = (depth: number): unknown => {
    let value: unknown = {};
    for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
    return value;
  };
  decode({ spec: { raw: nested(MAX_JSON_DEPTH) } });
  for (const depth of [MAX_JSON_DEPTH + 1, 1_000_000]) {
    const deep = nested(depth);
    assert.throws(() => decode({ spec: { raw: deep } }), /^CountersignError: exceeded max depth$/);
    assert.throws(() => decode({ metadata: { managedFields: [{ fieldsV1: deep }] } }), /exceeded max depth/);
  }
});

test('changes nothing of its input, and shares no frozen default that could be changed', () => {
  const json = { metadata: { labels: { a: 'b' } }, spec: { ports: [{ port: 1 }] } };
  const before = JSON.stringify(json);
  decode(json);
  assert.equal(JSON.stringify(json), before);
  assert.ok(Object.isFrozen(emptyMessage(sampleSchema)));
});

test('decodes what it wrote to the same object', () => {
  fc.assert(
    fc.property(arbitraryObject(sampleSchema), (json) => {
      const once = decodeObject(sampleSchema, 'Sample', json);
      assert.deepEqual(once.unknownFields, []);
      const again = decodeObject(sampleSchema, 'Sample', JSON.parse(JSON.stringify(once.object)));
      assert.equal(JSON.stringify(again.object), JSON.stringify(once.object));
    }),
  );
});

test('answers any JSON with an object or OBJECT_MALFORMED', () => {
  const names = fc.constantFrom('metadata', 'spec', 'status', 'labels', 'ports', 'request', 'when', 'raw', 'kind');
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, fc.jsonValue({ maxDepth: 1 }), tie('object')),
    object: fc.dictionary(names, tie('any')),
  }));
  fc.assert(
    fc.property(any, (json) => {
      try {
        decode(json);
      } catch (error) {
        assert.ok(hasCode(error, 'OBJECT_MALFORMED'), String(error));
      }
    }),
    { numRuns: 500 },
  );
});
