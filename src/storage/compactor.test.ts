import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { utf8 } from '../base/bytes.js';
import { hasCode } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { startCompactor } from './compactor.js';
import { createMemoryStore } from './memory/memory-store.js';
import type { Store } from './store.js';

suite('the compactor', () => {
  test('keeps what is younger than its time, and forgets what is older', async () => {
    const { store, clock, pass } = await fixture();
    const compactor = startCompactor(store, clock, { keepMs: 100, intervalMs: 50 });
    await pass(50); // looks at revision 3
    await update(store);
    await pass(50); // looks at revision 4
    assert.equal(await readable(store, 1), true);
    await pass(50); // the look at revision 3 is old enough now
    assert.equal(await readable(store, 2), false);
    assert.equal(await readable(store, 3), true);
    await pass(50);
    assert.equal(await readable(store, 3), false);
    assert.equal(await readable(store, 4), true);
    compactor.close();
  });
  test('keeps no more revisions than it may, however young', async () => {
    const { store, clock, pass } = await fixture();
    const compactor = startCompactor(store, clock, { keepRevisions: 1, intervalMs: 50 });
    await pass(50);
    assert.equal(await readable(store, 1), false);
    assert.equal(await readable(store, 2), true);
    compactor.close();
  });
  test('does nothing any more when it is closed', async () => {
    const { store, clock, pass } = await fixture();
    startCompactor(store, clock, { keepRevisions: 0, intervalMs: 50 }).close();
    await pass(1000);
    assert.equal(await readable(store, 1), true);
  });
  test('ends with its store, without a word', async () => {
    const { store, clock, pass } = await fixture();
    const errors: unknown[] = [];
    startCompactor(store, clock, { intervalMs: 50, onError: (error) => errors.push(error) });
    await store.close();
    await pass(200);
    assert.deepEqual(errors, []);
  });
  test('tells of a failure and tries again', async () => {
    const { store, clock, pass } = await fixture();
    const errors: unknown[] = [];
    const failing: Store = new Proxy(store, {
      get: (target, name) =>
        name === 'compact' && errors.length < 2
          ? () => Promise.reject(new Error('no'))
          : (Reflect.get(target, name) as () => unknown).bind(target), // a store has only methods
    });
    const options = { keepRevisions: 0, intervalMs: 50, onError: (error: unknown) => errors.push(error) };
    const compactor = startCompactor(failing, clock, options);
    await pass(50);
    await pass(50);
    await pass(50);
    assert.equal(errors.length, 2);
    assert.equal(await readable(store, 2), false);
    compactor.close();
  });
});

/** A store with three revisions of one key, and a clock whose passing lets everything it starts finish. */
async function fixture(): Promise<{
  readonly store: Store;
  readonly clock: FakeClock;
  readonly pass: (ms: number) => Promise<void>;
}> {
  const store = createMemoryStore();
  const clock = new FakeClock(0);
  await store.create('k', utf8(''));
  await update(store);
  await update(store);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await nextTurn();
  };
  return { store, clock, pass };
}

async function update(store: Store): Promise<void> {
  await store.update('k', utf8(''), await store.currentRevision());
}

async function readable(store: Store, revision: number): Promise<boolean> {
  try {
    await store.list('', { revision });
    return true;
  } catch (error) {
    if (hasCode(error, 'STORE_COMPACTED')) return false;
    throw error;
  }
}
