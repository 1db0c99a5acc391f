import { test } from 'node:test';

import { survivesCrashes } from './crash-rounds.js';

test('kill -9 in the middle of a storm of writes loses no answered write and leaves no half of one', async (t) => {
  await survivesCrashes(t, { rounds: 3, compact: false, answersBefore: (round) => 200 + 300 * round });
});

test('kill -9 in the middle of writes and compaction loses no answered write', async (t) => {
  await survivesCrashes(t, { rounds: 2, compact: true, answersBefore: (round) => 300 + 300 * round });
});
