import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFormat, goTypeName } from './go-format.js';

const values: readonly (readonly [unknown, string, string])[] = [
  [null, '<nil>', '%!s(<nil>)'],
  [undefined, '<nil>', '%!s(<nil>)'],
  ['a b', 'a b', 'string'],
  [1, '1', 'int64'],
  [1.5, '1.5', 'float64'],
  [true, 'true', 'bool'],
  [[], '[]', '[]interface {}'],
  [['a', 1, null], '[a 1 <nil>]', '[]interface {}'],
  [{}, 'map[]', 'map[string]interface {}'],
  [{ b: { c: [{}] }, a: 'x' }, 'map[a:x b:map[c:[map[]]]]', 'map[string]interface {}'],
];

for (const [value, text, type] of values) {
  test(`prints ${JSON.stringify(value)} as ${text}, a ${type}`, () => {
    assert.equal(goFormat(value), text);
    assert.equal(goTypeName(value), type);
  });
}
