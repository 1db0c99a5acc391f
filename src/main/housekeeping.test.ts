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
import { storageCheck, sweeping } from './housekeeping.js';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('is not ready where the store takes no writes', async () => {
  const store = createMemoryStore();
  const failing = {
    ...store,
    delete: () => Promise.reject(new CountersignError('STORE_UNAVAILABLE', 'Cannot write store: disk full')),
  };
  const clock = new FakeClock();
  await storageCheck(store, clock).check();
  await assert.rejects(async () => storageCheck(failing, clock).check(), /disk full/);
  await store.close();
  await assert.rejects(async () => storageCheck(store, clock).check());
});

test('is not ready where the store does not answer within two seconds', async () => {
  const clock = new FakeClock();
  const silent = { ...createMemoryStore(), delete: () => new Promise<never>(() => undefined) };
  const check = storageCheck(silent, clock, 'etcd');
  assert.equal(check.name, 'etcd');
  const asked = Promise.resolve(check.check());
  clock.advance(2000);
  await assert.rejects(asked, /it has not answered within 2000 ms/);
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
  const end = new AbortController();
  const { ended } = sweeping({ store, resources, clock, logger: silentLogger })(end.signal);
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
  end.abort();
  await ended;
  await store.close();
});
