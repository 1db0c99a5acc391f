import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsOf, toUnixSeconds } from '../base/clock.js';
import { FakeClock } from '../base/fake-clock.js';
import type { Logger } from '../base/logger.js';
import { silentLogger } from '../base/logger.js';
import { keepCredentials } from './renewal.js';

const DAY_MS = 86_400_000;

/** Lets what was started by the clock finish. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 3_600_000) {
    clock.advance(Math.min(left, 3_600_000));
    await settle();
  }
}

test('rejects when the first renewal fails', async () => {
  const broken = { name: 'x', renew: () => Promise.reject(new Error('no')) };
  await assert.rejects(keepCredentials({ clock: new FakeClock(), logger: silentLogger, renewals: [broken] }), /no/);
});

test('renews at the start, when it is due, and not before', async () => {
  const clock = new FakeClock();
  let renewed = 0;
  const stop = await keepCredentials({
    clock,
    logger: silentLogger,
    renewals: [
      {
        name: 'x',
        renew: async () => {
          renewed++;
          return toUnixSeconds(secondsOf(clock) + 10 * 86_400);
        },
      },
    ],
  });
  assert.equal(renewed, 1);
  await pass(clock, 9 * DAY_MS);
  assert.equal(renewed, 1);
  await pass(clock, 2 * DAY_MS);
  assert.equal(renewed, 2);
  stop();
  await pass(clock, 30 * DAY_MS);
  assert.equal(renewed, 2);
});

test('tries again after a failure, and says so', async () => {
  const clock = new FakeClock();
  const logged: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message) => logged.push(message) };
  let calls = 0;
  await keepCredentials({
    clock,
    logger,
    renewals: [
      {
        name: 'x',
        renew: async () => {
          calls++;
          if (calls === 2) throw new Error('disk full');
          return toUnixSeconds(secondsOf(clock) + 86_400);
        },
      },
    ],
  });
  await pass(clock, 2 * DAY_MS);
  assert.deepEqual(logged, ['Credential not renewed']);
  assert.ok(calls >= 3);
});
