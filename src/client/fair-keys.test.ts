import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createFairKeys, type FairKeys } from './fair-keys.js';

const initial = (key: string): string => key.slice(0, 1);

function takeAll(keys: FairKeys): readonly string[] {
  const taken: string[] = [];
  for (let key = keys.take(); key !== undefined; key = keys.take()) taken.push(key);
  return taken;
}

suite('fair keys', () => {
  const cases: readonly {
    readonly name: string;
    readonly groupOf?: (key: string) => string;
    readonly added: readonly string[];
    readonly taken: readonly string[];
  }[] = [
    { name: 'nothing waits', added: [], taken: [] },
    { name: 'first come, first served without groups', added: ['b1', 'a1', 'b2'], taken: ['b1', 'a1', 'b2'] },
    { name: 'a key waits once', added: ['a', 'b', 'a'], taken: ['a', 'b'] },
    {
      name: 'groups take turns, however many keys one of them has',
      groupOf: initial,
      added: ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'],
      taken: ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'],
    },
  ];
  for (const { name, groupOf, added, taken } of cases) {
    test(name, () => {
      const keys = createFairKeys(groupOf);
      for (const key of added) keys.add(key);
      assert.deepEqual(takeAll(keys), taken);
      assert.equal(keys.size, 0);
    });
  }

  test('a group that comes while another is served waits for one key at most', () => {
    const keys = createFairKeys(initial);
    for (let i = 0; i < 1000; i++) keys.add(`a${i}`);
    assert.equal(keys.take(), 'a0');
    keys.add('b0');
    assert.deepEqual([keys.take(), keys.take()], ['a1', 'b0']);
  });

  test('is empty after it was cleared', () => {
    const keys = createFairKeys(initial);
    keys.add('a');
    keys.clear();
    assert.deepEqual([keys.size, keys.has('a'), keys.take()], [0, false, undefined]);
    keys.add('a');
    assert.equal(keys.take(), 'a');
  });

  test('gives every key once, whatever is added and taken in between', () => {
    const step = fc.option(fc.stringMatching(/^[abc][0-9]$/), { nil: undefined });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const keys = createFairKeys(initial);
        const waiting = new Set<string>();
        for (const key of steps) {
          if (key === undefined) {
            const taken = keys.take();
            assert.equal(taken === undefined, waiting.size === 0);
            if (taken !== undefined) assert.ok(waiting.delete(taken));
          } else {
            keys.add(key);
            waiting.add(key);
          }
          assert.equal(keys.size, waiting.size);
        }
        assert.deepEqual(new Set(takeAll(keys)), waiting);
      }),
    );
  });
});
