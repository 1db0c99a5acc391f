import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEach, invalid, MAX_FIELD_ERRORS } from './field-error.js';

test('values are checked until there is more wrong than will be told', () => {
  let checked = 0;
  const found = checkEach(Array.from({ length: 500_000 }, String), (value, i) => {
    checked++;
    return [invalid(`a[${i}]`, value, 'no'), invalid(`a[${i}]`, value, 'never')];
  });
  assert.deepEqual([found.length, checked], [MAX_FIELD_ERRORS, MAX_FIELD_ERRORS / 2]);
  assert.equal(found.at(-1)?.field, 'a[499]');
  assert.deepEqual(
    checkEach(['a', 'b'], () => []),
    [],
  );
});
