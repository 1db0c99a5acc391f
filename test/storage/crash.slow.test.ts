import { test } from 'node:test';

import { survivesCrashes } from './crash-rounds.js';

for (const compact of [false, true]) {
  const name = compact ? 'writes and compaction' : 'writes';
  test(`forty kills in the middle of ${name} lose no answered write and leave no half of one`, async (t) => {
    // the kill comes anywhere from the very first answers to long after
    await survivesCrashes(t, { rounds: 40, compact, answersBefore: (round) => 1 + ((round * 397) % 3001) });
  });
}
