import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import { compareKeys } from '../key.js';
import { SortedKeys } from './sorted-keys.js';

suite('a sorted set of keys', () => {
  test('does what a sorted list does', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4000, size: 'max' }), fc.nat(3000), (steps, from) => {
        const keys = new SortedKeys();
        const model = new Set<string>();
        for (const [add, number] of steps) {
          const key = `key-${number}`;
          if (add && !model.has(key)) keys.add(key);
          if (!add) keys.remove(key);
          if (add) model.add(key);
          else model.delete(key);
        }
        const sorted = [...model].sort(compareKeys);
        assert.deepEqual([...keys.from('')], sorted);
        const start = `key-${from}`;
        assert.deepEqual(
          [...keys.from(start)],
          sorted.filter((key) => compareKeys(key, start) >= 0),
        );
      }),
      { numRuns: 30 },
    );
  });
  test('keeps its order when it is filled forwards, backwards and emptied', () => {
    for (const order of [1, -1]) {
      const numbers = Array.from({ length: 3000 }, (_, i) => String(i).padStart(5, '0'));
      const keys = new SortedKeys();
      for (const key of order === 1 ? numbers : [...numbers].reverse()) keys.add(key);
      assert.deepEqual([...keys.from('')], numbers);
      for (const key of numbers) keys.remove(key);
      assert.deepEqual([...keys.from('')], []);
      keys.add('again');
      assert.deepEqual([...keys.from('a')], ['again']);
    }
  });
});
