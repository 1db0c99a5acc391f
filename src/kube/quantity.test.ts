import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalQuantity, quantityNanos } from './quantity.js';

const MATCH = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const refused: readonly (readonly [string, string])[] = [
  ['', MATCH],
  ['.', MATCH],
  ['-', MATCH],
  ['abc', MATCH],
  ['1.2.3', MATCH],
  ['1 Gi x', MATCH],
  ['9'.repeat(401), MATCH],
  ['1Q', "unable to parse quantity's suffix"],
  ['1mi', "unable to parse quantity's suffix"],
  ['1K', "unable to parse quantity's suffix"],
  ['1e9999', "unable to parse quantity's suffix"],
  ['1toString', "unable to parse quantity's suffix"],
];

for (const [text, detail] of refused) {
  test(`refuses the quantity ${JSON.stringify(text.slice(0, 12))}`, () => {
    assert.deepEqual(canonicalQuantity(text), { kind: 'invalid', detail });
  });
}

const canonical: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['-0', '0'],
  ['0Ki', '0'],
  ['1', '1'],
  ['+1', '1'],
  ['1000m', '1'],
  ['100m', '100m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.', '1'],
  ['1.5Gi', '1536Mi'],
  ['1024Ki', '1Mi'],
  ['1000Ki', '1000Ki'],
  ['0.1Ki', '102400m'],
  ['1000', '1k'],
  ['1500', '1500'],
  ['-1500m', '-1500m'],
  ['12e6', '12e6'],
  ['1200e3', '1200e3'],
  ['1E', '1E'],
  ['1E3', '1e3'],
  ['1e3', '1e3'],
  ['1n', '1n'],
  ['0.1n', '1n'],
  [' 2 ', '2'],
  ['1000000000000000000000', '1000E'],
];

for (const [text, expected] of canonical) {
  test(`writes ${text} as ${expected}`, () => {
    assert.deepEqual(canonicalQuantity(text), { kind: 'quantity', text: expected });
  });
}

test('writes a canonical quantity as itself', () => {
  const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Ei', 'e3', 'e-3');
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 999 }), suffix, (whole, fraction, unit) => {
      const once = canonicalQuantity(`${whole}.${fraction}${unit}`);
      assert.ok(once.kind === 'quantity');
      assert.deepEqual(canonicalQuantity(once.text), once);
    }),
  );
});

const values: readonly (readonly [string, bigint | undefined])[] = [
  ['abc', undefined],
  ['1Q', undefined],
  ['9'.repeat(401), undefined],
  ['0', 0n],
  ['1', 1_000_000_000n],
  ['-1', -1_000_000_000n],
  ['1500m', 1_500_000_000n],
  ['1.5Ki', 1_536_000_000_000n],
  ['1e3', 1_000_000_000_000n],
  ['0.1n', 1n],
];

for (const [text, nanos] of values) {
  test(`the quantity ${JSON.stringify(text.slice(0, 12))} is ${nanos === undefined ? 'none' : `${nanos} billionths`}`, () => {
    assert.equal(quantityNanos(text), nanos);
  });
}

test('quantities of one value have one canonical value', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.constantFrom('', 'm', 'k', 'Ki', 'Gi', 'e3'),
      (n, suffix) => {
        const canonical = canonicalQuantity(`${n}${suffix}`);
        assert.equal(canonical.kind === 'quantity' && quantityNanos(canonical.text), quantityNanos(`${n}${suffix}`));
      },
    ),
  );
});
