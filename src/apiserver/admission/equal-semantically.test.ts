import assert from 'node:assert/strict';
import { test } from 'node:test';

import { equalSemantically } from './equal-semantically.js';

test('absent, null and empty lists and maps are the same', () => {
  for (const a of [undefined, null, [], {}])
    for (const b of [undefined, null, [], {}]) assert.ok(equalSemantically(a, b));
  assert.ok(equalSemantically({ a: 1, b: [] }, { a: 1, c: {} }));
});

test('everything else differs by value', () => {
  const different: readonly (readonly [unknown, unknown])[] = [
    ['', undefined],
    [0, undefined],
    [false, null],
    ['a', 'b'],
    [1, '1'],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [[null], []],
  ];
  for (const [a, b] of different) {
    assert.equal(equalSemantically(a, b), false);
    assert.equal(equalSemantically(b, a), false);
  }
  assert.ok(equalSemantically({ a: 1, b: [{ c: 'x' }] }, { b: [{ c: 'x' }], a: 1 }));
});
