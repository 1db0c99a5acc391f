import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKey } from '../authority/testing/test-certificates.js';
import { ALL_CASES } from './all-cases.js';
import type { ForgeKit } from './forge.js';
import { describeSurprises, scoreLine, scoreOf } from './report.js';
import { runCase, type CaseResult, type Stations } from './run-case.js';
import { DB_NAMES, WEB_NAMES } from './shop.js';

async function run(stations: Stations): Promise<readonly CaseResult[]> {
  const kit: ForgeKit = {
    key: await testKey('limbo'),
    otherKey: await testKey('limbo-other'),
    own: WEB_NAMES,
    victim: DB_NAMES,
  };
  const results: CaseResult[] = [];
  for (const limboCase of ALL_CASES) results.push(await runCase(limboCase, kit, stations));
  return results;
}

test('an approver that approves everything is found out in every case that must not be approved', async () => {
  const results = await run({ review: async () => ({ outcome: 'approves' }) });
  const wrong = ALL_CASES.filter(({ expect }) => expect.policy !== undefined && expect.policy !== 'approves');
  assert.ok(wrong.length > 100);
  const grave = results.filter(({ surprises }) => surprises.some((surprise) => surprise.grave));
  assert.deepEqual(
    grave.map((result) => result.case.id),
    wrong.map(({ id }) => id),
  );
  assert.match(
    describeSurprises(grave),
    /^GRAVE {2}names\/ip-victim: another pod's address\n {2}policy: approves; expected: denies/m,
  );
});

test('a signer that signs everything, and one that signs more than was asked, are found out', async () => {
  const signs = await run({ sign: async () => 'signs' });
  const refused = ALL_CASES.filter(({ expect }) => expect.signer !== undefined && expect.signer !== 'signs');
  assert.equal(signs.filter(({ surprises }) => surprises.some(({ grave }) => grave)).length, refused.length);
  const oversteps = await run({ sign: async () => ({ oversteps: 'it is a CA' }) });
  for (const { case: limboCase, surprises } of oversteps) {
    assert.equal(surprises.length, limboCase.expect.signer === undefined ? 0 : 1, limboCase.id);
  }
});

test('an API server that takes what cannot be read is found out; one that refuses too much is only harsh', async () => {
  const takes = scoreOf(await run({ create: async () => 'creates' }));
  assert.ok(takes.every(({ grave }) => grave > 0));
  const results = await run({ create: async () => ({ refuses: 'no' }), review: async () => ({ outcome: 'defers' }) });
  assert.ok(scoreOf(results).every(({ grave }) => grave === 0));
  assert.match(scoreLine(results), /^\d+ of \d+ as expected, 0 grave$/);
});
