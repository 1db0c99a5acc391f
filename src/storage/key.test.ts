import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import { assertKey, compareKeys } from './key.js';

const wellFormed = fc.string({ unit: 'binary', maxLength: 8 });

suite('compareKeys', () => {
  test('orders as the bytes of UTF-8 are ordered', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
  test('puts what is above U+FFFF above what is just below', () => {
    assert.ok(compareKeys('\uffff', '\u{10000}') < 0);
  });
});

suite('assertKey', () => {
  test('takes exactly the well-formed strings of 1 to 1024 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1100, size: 'max' }), (key) => {
        const length = Buffer.byteLength(key);
        if (length >= 1 && length <= 1024) assertKey(key);
        else assert.throws(() => assertKey(key));
      }),
    );
  });
  for (const key of ['', '\ud800', '\udc00', 'a\ud800', '\ud800a', '\udc00\ud800']) {
    test(`refuses ${JSON.stringify(key)}`, () => assert.throws(() => assertKey(key), RangeError));
  }
  test('names a long key only in part', () => {
    assert.throws(() => assertKey('k'.repeat(5000)), {
      code: 'STORE_TOO_LARGE',
      message: `Cannot use key: "${'k'.repeat(64)}…": 5000 bytes, at most 1024 are taken`,
    });
  });
});
