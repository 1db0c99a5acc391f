import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalValues } from './equal-values.js';

for (const [a, b] of [
  [1, '1'],
  [null, {}],
  [{}, []],
  [[], {}],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, 2]],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: undefined, b: 1 }, { c: 1 }],
  [{}, { toString: 'x' }],
] as const) {
  test(`tells ${JSON.stringify(a)} from ${JSON.stringify(b)}`, () => {
    assert.equal(equalValues(a, b), false);
    assert.equal(equalValues(b, a), false);
  });
}

test('takes an undefined property for an absent one', () => {
  assert.equal(equalValues({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(equalValues({ a: { x: undefined } }, { a: {} }), true);
});

test('agrees with a sorted rendering of any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.equal(equalValues(a, b), rendered(a) === rendered(b));
      assert.ok(equalValues(a, shuffled(a)));
    }),
  );
});

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rendered(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `[${value.map(rendered).join()}]`;
  if (!isPlain(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((k) => `${JSON.stringify(k)}:${rendered(value[k])}`)
    .join()}}`;
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([k, v]) => [k, shuffled(v)]),
  );
}
