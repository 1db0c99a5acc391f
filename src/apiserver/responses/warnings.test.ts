import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Warnings } from './warnings.js';

function headersOf(...texts: readonly string[]): readonly string[] | undefined {
  const warnings = new Warnings();
  for (const text of texts) warnings.add(text);
  return warnings.headers();
}

test('there is no header without a warning', () => {
  assert.equal(headersOf(), undefined);
  assert.equal(headersOf(''), undefined);
});

test('quotes and backslashes are escaped, control characters never reach the header', () => {
  assert.deepEqual(headersOf('unknown field "a\\b"', 'x\r\nSet-Cookie: y'), [
    String.raw`299 - "unknown field \"a\\b\""`,
    '299 - "x  Set-Cookie: y"',
  ]);
});

test('a warning is given once', () => {
  assert.deepEqual(headersOf('a', 'b', 'a'), ['299 - "a"', '299 - "b"']);
});

test('other scripts go as the bytes of their UTF-8', () => {
  assert.deepEqual(headersOf('ü'), ['299 - "Ã¼"']);
});

test('too much text is cut, and what does not fit is dropped', () => {
  const headers = headersOf(...Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, '0')}${'x'.repeat(500)}`));
  assert.equal(headers?.length, 16);
  assert.ok(headers.every((header) => header.length === '299 - ""'.length + 256));
});
