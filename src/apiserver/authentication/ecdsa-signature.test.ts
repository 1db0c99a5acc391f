import assert from 'node:assert/strict';
import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { derFromFixed, fixedFromDer } from './ecdsa-signature.js';

const refusals: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['another tag', '3106020101020101'],
  ['a length beyond the end', '3007020101020101'],
  ['trailing data', '300602010102010100'],
  ['trailing data inside', '3009020101020101020101'],
  ['one number', '3003020101'],
  ['a number that is too large', '300802030101010201' + '01'],
];

for (const [name, hex] of refusals) {
  test(`refuses ${name} as a DER signature`, () => {
    assert.throws(() => fixedFromDer(Buffer.from(hex, 'hex'), 2), RangeError);
  });
}

test('goes from fixed length to DER and back', () => {
  fc.assert(
    fc.property(fc.constantFrom(32, 48, 66), fc.uint8Array({ minLength: 132, maxLength: 132 }), (bytes, random) => {
      const fixed = random.subarray(0, 2 * bytes);
      assert.deepEqual([...fixedFromDer(derFromFixed(fixed), bytes)], [...fixed]);
    }),
  );
});

for (const [curve, bytes] of [
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
] as const) {
  test(`agrees with OpenSSL about signatures on ${curve}`, () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    const der = createSign('sha256').update('x').sign(privateKey);
    const fixed = fixedFromDer(der, bytes);
    const verify = createVerify('sha256').update('x');
    assert.ok(verify.verify({ key: publicKey, dsaEncoding: 'ieee-p1363' }, fixed));
    assert.deepEqual(Buffer.from(derFromFixed(fixed)), der);
  });
}
