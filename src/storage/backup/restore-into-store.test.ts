import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8 } from '../../base/bytes.js';
import { hasCode } from '../../base/error.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Entry } from '../store.js';
import { MAX_RAISE, restoreIntoStore } from './restore-into-store.js';

async function* given(count: number): AsyncGenerator<Entry> {
  for (let i = 0; i < count; i++) yield { key: `/k/${String(i).padStart(4, '0')}`, value: utf8(`v${i}`), revision: 1 };
}

suite('refuses, and writes nothing', () => {
  test('where something is', async () => {
    const store = createMemoryStore();
    const revision = await store.create('/a', utf8(''));
    await assert.rejects(
      restoreIntoStore({ store, above: 0, entries: given(1) }),
      (error) => hasCode(error, 'CONFIG_INVALID') && /it is not empty: "\/a" is there/.test(error.message),
    );
    assert.equal(await store.currentRevision(), revision);
  });

  test('where the store is too far below the backup', async () => {
    const store = createMemoryStore();
    await assert.rejects(
      restoreIntoStore({ store, above: MAX_RAISE + 1, entries: given(1) }),
      (error) =>
        hasCode(error, 'CONFIG_INVALID') && /it is at revision 0, and the backup at 1000001/.test(error.message),
    );
    assert.equal(await store.currentRevision(), 0);
  });
});

test('what is restored has revisions above those of the backup, and nothing else is left', async () => {
  for (const [above, before] of [
    [5000, 0],
    [5, 10],
    [0, 0],
  ] as const) {
    const store = createMemoryStore();
    for (let i = 0; i < before; i += 2) await store.delete('/gone', await store.create('/gone', utf8('')));
    const revision = await restoreIntoStore({ store, above, entries: given(300) });
    const page = await store.list('');
    assert.equal(page.entries.length, 300);
    assert.equal(page.revision, revision);
    for (const [i, { value, revision: own }] of page.entries.entries()) {
      assert.equal(Buffer.from(value).toString(), `v${i}`);
      assert.ok(own > above && own > before);
    }
    const watcher = { onEvents: () => undefined, onEnd: () => undefined };
    await assert.rejects(store.watch('', revision - 1, watcher), (error) => hasCode(error, 'STORE_COMPACTED'));
  }
});

test('a write that fails ends it', async () => {
  const store = createMemoryStore({ maxValueBytes: 2 });
  await assert.rejects(restoreIntoStore({ store, above: 0, entries: given(300) }), (error) =>
    hasCode(error, 'STORE_TOO_LARGE'),
  );
});
