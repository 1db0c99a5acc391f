import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import {
  FairQueue,
  type FlowKey,
  type Lease,
  type PriorityLevel,
  type QueueLimits,
  type QueueRefusal,
} from './fair-queue.js';

const HIGH: PriorityLevel = { name: 'high', weight: 30 };
const LOW: PriorityLevel = { name: 'low', weight: 10 };
const ROOMY: QueueLimits = { seats: 4, maxQueued: 100, maxQueuedPerFlow: 100, maxWaitMs: 1000 };

const of = (user: string, level = LOW, patient = false): FlowKey => ({ level, user, patient });

/** A queue whose requests write down their names when they are let in, and end when told. */
function recorded(limits: Partial<QueueLimits> = {}, mayRun?: (user: string) => boolean) {
  const clock = new FakeClock();
  const queue = new FairQueue({ ...ROOMY, ...limits }, clock, mayRun);
  const began: string[] = [];
  const refused: string[] = [];
  const running: { readonly name: string; readonly lease: Lease }[] = [];
  const take = (name: string, lease: Lease): void => {
    began.push(name);
    running.push({ name, lease });
  };
  const ask = (name: string, key: FlowKey, seats = 1): (() => void) => {
    const lease = queue.tryEnter(key, seats);
    if (lease !== undefined) {
      take(name, lease);
      return () => undefined;
    }
    const waiting = queue.wait(key, seats);
    void waiting.outcome.then((outcome: Lease | QueueRefusal) => {
      if (typeof outcome === 'string') refused.push(`${name} ${outcome}`);
      else take(name, outcome);
    });
    return () => waiting.cancel();
  };
  /** Ends the one that has run longest after `ms`, and lets promises settle. */
  const end = async (ms = 10): Promise<void> => {
    clock.advance(ms);
    running.shift()?.lease.release();
    await settled();
  };
  return { clock, queue, began, refused, running, ask, end };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

test('a flow that has too many in line loses its last, and others none', async () => {
  const { ask, refused } = recorded({ seats: 1, maxQueuedPerFlow: 2 });
  ask('running', of('a'));
  for (const name of ['a1', 'a2', 'a3']) ask(name, of('a'));
  ask('b1', of('b'));
  await settled();
  assert.deepEqual(refused, ['a3 queue-full']);
});

test('when the line is full, the flow with most in it makes room', async () => {
  const { ask, refused, queue } = recorded({ seats: 1, maxQueued: 3 });
  ask('running', of('a'));
  for (const name of ['a1', 'a2', 'a3']) ask(name, of('a'));
  ask('b1', of('b'));
  await settled();
  assert.deepEqual(refused, ['a3 queue-full']);
  assert.equal(queue.queued, 3);
  ask('a4', of('a'));
  await settled();
  assert.deepEqual(refused, ['a3 queue-full', 'a4 queue-full'], 'its own next does not get in');
});

test('who has waited too long is refused, and whoever is patient is not', async () => {
  const { ask, refused, clock, began, end } = recorded({ seats: 1, maxQueued: 1 });
  ask('running', of('a'));
  ask('late', of('b'));
  ask('patient', of('c', LOW, true));
  ask('as patient', of('c', LOW, true));
  clock.advance(1000);
  await settled();
  assert.deepEqual(refused, ['late time-out']);
  await end();
  await end();
  assert.deepEqual(began, ['running', 'patient', 'as patient']);
});

test('who gives up leaves the line, and giving up late changes nothing', async () => {
  const { ask, refused, end, began, queue } = recorded({ seats: 1 });
  ask('running', of('a'));
  const giveUp = ask('gone', of('b'));
  const giveUpLate = ask('next', of('c'));
  giveUp();
  giveUp();
  await end();
  giveUpLate();
  await settled();
  assert.deepEqual(refused, ['gone cancelled']);
  assert.deepEqual(began, ['running', 'next']);
  assert.equal(queue.queued, 0);
});

test('a flow takes half of the seats at most, so that another’s next request finds one', async () => {
  const { ask, began } = recorded();
  for (const name of ['a1', 'a2', 'a3', 'a4']) ask(name, of('a'));
  assert.deepEqual(began, ['a1', 'a2']);
  ask('b', of('b'));
  await settled();
  assert.deepEqual(began, ['a1', 'a2', 'b']);
});

test('one request waits for one of its turn, however many another flow has in line', async () => {
  const { ask, began, end } = recorded({ seats: 2 });
  for (let i = 0; i < 50; i++) ask(`hog${i}`, of('hog'));
  await end();
  await end();
  ask('filler', of('filler'));
  ask('admin', of('admin'));
  await end();
  assert.ok(began.includes('admin'), began.join());
});

test('flows share by what they take, not by how often they ask', async () => {
  const { ask, began, running, clock } = recorded({ seats: 8 });
  ask('filler', of('filler', HIGH), 4);
  for (let i = 0; i < 40; i++) {
    ask(`large${i}`, of('large'), 4);
    ask(`small${i}`, of('small'), 1);
  }
  for (let round = 0; round < 30; round++) {
    clock.advance(10);
    running.shift()?.lease.release();
    await settled();
  }
  const large = began.filter((name) => name.startsWith('large')).length;
  const small = began.filter((name) => name.startsWith('small')).length;
  assert.ok(small > 2 * large, `${small} small, ${large} large`);
});

test('levels share by their weight', async () => {
  const { ask, began, end } = recorded({ seats: 2 });
  for (let i = 0; i < 60; i++) {
    ask(`high${i}`, of(`h${i}`, HIGH));
    ask(`low${i}`, of(`l${i}`, LOW));
  }
  for (let i = 0; i < 40; i++) await end();
  const high = began.filter((name) => name.startsWith('high')).length;
  assert.ok(high >= 28 && high <= 34, `${high} of ${began.length} are of the level with three quarters`);
});

test('a large request gets its seats although small ones keep coming', async () => {
  const { ask, began, end } = recorded({ seats: 4 });
  for (const user of ['a', 'b', 'c', 'd']) ask(user, of(user));
  ask('large', of('large'), 1000);
  for (let i = 0; i < 20; i++) {
    ask(`small${i}`, of(`s${i}`));
    await end();
  }
  assert.ok(began.includes('large'), began.join());
});

test('a user who may not begin is passed over until it may', async () => {
  let free = false;
  const { ask, began, queue } = recorded({}, (user) => user !== 'full' || free);
  ask('full', of('full'));
  ask('other', of('other'));
  await settled();
  assert.deepEqual(began, ['other']);
  free = true;
  queue.serveSoon();
  await settled();
  assert.deepEqual(began, ['other', 'full']);
});

test('who comes in the same turn is in line before anybody is let in', () => {
  const turns: (() => void)[] = [];
  const queue = new FairQueue({ ...ROOMY, seats: 1 }, new FakeClock(), undefined, (callback) => turns.push(callback));
  const running = queue.tryEnter(of('hog'), 1);
  const order: string[] = [];
  const ask = (key: FlowKey): void => {
    void queue.wait(key, 1).outcome.then(() => order.push(key.user));
  };
  ask(of('hog'));
  running?.release();
  ask(of('admin'));
  assert.equal(turns.length, 1);
  turns[0]?.();
  return settled().then(() => assert.deepEqual(order, ['admin']));
});

test('seats are given back once', async () => {
  const { ask, running, queue } = recorded({ seats: 4 });
  ask('a', of('a'));
  ask('b', of('b'));
  const lease = running[0]?.lease;
  lease?.release();
  lease?.release();
  assert.equal(queue.taken, 1);
});
