import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { RefusalPace } from './refusal-pace.js';

const NEVER = new AbortController().signal;

async function answered(waits: readonly Promise<void>[]): Promise<number> {
  let count = 0;
  for (const wait of waits) void wait.then(() => count++);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  return count;
}

test('of one address, so many refusals are answered at once, and the others a second later', async () => {
  const clock = new FakeClock();
  const pace = new RefusalPace(clock);
  const many = Array.from({ length: 150 }, () => pace.wait('192.0.2.1', () => NEVER));
  const other = pace.wait('192.0.2.2', () => NEVER);
  assert.equal(await answered(many), 100);
  assert.equal(await answered([other]), 1, 'another address does not wait');
  clock.advance(1000);
  assert.equal(await answered(many), 150);
  const more = Array.from({ length: 100 }, () => pace.wait('192.0.2.1', () => NEVER));
  assert.equal(await answered(more), 50, 'a second gives fifty more');
});

test('a client that leaves waits no longer', async () => {
  const pace = new RefusalPace(new FakeClock());
  const waits = Array.from({ length: 101 }, () => pace.wait('a', () => AbortSignal.abort()));
  assert.equal(await answered(waits), 101);
});

test('addresses are forgotten when there are too many', async () => {
  const pace = new RefusalPace(new FakeClock());
  const first = Array.from({ length: 101 }, () => pace.wait('first', () => NEVER));
  assert.equal(await answered(first), 100);
  for (let i = 0; i < 1024; i++) await pace.wait(`address ${i}`, () => NEVER);
  assert.equal(await answered([pace.wait('first', () => NEVER)]), 1);
});
