import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../base/bytes.js';
import { createPooledRandom } from './pooled-random.js';

test('gives as many bytes as asked for, never the same ones and never zeros', () => {
  const random = createPooledRandom();
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const bytes = random(16);
    assert.equal(bytes.length, 16);
    seen.add(toHex(bytes));
  }
  assert.equal(seen.size, 2000);
  assert.equal(seen.has('00'.repeat(16)), false);
  for (const count of [0, 1, 4095, 4096, 4097, 100_000]) assert.equal(random(count).length, count);
});
