import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldBytes } from './held-bytes.js';

test('a user at its bound may not begin more, and may again when bytes have gone', () => {
  let freed = 0;
  const held = new HeldBytes({ maxPerUser: 10, max: 100 }, () => freed++);
  const letGo = held.hold('a', 8);
  assert.equal(held.mayHold('a', 2), true);
  assert.equal(held.mayHold('a', 3), false);
  assert.equal(held.mayHold('b', 50), true, 'the first of a user is never too large');
  letGo();
  letGo();
  assert.deepEqual([held.total, held.users, freed], [0, 0, 1]);
  assert.equal(held.mayHold('a', 3), true);
});

test('when all together are at their bound, only users who hold nothing may begin', () => {
  const held = new HeldBytes({ maxPerUser: 10, max: 12 }, () => undefined);
  held.hold('a', 6);
  held.hold('b', 6);
  assert.equal(held.mayHold('a', 1), false);
  assert.equal(held.mayHold('c', 1), true);
  held.hold('c', 0)();
  assert.equal(held.users, 2);
});
