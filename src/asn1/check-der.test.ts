import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTILE_BYTES, nested } from '../../test/hostile.js';
import { parseHex } from '../base/bytes.js';
import { checkDer } from './check-der.js';
import { DerError, type DerProblem } from './der-error.js';

const hex = (text: string): Uint8Array => parseHex(text.replaceAll(' ', '')) ?? assert.fail(text);

const refusals: readonly (readonly [string, string, DerProblem])[] = [
  ['nothing', '', 'missing'],
  ['octets after the element', '0500 0500', 'trailing-data'],
  ['an indefinite length deep inside', '3006 3004 3080 0000', 'indefinite-length'],
  ['a long length deep inside', '3005 3003 048100', 'leading-zero-length'],
  ['a BOOLEAN of 01', '3003 010101', 'boolean'],
  ['an INTEGER with a superfluous 00', '3004 0202 007f', 'non-minimal-integer'],
  ['an ENUMERATED with a superfluous FF', '0a02 ff80', 'non-minimal-integer'],
  ['an empty INTEGER', '0200', 'empty-integer'],
  ['a BIT STRING with set unused bits', '0302 01ff', 'bit-string-padding'],
  ['a NULL with content', '0501 00', 'null'],
  ['an OID with a leading 80', '0602 2a80', 'oid-not-minimal'],
  ['an OID that is cut off', '0602 2a81', 'oid-truncated'],
  ['a UTCTime with an offset', '1711 3234303130313030303030302b30313030', 'time'],
  ['a GeneralizedTime with a fraction', '1811 32303234303130313030303030302e355a', 'time'],
  ['a PrintableString with @', '1301 40', 'string'],
  ['a UTF8String that is no UTF-8', '0c01 ff', 'string'],
  ['a BMPString of one octet', '1e01 41', 'string'],
  ['an IA5String with an octet of 80', '1601 80', 'string'],
  ['a SET OF out of order', '3106 020102 020101', 'set-order'],
  ['a constructed OCTET STRING', '2404 0402 0000', 'constructed-primitive'],
  ['a constructed BIT STRING', '2303 0301 00', 'constructed-primitive'],
  ['a primitive SEQUENCE', '1000', 'constructed-primitive'],
  ['a primitive SET', '1100', 'constructed-primitive'],
  ['a high tag number', '5f2100', 'high-tag'],
  ['a child that reaches past its parent', '3003 0402 00', 'truncated-content'],
];

for (const [name, der, problem] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => {
        checkDer(hex(der));
      },
      (error) => error instanceof DerError && error.problem === problem,
    );
  });
}

for (const [name, der] of [
  ['an empty SEQUENCE', '3000'],
  ['equal elements in a SET OF', '3106 020101 020101'],
  ['a context tag of any content', '8002 ffff'],
  ['DER inside a constructed context tag', 'a003 0101ff'],
  ['a type that has no rules here', '0702 0000'],
] as const) {
  test(`takes ${name}`, () => {
    checkDer(hex(der));
  });
}

test('looks into constructed context tags', () => {
  assert.throws(() => {
    checkDer(hex('a003 010101'));
  }, DerError);
});

test('refuses deep nesting before the stack does', () => {
  for (const depth of [25, 100, 10_000, 150_000]) {
    assert.throws(
      () => {
        checkDer(nested(0x30, depth));
      },
      { code: 'DER_TOO_DEEP' },
    );
  }
});

test('takes the hostile values without harm, and quickly', () => {
  const start = performance.now();
  for (const der of HOSTILE_BYTES) {
    try {
      checkDer(der);
    } catch (error) {
      assert.ok(error instanceof DerError);
    }
  }
  assert.ok(performance.now() - start < 2_000);
});
