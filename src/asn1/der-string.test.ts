import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHex, utf8 } from '../base/bytes.js';
import { decodeString, isPrintableText, stringTypeOf, type DerStringType } from './der-string.js';

const hex = (text: string): Uint8Array => parseHex(text) ?? assert.fail(text);

const refusals: readonly (readonly [DerStringType, string, Uint8Array])[] = [
  ['utf8', 'a lone continuation octet', hex('80')],
  ['utf8', 'an overlong slash', hex('c0af')],
  ['utf8', 'a surrogate', hex('eda080')],
  ['utf8', 'a character that is cut off', hex('e282')],
  ['utf8', 'a number above 10FFFF', hex('f4908080')],
  ['printable', 'an at sign', utf8('a@b')],
  ['printable', 'an underscore', utf8('a_b')],
  ['printable', 'a NUL', hex('6100')],
  ['printable', 'an umlaut', hex('e4')],
  ['ia5', 'an octet of 80', hex('80')],
  ['numeric', 'a letter', utf8('12a')],
  ['visible', 'a tab', utf8('\t')],
  ['bmp', 'an odd number of octets', hex('004100')],
  ['bmp', 'a surrogate', hex('d83dde00')],
  ['bmp', 'a noncharacter', hex('fffe')],
  ['bmp', 'a noncharacter of the Arabic block', hex('fdd0')],
  ['universal', 'three octets', hex('000041')],
  ['universal', 'a number above 10FFFF', hex('00110000')],
  ['universal', 'a surrogate', hex('0000d800')],
];
for (const [type, name, content] of refusals) {
  test(`refuses a ${type} string with ${name}`, () => assert.equal(decodeString(type, content), undefined));
}

for (const [type, content, text] of [
  ['utf8', utf8('Zürich 🏔'), 'Zürich 🏔'],
  ['utf8', hex('efbbbf41'), '\ufeffA'],
  ['printable', utf8("Az09 '()+,-./:=?*&"), "Az09 '()+,-./:=?*&"],
  ['ia5', utf8('a@b_c\u007f'), 'a@b_c\u007f'],
  ['numeric', utf8('12 34'), '12 34'],
  ['teletex', hex('e461'), 'äa'],
  ['bmp', hex('00410042'), 'AB'],
  ['bmp', hex('00410000'), 'A'],
  ['universal', hex('0001f600'), '😀'],
  ['visible', utf8('a~'), 'a~'],
] as const) {
  test(`reads ${JSON.stringify(text)} from a ${type} string`, () => assert.equal(decodeString(type, content), text));
}

test('knows the string types by their tag, and no other tag', () => {
  const known = Array.from({ length: 256 }, (_, tag) => stringTypeOf(tag)).filter((type) => type !== undefined);
  assert.deepEqual(known.sort(), ['bmp', 'ia5', 'numeric', 'printable', 'teletex', 'universal', 'utf8', 'visible']);
});

test('property: text is printable where its octets are read as a PrintableString and hold neither * nor &', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = decodeString('printable', utf8(text));
      assert.equal(isPrintableText(text), read === text && !/[*&]/.test(text));
    }),
  );
});

test('property: reads long text of every type without exhausting the stack', () => {
  const long = new Uint8Array(500_000).fill(0x31);
  for (const type of ['utf8', 'printable', 'ia5', 'teletex', 'numeric', 'visible', 'bmp'] as const) {
    assert.equal(typeof decodeString(type, long), 'string');
  }
  assert.equal(decodeString('teletex', new Uint8Array(500_000).fill(0xe4))?.length, 500_000);
});
