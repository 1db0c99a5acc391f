import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreEvent } from './events/event.js';
import { events } from './events/events.js';
import { createExpirySweep } from './expiry-sweep.js';
import { leases } from './leases/leases.js';
import { listQuery, openTestStore, shortEvent, type TestStore, watchQuery } from './testing/open-test-store.js';

const HOUR_MS = 3_600_000;

async function put(opened: TestStore<CoreEvent>, name: string, part: Partial<CoreEvent> = {}): Promise<void> {
  const { objects, context } = opened;
  const metadata = { name, namespace: 'default' };
  const event: CoreEvent = { metadata, involvedObject: { namespace: 'default' }, ...part };
  await objects.update(metadata, () => event, { context: context() });
}

async function left({ objects }: TestStore<CoreEvent>): Promise<readonly (string | undefined)[]> {
  return (await objects.list(listQuery())).items.map((item) => item.metadata.name);
}

test('removes events an hour after their last write, and says so to watchers', async () => {
  const opened = openTestStore(events);
  const sweep = createExpirySweep(events, opened);
  const seen: string[] = [];
  await put(opened, 'old');
  await put(opened, 'again');
  await opened.objects.watch(watchQuery({ resourceVersion: '2' }), (batch) => {
    seen.push(...batch.map(shortEvent));
  });
  opened.clock.advance(HOUR_MS);
  assert.equal(await sweep(), 0);
  await put(opened, 'again', { lastTimestamp: '2026-01-01T01:00:00Z', count: 2 });
  opened.clock.advance(1000);
  assert.equal(await sweep(), 1);
  assert.deepEqual(await left(opened), ['again']);
  assert.deepEqual(seen, ['MODIFIED again@3', 'DELETED old@4']);
  opened.clock.advance(HOUR_MS);
  assert.equal(await sweep(), 1);
});

test('does not believe times of the future', async () => {
  const opened = openTestStore(events);
  await put(opened, 'liar', { lastTimestamp: '3000-01-01T00:00:00Z' });
  opened.clock.advance(HOUR_MS + 1000);
  assert.equal(await createExpirySweep(events, opened)(), 1);
});

test('goes through more than one page', async () => {
  const opened = openTestStore(events);
  await put(opened, 'first');
  const stored = await opened.store.get('/registry/events/default/first');
  for (let i = 0; i < 1200; i++)
    await opened.store.create(`/registry/events/default/e${i}`, stored?.value ?? new Uint8Array());
  opened.clock.advance(HOUR_MS + 1000);
  assert.equal(await createExpirySweep(events, opened)(), 1201);
  assert.deepEqual(await left(opened), []);
});

test('leaves alone what does not expire', async () => {
  const opened = openTestStore(leases);
  const metadata = { name: 'l', namespace: 'default' };
  await opened.objects.create({ metadata }, { context: opened.context() });
  opened.clock.advance(1000 * HOUR_MS);
  assert.equal(await createExpirySweep(leases, opened)(), 0);
  assert.equal((await opened.objects.get(metadata)).metadata.name, 'l');
});
