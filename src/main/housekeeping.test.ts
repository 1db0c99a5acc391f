import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { silentLogger } from '../base/logger.js';
import { formatTime } from '../kube/time.js';
import { secondsOf } from '../base/clock.js';
import { createResources } from '../registry/resources.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { startHousekeeping, storageCheck } from './housekeeping.js';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('is not ready where the store takes no writes', async () => {
  const store = createMemoryStore();
  const failing = {
    ...store,
    delete: () => Promise.reject(new CountersignError('STORE_UNAVAILABLE', 'Cannot write store: disk full')),
  };
  await storageCheck(store).check();
  await assert.rejects(async () => storageCheck(failing).check(), /disk full/);
  await store.close();
  await assert.rejects(async () => storageCheck(store).check());
});

test('removes events after their hour, and nothing else', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore();
  const verifier = { verify: () => Promise.resolve({ kind: 'invalid', detail: '' } as const) };
  const resources = createResources({ requestVerifier: verifier });
  const time = formatTime(secondsOf(clock));
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'n', creationTimestamp: time },
    lastTimestamp: time,
  };
  await store.create('/registry/events/n/e', utf8(JSON.stringify(event)));
  await store.create('/registry/configmaps/n/c', utf8(JSON.stringify({ metadata: { creationTimestamp: time } })));
  const stop = startHousekeeping({ store, resources, clock, logger: silentLogger });
  for (let minute = 0; minute < 59; minute++) {
    clock.advance(60_000);
    await settle();
  }
  assert.equal((await store.list('/registry/events/')).entries.length, 1);
  for (let minute = 0; minute < 5; minute++) {
    clock.advance(60_000);
    await settle();
  }
  assert.equal((await store.list('/registry/events/')).entries.length, 0);
  assert.equal((await store.list('/registry/configmaps/')).entries.length, 1);
  stop();
  await store.close();
});
