import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../base/bytes.js';
import { checkDer } from './check-der.js';
import { DerReader } from './der-reader.js';
import {
  asciiOctets,
  compareDer,
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeNamedBits,
  encodeNull,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSetOf,
  encodeSmallInteger,
  encodeUnsignedInteger,
  encodeUtf8String,
} from './der-writer.js';
import { TAG } from './tag.js';

test('refuses what DER cannot say', () => {
  for (const oid of ['', '1', '3.1', '1.40', 'x']) {
    assert.throws(() => encodeOidElement(oid), { code: 'DER_UNEXPECTED' });
  }
  assert.throws(() => asciiOctets('ä'), { code: 'DER_UNEXPECTED', message: /character 0 is not ASCII/ });
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => encodeSmallInteger(value), RangeError);
});

for (const [value, hex] of [
  [0, '020100'],
  [127, '02017f'],
  [128, '02020080'],
  [255, '020200ff'],
  [256, '02020100'],
  [65_537, '0203010001'],
  [2 ** 48, '020701000000000000'],
] as const) {
  test(`writes the INTEGER ${value} as ${hex}`, () => assert.equal(toHex(encodeSmallInteger(value)), hex));
}

for (const [magnitude, hex] of [
  [[], '020100'],
  [[0, 0], '020100'],
  [[0, 0, 1], '020101'],
  [[0x80], '02020080'],
  [[0, 0x80], '02020080'],
] as const) {
  test(`writes the magnitude [${magnitude.join()}] as ${hex}`, () =>
    assert.equal(toHex(encodeUnsignedInteger(Uint8Array.from(magnitude))), hex));
}

for (const [bits, hex] of [
  [[], '030100'],
  [[false], '030100'],
  [[true], '03020780'],
  [[true, false, true, false, false], '030205a0'],
  [[false, false, false, false, false, false, false, false, true], '0303070080'],
] as const) {
  test(`writes the named bits [${bits.join()}] without trailing zeros as ${hex}`, () =>
    assert.equal(toHex(encodeNamedBits(bits)), hex));
}

test('puts a SET OF in ascending order', () => {
  const set = encodeSetOf([encodeSmallInteger(300), encodeSmallInteger(2), encodeSmallInteger(1), encodeBoolean(true)]);
  assert.equal(toHex(set), '310d0101ff0201010201020202012c');
  checkDer(set);
});

test('writes lengths in the fewest octets', () => {
  for (const [length, header] of [
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_535, '0482ffff'],
    [65_536, '0483010000'],
    [1 << 24, '048401000000'],
  ] as const) {
    const der = encodeElement(TAG.octetString, new Uint8Array(length));
    assert.equal(toHex(der.subarray(0, header.length / 2)), header);
    assert.equal(der.length, header.length / 2 + length);
  }
});

/** Values of every kind that the writer has, nested. */
const element: fc.Arbitrary<Uint8Array> = fc.letrec<{ element: Uint8Array }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.boolean().map(encodeBoolean),
    fc.nat().map(encodeSmallInteger),
    fc.uint8Array({ maxLength: 40 }).map(encodeUnsignedInteger),
    fc.uint8Array({ maxLength: 300 }).map(encodeOctetString),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => encodeBitString(bytes)),
    fc.array(fc.boolean(), { maxLength: 20 }).map(encodeNamedBits),
    fc.string({ unit: 'grapheme' }).map(encodeUtf8String),
    fc.constantFrom('1.2.3', '2.5.29.17', '2.999.1').map(encodeOidElement),
    fc.constant(encodeNull()),
    fc.array(tie('element'), { maxLength: 5 }).map((children) => encodeSequence(...children)),
    fc.array(tie('element'), { maxLength: 5 }).map((children) => encodeSetOf(children)),
    tie('element').map((child) => encodeExplicit(3, child)),
  ),
})).element;

test('property: whatever is written is DER all the way down', () => {
  fc.assert(
    fc.property(element, (der) => {
      checkDer(der, { maxDepth: 100 });
    }),
  );
});

test('property: reads back what it writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.boolean(), (bytes, number, flag) => {
      const reader = new DerReader(
        encodeSequence(
          encodeOctetString(bytes),
          encodeSmallInteger(number),
          encodeBoolean(flag),
          encodeBitString(bytes),
        ),
      ).sequence();
      assert.deepEqual(reader.octetString(), bytes);
      assert.equal(reader.smallInteger(number), number);
      assert.equal(reader.boolean(), flag);
      assert.deepEqual(reader.bitString().bytes, bytes);
      reader.end();
    }),
  );
});

test('property: an unsigned INTEGER is read back as the same magnitude', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
      const text = value.toString(16);
      const magnitude = Uint8Array.from(Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex'));
      const content = new DerReader(encodeUnsignedInteger(magnitude)).integer();
      assert.equal(BigInt(`0x${toHex(content)}`), value);
      assert.ok((content[0] ?? 0xff) < 0x80);
    }),
  );
});

test('property: the order of SET OF is a total order', () => {
  fc.assert(
    fc.property(element, element, element, (a, b, c) => {
      assert.equal(Math.sign(compareDer(a, b)) + Math.sign(compareDer(b, a)), 0);
      if (compareDer(a, b) <= 0 && compareDer(b, c) <= 0) assert.ok(compareDer(a, c) <= 0);
    }),
  );
});
