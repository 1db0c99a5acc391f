import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergePatch } from './merge-patch.js';

/** The examples of RFC 7386, appendix A. */
const examples: readonly (readonly [unknown, unknown, unknown])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [target, patch, expected] of examples) {
  test(`${JSON.stringify(target)} patched with ${JSON.stringify(patch)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(mergePatch(target, patch), expected);
  });
}

test('takes __proto__ as a name like any other', () => {
  const patch: unknown = JSON.parse('{"data":{"__proto__":{"polluted":"yes"}},"__proto__":{"x":1}}');
  const merged = mergePatch({ data: {} }, patch);
  assert.equal(JSON.stringify(merged), '{"data":{"__proto__":{"polluted":"yes"}},"__proto__":{"x":1}}');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(
    JSON.stringify(mergePatch(merged, JSON.parse('{"__proto__":null}'))),
    '{"data":{"__proto__":{"polluted":"yes"}}}',
  );
});

test('changes neither argument, and nothing when applied again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = mergePatch(target, patch);
      assert.equal(JSON.stringify([target, patch]), before);
      assert.deepEqual(mergePatch(once, patch), once);
    }),
  );
});

test('the empty patch leaves an object as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (target) => {
      assert.equal(JSON.stringify(mergePatch(target, {})), JSON.stringify(target));
    }),
  );
});
