import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStanding, type Stage, type Standing } from './standing.js';

const leads = (standing: Standing): number | undefined => standing.collect()[0]?.samples[0]?.value;

const stages: readonly { readonly stage: Stage; readonly ready: boolean; readonly leads: number }[] = [
  { stage: 'contending', ready: false, leads: 0 },
  { stage: 'reading', ready: false, leads: 1 },
  { stage: 'stopping', ready: false, leads: 0 },
  { stage: 'standby', ready: true, leads: 0 },
  { stage: 'working', ready: true, leads: 1 },
];

for (const { stage, ready, leads: expected } of stages) {
  test(`is ${ready ? 'ready' : 'not ready, and says why,'} while ${stage}`, () => {
    const standing = createStanding('lease');
    standing.reach(stage);
    assert.equal(standing.unready() === undefined, ready);
    assert.equal(leads(standing), expected);
  });
}

test('is not ready before anything is known, with a lease or without one', () => {
  assert.notEqual(createStanding('lease').unready(), undefined);
  assert.notEqual(createStanding(undefined).unready(), undefined);
});

test('nothing comes after stopping', () => {
  const standing = createStanding('lease');
  standing.reach('stopping');
  standing.reach('working');
  assert.equal(standing.unready(), 'it is shutting down');
});

test('who is alone leads nobody', () => assert.deepEqual(createStanding(undefined).collect(), []));
