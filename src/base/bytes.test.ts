import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import { concatBytes, equalBytes, parseHex, parseUtf8, toHex, utf8 } from './bytes.js';

suite('parseUtf8', () => {
  const refusals: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
    { name: 'a continuation byte alone', bytes: [0x80] },
    { name: 'a character that is cut off', bytes: [0xe2, 0x82] },
    { name: 'an overlong form', bytes: [0xc0, 0x80] },
    { name: 'a surrogate', bytes: [0xed, 0xa0, 0x80] },
    { name: 'a code point above U+10FFFF', bytes: [0xf4, 0x90, 0x80, 0x80] },
    { name: 'a byte that UTF-8 never has', bytes: [0xff] },
  ];
  for (const { name, bytes } of refusals) {
    test(`refuses ${name}`, () => assert.equal(parseUtf8(Uint8Array.from(bytes)), undefined));
  }
  test('gives back what utf8 made of any well-formed text, a byte-order mark too', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(parseUtf8(utf8(text)), text)));
    assert.equal(parseUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa');
  });
});

suite('parseHex', () => {
  for (const input of ['0', '0g', ' 00', '0x00', '00:00', '００']) {
    test(`refuses ${JSON.stringify(input)}`, () => assert.equal(parseHex(input), undefined));
  }
  test('gives back what toHex made of any bytes, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.equal(toHex(bytes), Buffer.from(bytes).toString('hex'));
        assert.deepEqual(parseHex(toHex(bytes)), bytes);
        assert.deepEqual(parseHex(toHex(bytes).toUpperCase()), bytes);
      }),
    );
  });
});

test('toHex puts the separator between bytes only', () => {
  assert.equal(toHex(Uint8Array.of(0, 10, 255), ':'), '00:0a:ff');
  assert.equal(toHex(Uint8Array.of(7), ':'), '07');
  assert.equal(toHex(new Uint8Array(), ':'), '');
});

test('concatBytes is what Buffer.concat is', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      assert.deepEqual(Buffer.from(concatBytes(parts)), Buffer.concat(parts));
    }),
  );
});

test('equalBytes tells a difference in length or in any byte', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
      assert.equal(equalBytes(a, a.slice()), true);
    }),
  );
});
