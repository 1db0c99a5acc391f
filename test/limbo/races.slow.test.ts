import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RACE_CASES } from '../../src/limbo/race-cases.js';
import type { RaceCase } from '../../src/limbo/race-case.js';
import { explore } from './explore.js';

const MAX_TRIES = 2500;

/** The same race with later caches, more faults and hastier timers. */
function wider(race: RaceCase): RaceCase {
  const { faults, haste = 0, wide = {} } = race;
  return {
    ...race,
    ...(faults === undefined ? {} : { faults: { ...faults, times: faults.times + 1 } }),
    haste: haste + 1,
    ...wide,
  };
}

suite('csr-limbo: races within wider bounds', () => {
  for (const race of RACE_CASES) {
    test(`${race.id}: ${race.title}`, async (t) => {
      const { tries, states, ends, violations, isComplete } = await explore(wider(race), { maxTries: MAX_TRIES });
      const all = isComplete ? 'all' : 'not all';
      t.diagnostic(`${race.id}: ${tries} orders (${all}), ${states} states; ${[...ends.keys()].join('; ')}`);
      assert.equal(violations.join('\n\n'), '');
      if (isComplete) for (const end of race.ends) assert.ok(ends.has(end), `it never ended ${end}`);
    });
  }
});
