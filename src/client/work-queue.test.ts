import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../base/fake-clock.js';
import { halfRandom, settle } from './testing/settle.js';
import { createWorkQueue, type WorkQueue } from './work-queue.js';

interface Bench {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  /** Keys as work on them began. */
  readonly begun: string[];
  /** Ends the oldest work in progress on a key. */
  readonly end: (key: string, error?: Error) => Promise<void>;
  readonly errors: unknown[];
  readonly signals: AbortSignal[];
  readonly depths: number[];
}

function bench(concurrency = 1): Bench {
  const clock = new FakeClock();
  const begun: string[] = [];
  const errors: unknown[] = [];
  const signals: AbortSignal[] = [];
  const depths: number[] = [];
  const enders = new Map<string, (error?: Error) => void>();
  const queue = createWorkQueue({
    clock,
    random: halfRandom,
    concurrency,
    work: (key, signal) => {
      assert.ok(!enders.has(key), `${key} is worked on twice at once`);
      begun.push(key);
      signals.push(signal);
      return new Promise((resolve, reject) => {
        enders.set(key, (error) => {
          enders.delete(key);
          if (error === undefined) resolve();
          else reject(error);
        });
      });
    },
    onError: (_key, error) => errors.push(error),
    onDepth: (depth) => depths.push(depth),
  });
  const end = async (key: string, error?: Error): Promise<void> => {
    enders.get(key)?.(error);
    await settle();
  };
  return { clock, queue, begun, end, errors, signals, depths };
}

suite('work queue', () => {
  test('waits for its start, and then works in order, each key once', () => {
    const { queue, begun, depths } = bench(3);
    for (const key of ['a', 'b', 'a', 'c', 'b', 'd']) queue.add(key);
    assert.deepEqual(begun, []);
    queue.start();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    assert.deepEqual(depths, [1, 2, 3, 4, 3, 2, 1]);
  });

  test('never works on more keys than it may', async () => {
    const { queue, begun, end } = bench(2);
    queue.start();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    assert.deepEqual(begun, ['a', 'b']);
    await end('b');
    assert.deepEqual(begun, ['a', 'b', 'c']);
  });

  test('works once more on a key that is added while it is worked on, and never twice at once', async () => {
    const { queue, begun, end } = bench(4);
    queue.start();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    assert.deepEqual(begun, ['a']);
    await end('a');
    assert.deepEqual(begun, ['a', 'a']);
    await end('a');
    assert.deepEqual(begun, ['a', 'a']);
  });

  test('goes on after work has failed', async () => {
    const { queue, begun, end, errors } = bench();
    queue.start();
    queue.add('a');
    queue.add('b');
    const error = new Error('broken');
    await end('a', error);
    assert.deepEqual(begun, ['a', 'b']);
    assert.deepEqual(errors, [error]);
  });

  test('waits twice as long after each failure in a row, up to its limit, and shortly again after a success', () => {
    const { queue } = bench();
    const waits = Array.from({ length: 15 }, () => queue.retry('a'));
    assert.ok(waits.every((wait, i) => i === 0 || wait === Math.min(2 * (waits[i - 1] ?? 0), waits.at(-1) ?? 0)));
    assert.ok((waits[0] ?? 0) >= 100 && (waits[0] ?? 0) <= 200);
    assert.ok((waits.at(-1) ?? 0) >= 500_000 && (waits.at(-1) ?? 0) <= 1_000_000);
    queue.forget('a');
    assert.equal(queue.retry('a'), waits[0]);
  });

  test('adds a key at the soonest of the times it was told', () => {
    const { queue, clock, begun } = bench();
    queue.start();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    clock.advance(499);
    assert.deepEqual(begun, []);
    clock.advance(1);
    assert.deepEqual(begun, ['a']);
    clock.advance(5000);
    assert.deepEqual(begun, ['a']);
  });

  test('drains: begins nothing more, waits for what is in progress, and drops the rest', async () => {
    const { queue, clock, begun, end } = bench(1);
    queue.start();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    queue.addAfter('c', 10);
    let drained = false;
    const draining = queue.drain(1000).then(() => (drained = true));
    queue.add('d');
    queue.addAfter('e', 1);
    clock.advance(100);
    await settle();
    assert.equal(drained, false);
    await end('a');
    await draining;
    assert.deepEqual(begun, ['a']);
  });

  test('tells work in progress to stop when it has waited long enough', async () => {
    const { queue, clock, end, signals } = bench();
    queue.start();
    queue.add('a');
    const draining = queue.drain(1000);
    clock.advance(999);
    assert.equal(signals[0]?.aborted, false);
    clock.advance(1);
    assert.equal(signals[0].aborted, true);
    await end('a');
    await draining;
  });

  test('drains at once where nothing is in progress', async () => {
    const { queue, begun } = bench();
    queue.add('a');
    await queue.drain(1000);
    queue.start();
    assert.deepEqual(begun, []);
  });
});
