import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseCsv } from './csv.js';

const refusals: readonly (readonly [string, string, string])[] = [
  ['a quote inside a field', 'a,b"c\n', 'f.csv:1: quote inside an unquoted field'],
  ['text behind a closing quote', 'a\n"b"c,d\n', 'f.csv:2: text behind a closing quote'],
  ['a quote that is never closed', 'a,b\n"c\nd', 'f.csv:2: quote is not closed'],
];

for (const [name, text, where] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseCsv(text, 'f.csv'), { code: 'CONFIG_INVALID', message: `Cannot read CSV: ${where}` });
  });
}

test('reads fields, quoted or not, and counts lines', () => {
  const text = 'a,b,c\r\n\n"x, ""y""\nz",,\n1';
  assert.deepEqual(parseCsv(text, 'f'), [
    { line: 1, fields: ['a', 'b', 'c'] },
    { line: 3, fields: ['x, "y"\nz', '', ''] },
    { line: 5, fields: ['1'] },
  ]);
  assert.deepEqual(parseCsv('', 'f'), []);
});

test('reads back what is written', () => {
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ maxLength: 8 }), { minLength: 2, maxLength: 4 })), (records) => {
      const text = records.map((fields) => `${fields.map(quoted).join(',')}\n`).join('');
      assert.deepEqual(
        parseCsv(text, 'f').map((record) => record.fields),
        records,
      );
    }),
  );
});
