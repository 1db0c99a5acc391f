import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbsentOwners } from './absent-owners.js';

test('the oldest of a thousand owners that are gone is forgotten', () => {
  const absent = new AbsentOwners();
  assert.equal(absent.has('o0'), false);
  for (let i = 0; i <= 1000; i++) absent.add(`o${i}`);
  assert.deepEqual([absent.has('o0'), absent.has('o1'), absent.has('o1000')], [false, true, true]);
});
