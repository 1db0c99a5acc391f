import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { delay, secondsOf, toUnixSeconds } from './clock.js';
import { FakeClock } from './fake-clock.js';

suite('the fake clock', () => {
  test('stands still until it is moved', () => {
    const clock = new FakeClock(5000);
    assert.equal(clock.now(), 5000);
    clock.advance(250);
    assert.equal(clock.now(), 5250);
  });
  test('runs what falls due in the order of its time, each at its own time', () => {
    const clock = new FakeClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.now()}`);
    clock.schedule(30, note('c'));
    clock.schedule(10, note('a'));
    clock.schedule(20, note('b'));
    clock.schedule(31, note('later'));
    clock.advance(30);
    assert.deepEqual(seen, ['a@10', 'b@20', 'c@30']);
    assert.equal(clock.now(), 30);
  });
  test('runs what a callback schedules when that falls due as well', () => {
    const clock = new FakeClock(0);
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now());
      clock.schedule(10, again);
    };
    clock.schedule(10, again);
    clock.advance(35);
    assert.deepEqual(seen, [10, 20, 30]);
  });
  test('does not run what was cancelled, and runs nothing twice', () => {
    const clock = new FakeClock(0);
    let runs = 0;
    clock.schedule(10, () => runs++);
    const cancel = clock.schedule(10, () => runs++);
    cancel();
    cancel();
    clock.advance(100);
    clock.advance(100);
    assert.equal(runs, 1);
  });
  test('takes a delay in the past as none', () => {
    const clock = new FakeClock(100);
    let at = 0;
    clock.schedule(-50, () => {
      at = clock.now();
    });
    clock.advance(0);
    assert.equal(at, 100);
  });
});

suite('delay', () => {
  test('resolves when its time has come', async () => {
    const clock = new FakeClock(0);
    let done = false;
    const waiting = delay(clock, 10).then(() => {
      done = true;
    });
    clock.advance(9);
    await Promise.resolve();
    assert.equal(done, false);
    clock.advance(1);
    await waiting;
  });
  test('resolves at once when it is aborted, before or meanwhile, and leaves no timer', async () => {
    const clock = new FakeClock(0);
    const controller = new AbortController();
    const waiting = delay(clock, 1000, controller.signal);
    controller.abort();
    await waiting;
    await delay(clock, 1000, controller.signal);
    assert.equal(clock.now(), 0);
  });
});

suite('whole seconds', () => {
  for (const input of [NaN, Infinity, -Infinity]) {
    test(`refuse ${input}`, () => assert.throws(() => toUnixSeconds(input), RangeError));
  }
  test('drop the fraction, before 1970 too', () => {
    assert.equal(toUnixSeconds(1.999), 1);
    assert.equal(toUnixSeconds(-0.5), -1);
    assert.equal(secondsOf(new FakeClock(1999)), 1);
  });
});
