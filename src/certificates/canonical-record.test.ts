import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseUtf8 } from '../base/bytes.js';
import { canonicalJson, canonicalRecordBytes, recordName } from './canonical-record.js';
import { recordSpec } from './testing/records.js';

const nested = (levels: number): unknown => {
  let value: unknown = 'x';
  for (let i = 0; i < levels; i++) value = [value];
  return value;
};

suite('canonicalJson', () => {
  const refused: readonly { readonly name: string; readonly value: unknown }[] = [
    { name: 'refuses a fraction', value: 1.5 },
    { name: 'refuses an integer beyond 2^53', value: 2 ** 53 },
    { name: 'refuses what is no number', value: Number.NaN },
    { name: 'refuses a list with a hole', value: new Array(1) },
    { name: 'refuses a list that holds nothing', value: [undefined] },
    { name: 'refuses a bigint', value: { a: 1n } },
    { name: 'refuses what is nested without end', value: nested(65) },
  ];
  for (const { name, value } of refused) {
    test(name, () => assert.throws(() => canonicalJson(value), { code: 'OBJECT_MALFORMED' }));
  }

  const written: readonly { readonly name: string; readonly value: unknown; readonly expect: string }[] = [
    { name: 'sorts names by UTF-16 units', value: { b: 1, a: 2, é: 3, B: 4 }, expect: '{"B":4,"a":2,"b":1,"é":3}' },
    { name: 'sorts at every level, and keeps lists', value: [{ b: 1, a: [2, 1] }], expect: '[{"a":[2,1],"b":1}]' },
    {
      name: 'leaves out what Kubernetes takes for absent',
      value: { a: '', b: null, c: [], d: {}, e: { f: '' }, g: undefined, h: 0, i: false, j: 'x' },
      expect: '{"j":"x"}',
    },
    { name: 'keeps entries of lists, whatever they are', value: ['', null, 0, [], {}], expect: '["",null,0,[],{}]' },
    {
      name: 'escapes as JSON.stringify does',
      value: { a: '"\\\u0007\n\u2028é' },
      expect: '{"a":"\\"\\\\\\u0007\\n\u2028é"}',
    },
    {
      name: 'writes a name like that of the prototype',
      value: JSON.parse('{"__proto__":"x"}'),
      expect: '{"__proto__":"x"}',
    },
    { name: 'writes 64 levels', value: nested(64), expect: `${'['.repeat(64)}"x"${']'.repeat(64)}` },
  ];
  for (const { name, value, expect } of written) test(name, () => assert.equal(canonicalJson(value), expect));
});

suite('canonicalRecordBytes', () => {
  const text = (value: Parameters<typeof canonicalRecordBytes>[0]): string | undefined =>
    parseUtf8(canonicalRecordBytes(value));

  test('begins with what it is', () => {
    assert.match(text(recordSpec()) ?? '', /^countersign\.dev\/v1alpha1 CertificateRecord\n\{"decision":/);
  });

  test('does not cover the signature, and everything else', () => {
    const spec = recordSpec();
    assert.equal(text({ ...spec, signature: { keyID: 'k', value: 'v' } }), text(spec));
    assert.notEqual(text({ ...spec, facts: 'x' }), text(spec));
    const more = { ...spec, unheardOf: 'x' };
    assert.notEqual(text(more), text(spec));
  });

  test('is the same after a server has dropped, added and ordered fields', () => {
    const spec = recordSpec();
    const reordered = Object.fromEntries(Object.entries({ ...spec, facts: '' }).reverse()) as typeof spec;
    assert.equal(text({ ...reordered, requester: { ...spec.requester, groups: [], extra: {} } }), text(spec));
  });
});

test('a record has the name of the uid of its request', () => {
  assert.equal(recordName('0f9c'), '0f9c');
});
