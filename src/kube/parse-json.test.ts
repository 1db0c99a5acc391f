import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasCode } from '../base/error.js';
import { endOfString, MAX_JSON_DEPTH, parseJson } from './parse-json.js';

const refused: readonly (readonly [string, string])[] = [
  ['', 'unexpected end of JSON input'],
  ['  \n', 'unexpected end of JSON input'],
  ['{"apiVersion": "v1", ', 'unexpected end of JSON input'],
  ['{"a":', 'unexpected end of JSON input'],
  ['"a', 'unexpected end of JSON input'],
  ['"a\\', 'unexpected end of JSON input'],
  ['[1', 'unexpected end of JSON input'],
  ['tru', 'unexpected end of JSON input'],
  ['-', 'unexpected end of JSON input'],
  ['1.', 'unexpected end of JSON input'],
  ['garbage', "invalid character 'g' looking for beginning of value"],
  ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['.5', "invalid character '.' looking for beginning of value"],
  ['+1', "invalid character '+' looking for beginning of value"],
  ['// x', "invalid character '/' looking for beginning of value"],
  ['\x00', "invalid character '\\x00' looking for beginning of value"],
  ['NaN', "invalid character 'N' looking for beginning of value"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['{"a":1]', "invalid character ']' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1}', "invalid character '}' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{}{}', "invalid character '{' after top-level value"],
  ['01', "invalid character '1' after top-level value"],
  ['"a\n"', "invalid character '\\n' in string literal"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1ex', "invalid character 'x' in exponent of numeric literal"],
  ['nul!', "invalid character '!' in literal null (expecting 'l')"],
  ['falze', "invalid character 'z' in literal false (expecting 's')"],
];

for (const [text, detail] of refused) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseJson(text),
      (error) => hasCode(error, 'OBJECT_MALFORMED') && error.message === detail,
      detail,
    );
  });
}

test('refuses what nests too deeply, and nothing less', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = (depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`;
    assert.throws(() => parseJson(deep(MAX_JSON_DEPTH + 1)), /^CountersignError: exceeded max depth$/);
    parseJson(deep(MAX_JSON_DEPTH));
    assert.throws(() => parseJson(open.repeat(1_000_000)), /exceeded max depth/);
  }
  parseJson(JSON.stringify('['.repeat(5000)));
});

test('keeps __proto__ as a plain name', () => {
  const parsed = parseJson('{"__proto__":{"polluted":1}}');
  assert.deepEqual(Object.keys(parsed as object), ['__proto__']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('reads what the platform writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
  );
});

test('knows what is wrong with every text that the platform refuses', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '"a"', '\\', '1', '-', '.', 'e', 'true', 'nul', ' ');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        parseJson(pieces.join(''));
      } catch (error) {
        assert.ok(hasCode(error, 'OBJECT_MALFORMED'));
        assert.match(error.message, /^(unexpected end of JSON input|invalid character )/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('finds the end of a string past escaped quotes', () => {
  assert.equal(endOfString('"a\\"b\\\\"', 1), 7);
  assert.equal(endOfString('"a', 1), 2);
  assert.equal(endOfString('"\\"', 1), 3);
});
