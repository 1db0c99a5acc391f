import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeProblem, type JsonShape } from './json-shape.js';

const SHAPE: JsonShape = {
  fields: {
    name: 'string',
    'count?': 'integer',
    'ready?': 'boolean',
    'phase?': { oneOf: ['A', 'B'] },
    'items?': { list: { fields: { uid: 'string' } } },
    'labels?': { map: 'string' },
  },
};

const PROBLEMS: readonly (readonly [value: unknown, problem: string])[] = [
  [undefined, 'spec: it is missing, and must be an object'],
  [null, 'spec: it is null, and must be an object'],
  [[], 'spec: it is a list, and must be an object'],
  [{}, 'spec.name: it is missing'],
  [{ name: 1 }, 'spec.name: it is 1, and must be text'],
  [{ name: undefined }, 'spec.name: it is missing, and must be text'],
  [{ name: 'a', count: 1.5 }, 'spec.count: it is 1.5, and must be an integer'],
  [{ name: 'a', count: '1' }, 'spec.count: it is "1", and must be an integer'],
  [{ name: 'a', ready: 'true' }, 'spec.ready: it is "true", and must be true or false'],
  [{ name: 'a', phase: 'C' }, 'spec.phase: it is "C", and must be one of A, B'],
  [{ name: 'a', items: {} }, 'spec.items: it is an object, and must be a list'],
  [{ name: 'a', items: [{ uid: 'u' }, {}] }, 'spec.items[1].uid: it is missing'],
  [{ name: 'a', labels: { 'a"b': 1 } }, 'spec.labels["a\\"b"]: it is 1, and must be text'],
  [{ name: 'a', more: 1 }, 'spec: it has an unknown field "more"'],
  [{ name: 'a', 'count?': 1 }, 'spec: it has an unknown field "count?"'],
  [{ name: 'a', constructor: 1 }, 'spec: it has an unknown field "constructor"'],
];
for (const [value, problem] of PROBLEMS) {
  test(`says ${problem}`, () => assert.equal(shapeProblem(value, SHAPE, 'spec'), problem));
}

test('cuts long values', () => {
  assert.ok((shapeProblem({ name: 'a', phase: 'x'.repeat(1000) }, SHAPE, '') ?? '').length < 150);
});

test('has an answer for every JSON value', () => {
  for (const value of [0, -0, 1e308, '', 'x', true, [[]], { '': {} }, Object.create(null)]) {
    assert.equal(typeof shapeProblem(value, SHAPE, 'spec'), 'string');
  }
});

test('takes what has its shape', () => {
  const value = { name: 'a', count: 1, ready: false, phase: 'B', items: [{ uid: 'u' }], labels: { a: 'b' } };
  assert.equal(shapeProblem(value, SHAPE, 'spec'), undefined);
  assert.equal(shapeProblem({ name: '' }, SHAPE, 'spec'), undefined);
});
