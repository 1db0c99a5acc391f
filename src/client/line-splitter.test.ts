import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, utf8 } from '../base/bytes.js';
import { createLineSplitter } from './line-splitter.js';

const tooLong = (): Error => new RangeError('too long');

test('finds the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{0,9}$/)), fc.array(fc.nat(20)), (lines, cuts) => {
      const bytes = utf8(lines.map((line) => `${line}\n`).join(''));
      const splitter = createLineSplitter(1000, tooLong);
      const found: Uint8Array[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        const end = Math.min(bytes.length, at + cut);
        found.push(...splitter.push(bytes.slice(at, end)));
        at = end;
      }
      const text = new TextDecoder();
      assert.deepEqual(
        found.map((line) => text.decode(line)),
        lines.filter((line) => line !== ''),
      );
      assert.equal(splitter.pending, 0);
    }),
  );
});

test('refuses a line longer than its limit, in one piece or in many', () => {
  assert.throws(() => createLineSplitter(4, tooLong).push(utf8('12345\n')), RangeError);
  const splitter = createLineSplitter(4, tooLong);
  splitter.push(utf8('1234\n123'));
  assert.throws(() => splitter.push(utf8('45')), RangeError);
});

test('reads a long line in many small chunks in linear time', () => {
  const splitter = createLineSplitter(1 << 24, tooLong);
  const chunk = utf8('x'.repeat(16));
  for (let i = 0; i < 200_000; i++) assert.equal(splitter.push(chunk).length, 0);
  const [line] = splitter.push(utf8('\n'));
  assert.equal(line?.length, 3_200_000);
});

test('keeps what it was given, even when the caller uses its buffer again', () => {
  const splitter = createLineSplitter(100, tooLong);
  const buffer = utf8('a\nbc');
  splitter.push(buffer);
  buffer.fill(0x7a);
  assert.deepEqual(concatBytes(splitter.push(utf8('\n'))), utf8('bc'));
});
