import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { compareResourceVersions, type VersionOrder } from './resource-version.js';

suite('compareResourceVersions', () => {
  const cases: readonly (readonly [a: string, b: string, order: VersionOrder])[] = [
    ['', '1', 'incomparable'],
    ['1', '', 'incomparable'],
    ['01', '1', 'incomparable'],
    ['0', '1', 'incomparable'],
    ['1a', '2', 'incomparable'],
    ['-1', '2', 'incomparable'],
    ['a', 'a', 'same'],
    ['7', '7', 'same'],
    ['9', '10', 'older'],
    ['10', '9', 'newer'],
    ['123', '124', 'older'],
    ['18446744073709551616', '18446744073709551615', 'newer'],
  ];
  for (const [a, b, order] of cases) {
    test(`${JSON.stringify(a)} to ${JSON.stringify(b)} is ${order}`, () => {
      assert.equal(compareResourceVersions(a, b), order);
    });
  }
});
