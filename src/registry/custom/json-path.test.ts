import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonPath, valueAt } from './json-path.js';

for (const text of ['spec', '.spec.', '..spec', '.a[0]', '.a[*]', '.a[?(@.b=="c")', '{.a}', '.a-b']) {
  test(`refuses the path ${text}`, () => {
    assert.throws(() => parseJsonPath(text), RangeError);
  });
}

const object = {
  spec: { mode: 'On', list: ['a', 'b'] },
  status: {
    conditions: [
      { type: 'Other', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};

const found: readonly (readonly [string, unknown])[] = [
  ['.spec.mode', 'On'],
  ['.spec.list', ['a', 'b']],
  ['.status.conditions[?(@.type=="Ready")].status', 'True'],
  ['.status.conditions[?(@.type=="Gone")].status', undefined],
  ['.spec.mode.more', undefined],
  ['.spec[?(@.type=="Ready")]', undefined],
  ['.spec.constructor', undefined],
  ['.none.at.all', undefined],
];

for (const [path, value] of found) {
  test(`finds ${value === undefined ? 'nothing' : JSON.stringify(value)} at ${path}`, () => {
    assert.deepEqual(valueAt(parseJsonPath(path), object), value);
  });
}
