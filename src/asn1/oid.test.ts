import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE_BYTES, HOSTILE_TEXTS } from '../../test/hostile.js';
import { toHex } from '../base/bytes.js';
import { DerError } from './der-error.js';
import { decodeOid, encodeOid, isOid } from './oid.js';

for (const text of [
  '',
  '1',
  '1.',
  '.1',
  '3.1',
  '0.40',
  '1.40',
  '1.2.03',
  '1.2.-1',
  '1.2.x',
  '1.2.2147483648',
  '2.2147483647',
  '1..2',
  ' 1.2',
  '1.2 ',
]) {
  test(`refuses to write ${JSON.stringify(text)}`, () => {
    assert.equal(encodeOid(text), undefined);
    assert.equal(isOid(text), false);
  });
}

for (const [text, hex] of [
  ['0.0', '00'],
  ['0.39', '27'],
  ['1.0', '28'],
  ['1.39', '4f'],
  ['2.0', '50'],
  ['2.999', '8837'],
  ['1.2.840.113549.1.1.11', '2a864886f70d01010b'],
  ['2.5.29.17', '551d11'],
  ['1.2.2147483647', '2a87ffffff7f'],
] as const) {
  test(`writes and reads ${text} as ${hex}`, () => {
    const content = encodeOid(text);
    assert.ok(content);
    assert.equal(toHex(content), hex);
    assert.equal(decodeOid(content), text);
  });
}

test('property: reads back what it writes', () => {
  const arc = fc.integer({ min: 0, max: 0x7fffffff });
  const first = fc.oneof(
    fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 39 })),
    fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 0x7fffffff - 80 })),
  );
  fc.assert(
    fc.property(first, fc.array(arc, { maxLength: 10 }), (head, rest) => {
      const text = [...head, ...rest].join('.');
      assert.equal(decodeOid(encodeOid(text) ?? assert.fail(text)), text);
    }),
  );
});

test('property: what it reads, it writes back to the same octets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (content) => {
      let text: string;
      try {
        text = decodeOid(content);
      } catch (error) {
        assert.ok(error instanceof DerError);
        return;
      }
      assert.deepEqual(encodeOid(text), content);
    }),
  );
});

test('takes the hostile values without harm', () => {
  for (const text of HOSTILE_TEXTS) assert.equal(encodeOid(text), undefined);
  for (const content of HOSTILE_BYTES) {
    try {
      decodeOid(content);
    } catch (error) {
      assert.ok(error instanceof DerError);
    }
  }
});
