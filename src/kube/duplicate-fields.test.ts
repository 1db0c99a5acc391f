import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findDuplicateFields, strictFindings } from './duplicate-fields.js';

const found: readonly (readonly [string, readonly string[]])[] = [
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"a":2,"a":3}', ['a']],
  ['{"data":{"a":"1","b":"","a":"2"}}', ['data.a']],
  ['{"spec":{"ports":[{"x":1},{"port":1,"port":2}]}}', ['spec.ports[1].port']],
  ['[[{"a":1,"a":1}]]', ['[0][0].a']],
  ['{"a":{"b":1},"c":{"b":1},"a":{"b":2}}', ['a']],
  ['{"\\u0061":1,"a":2}', ['a']],
  ['{"a\\"b":1,"a\\"b":2}', ['a"b']],
  ['{"__proto__":1,"__proto__":2}', ['__proto__']],
  ['{"a":"{\\"b\\":1,\\"b\\":2}"}', []],
  ['{"a":{"a":{"a":1}}}', []],
  ['{"a":[],"b":{},"c":["a","a"],"d":"a"}', []],
  ['"a"', []],
  [' { "a" : 1 , "b" : [ 1 , 2 ] } ', []],
];

for (const [text, paths] of found) {
  test(`finds ${paths.length === 0 ? 'nothing' : paths.join(', ')} in ${text}`, () => {
    assert.deepEqual(findDuplicateFields(text), paths);
  });
}

test('names unknown and doubled fields in the order of the text, and looks into no unknown field', () => {
  const text = '{"x":{"y":1,"y":2},"a":1,"b":{"c":1,"c":2,"d":[{"e":1,"e":1},{"f":{"g":1,"g":1},"h":1,"h":2}]},"a":2}';
  assert.deepEqual(strictFindings(text, ['b.d[1].f', 'x']), [
    'unknown field "x"',
    'duplicate field "b.c"',
    'duplicate field "b.d[0].e"',
    'unknown field "b.d[1].f"',
    'duplicate field "b.d[1].h"',
    'duplicate field "a"',
  ]);
});

test('an unknown field is named once, however often it stands there', () => {
  assert.deepEqual(strictFindings('{"x":1,"x":[{"a":1,"a":2}],"x":3}', ['x']), ['unknown field "x"']);
});

test('names unknown fields that the text does not have, because a patch was applied, at the end', () => {
  assert.deepEqual(strictFindings('{"a":1,"a":2}', ['b[3].c']), ['duplicate field "a"', 'unknown field "b[3].c"']);
});

test('stops at a hundred findings', () => {
  const text = `{${Array.from({ length: 300 }, (_, i) => `"k${i}":1,"k${i}":2`).join()}}`;
  assert.equal(strictFindings(text, []).length, 100);
});

test('names below a very long one cost no more than others, and their paths are cut off', { timeout: 20_000 }, () => {
  const long = 'k'.repeat(1_000_000);
  const names = Array.from({ length: 250_000 }, () => '"a":1').join();
  const text = `{"zz":1,"f":{"${long}":{${names}}}}`;
  const cut = `f.${long}`.slice(0, 1024);
  assert.deepEqual(strictFindings(text, ['zz']), ['unknown field "zz"', `duplicate field "${cut}"`]);
});

test('finds nothing in what the platform writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      assert.deepEqual(findDuplicateFields(JSON.stringify(value, null, indent)), []);
    }),
  );
});

test('finds a name that is put in twice, wherever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, name) => {
      const twice = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      assert.deepEqual(findDuplicateFields(`[{"outer":{${twice},${twice}}}]`), [`[0].outer.${name}`]);
    }),
  );
});
