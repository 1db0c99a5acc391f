import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoDuration } from './go-duration.js';

test('refuses what Go refuses', () => {
  for (const text of ['', '1', 's', '1x', '1s2', '.s', '1 s', 'abc', '-', '--1s', '1e3s', '9'.repeat(65) + 's']) {
    assert.equal(parseGoDuration(text), undefined, JSON.stringify(text));
  }
});

test('reads what Go reads', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['32s', 32_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['0', 0],
    ['-2ms', -2],
    ['+2ms', 2],
    ['1µs', 0.001],
  ];
  for (const [text, ms] of cases) assert.equal(parseGoDuration(text), ms, text);
});
