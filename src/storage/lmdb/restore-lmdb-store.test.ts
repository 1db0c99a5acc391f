import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { utf8 } from '../../base/bytes.js';
import { hasCode } from '../../base/error.js';
import type { Entry } from '../store.js';
import { openLmdbStore } from './lmdb-store.js';
import { restoreLmdbStore } from './restore-lmdb-store.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-restore-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function* given(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

const ENTRIES: readonly Entry[] = [
  { key: '/a', value: utf8('1'), revision: 40 },
  { key: '/b', value: utf8('2'), revision: 3 },
  { key: '/c', value: new Uint8Array(0), revision: 17 },
];

test('refuses a folder in which there is a store, an empty one that was written to among them', async (t) => {
  const folder = await folderOf(t);
  const store = await openLmdbStore({ folder });
  const revision = await store.create('/x', utf8('x'));
  await store.delete('/x', revision);
  await store.compact(revision + 1);
  await store.close();
  await assert.rejects(restoreLmdbStore(folder, given(ENTRIES), 100), (error) => hasCode(error, 'CONFIG_INVALID'));
});

test('refuses a folder that is in use', async (t) => {
  const folder = await folderOf(t);
  const store = await openLmdbStore({ folder });
  t.after(() => store.close());
  await assert.rejects(restoreLmdbStore(folder, given(ENTRIES), 100), (error) => hasCode(error, 'STORE_LOCKED'));
});

test('entries have their revisions, the next is above the given one, and what was before is forgotten', async (t) => {
  const folder = await folderOf(t);
  await restoreLmdbStore(folder, given(ENTRIES), 1000);
  for (let round = 0; round < 2; round++) {
    const store = await openLmdbStore({ folder });
    const page = await store.list('');
    assert.deepEqual(
      page.entries.map(({ key, value, revision }) => [key, Buffer.from(value).toString(), revision]),
      [
        ['/a', '1', 40],
        ['/b', '2', 3],
        ['/c', '', 17],
      ],
    );
    assert.equal(page.revision, 1000);
    await assert.rejects(store.list('', { revision: 999 }), (error) => hasCode(error, 'STORE_COMPACTED'));
    const watcher = { onEvents: () => undefined, onEnd: () => undefined };
    await assert.rejects(store.watch('', 40, watcher), (error) => hasCode(error, 'STORE_COMPACTED'));
    await store.close();
  }
  const store = await openLmdbStore({ folder });
  t.after(() => store.close());
  await assert.rejects(store.update('/b', utf8('new'), 40), (error) => hasCode(error, 'STORE_CONFLICT'));
  assert.equal(await store.update('/b', utf8('new'), 3), 1001);
  assert.equal(await store.delete('/a', 40), 1002);
  assert.deepEqual(
    (await store.list('', { revision: 1000 })).entries.map(({ key }) => key),
    ['/a', '/b', '/c'],
  );
  await store.compact(1002);
  assert.deepEqual(
    (await store.list('')).entries.map(({ key, revision }) => [key, revision]),
    [
      ['/b', 1001],
      ['/c', 17],
    ],
  );
});

test('an empty backup makes an empty store', async (t) => {
  const folder = await folderOf(t);
  await restoreLmdbStore(folder, given([]), 7);
  const store = await openLmdbStore({ folder });
  t.after(() => store.close());
  assert.equal(await store.create('/x', utf8('x')), 8);
});
