import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { CountersignError, hasCode } from '../base/error.js';
import { createEncryptedStore, type ValueSeal } from './encrypted-store.js';
import { openLmdbStore } from './lmdb/lmdb-store.js';
import { createMemoryStore } from './memory/memory-store.js';
import { DEFAULT_MAX_VALUE_BYTES, type Store } from './store.js';
import { runStoreContract } from './testing/contract.js';
import { bytes, linesOf, RecordingWatcher, refusedWith, textOf } from './testing/store-under-test.js';

/** Room that the seal of this test takes. */
const OVERHEAD = 2048;
const maxValueBytes = DEFAULT_MAX_VALUE_BYTES + OVERHEAD;

runStoreContract('an encrypted store in memory', 'volatile', async () => ({
  store: createEncryptedStore({ store: createMemoryStore({ maxValueBytes }), seal: sealOf(1), prefixes: [''] }),
}));

runStoreContract('an encrypted store on LMDB', 'durable', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-encrypted-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const open = async (): Promise<Store> =>
    createEncryptedStore({
      store: await openLmdbStore({ folder: join(folder, 'store'), maxValueBytes }),
      seal: sealOf(1),
      prefixes: [''],
    });
  return { store: await open(), reopen: open };
});

void suite('an encrypted store', () => {
  test('seals what lies under its prefixes, and nothing else', async () => {
    const { below, store } = stores();
    await store.create('/secret/a', bytes('hidden'));
    await store.update('/secret/a', bytes('hidden too'), 1);
    await store.create('/plain/a', bytes('shown'));
    assert.equal(textOf(await below.get('/secret/a')), 'sealed:1:/secret/a:oot neddih');
    assert.equal(textOf(await below.get('/plain/a')), 'shown');
    assert.deepEqual(linesOf(await store.list('/')), ['/plain/a=shown@3', '/secret/a=hidden too@2']);
    assert.deepEqual(linesOf(await store.list('/secret/', { revision: 1 })), ['/secret/a=hidden@1']);
  });

  test('opens events and what they replaced', async () => {
    const { store } = stores();
    const watcher = new RecordingWatcher();
    await store.create('/secret/a', bytes('1'));
    await store.watch('/secret/', 0, watcher);
    await store.update('/secret/a', bytes('2'), 1);
    await store.delete('/secret/a', 2);
    await watcher.delivered(3);
    assert.deepEqual(watcher.lines(), ['put /secret/a=1@1', 'put /secret/a=2@2 was 1@1', 'delete /secret/a@3 was 2@2']);
  });

  const STALE = [
    { name: 'what was stored plain', stored: 'old', stale: true },
    { name: 'what an older key sealed', stored: 'sealed:1:/secret/a:dlo', stale: true },
    { name: 'what the newest key sealed', stored: 'sealed:2:/secret/a:dlo', stale: undefined },
  ];
  for (const { name, stored, stale } of STALE) {
    test(`reads ${name}, and says whether it is worth writing again`, async () => {
      const { below, store } = stores(2, 1);
      await below.create('/secret/a', bytes(stored));
      const watcher = new RecordingWatcher();
      await store.watch('', 0, watcher);
      await watcher.delivered(1);
      for (const entry of [await store.get('/secret/a'), ...(await store.list('/')).entries, watcher.events[0]]) {
        assert.ok(entry !== undefined && 'value' in entry);
        assert.deepEqual([entry.stale, textOf(entry)], [stale, 'old']);
      }
      await store.update('/secret/a', bytes('old'), 1);
      assert.equal((await store.get('/secret/a'))?.stale, undefined);
    });
  }

  test('opens what was sealed when its key was still on the list, and says that it is worth writing again', async () => {
    const { below, store } = stores();
    await below.create('/plain/a', bytes('sealed:1:/plain/a:dlo'));
    assert.deepEqual(await store.get('/plain/a'), { key: '/plain/a', value: bytes('old'), revision: 1, stale: true });
    await store.update('/plain/a', bytes('old'), 1);
    assert.deepEqual(await store.get('/plain/a'), { key: '/plain/a', value: bytes('old'), revision: 2 });
  });

  test('never passes over what it cannot open: reads name it, watches end, and it can be deleted', async () => {
    const { below, store } = stores();
    await store.create('/secret/a', bytes('good'));
    await below.create('/secret/b', bytes('sealed:7:/secret/b:dab'));
    await refusedWith('SEAL_KEY_UNKNOWN', store.get('/secret/b'));
    await assert.rejects(store.list('/'), /Cannot open "\/secret\/b"/);
    await refusedWith('SEAL_KEY_UNKNOWN', store.list('/', { revision: 2 }));
    const watcher = new RecordingWatcher();
    await store.watch('/', 1, watcher);
    await watcher.ended();
    const [end] = watcher.ends;
    assert.ok(hasCode(end, 'STORE_UNAVAILABLE') && hasCode(end.cause, 'SEAL_KEY_UNKNOWN'));
    await store.delete('/secret/b', 2);
    assert.deepEqual(linesOf(await store.list('/')), ['/secret/a=good@1']);
  });

  test('measures a value before it is sealed', async () => {
    const { store } = stores();
    await store.create('/secret/a', new Uint8Array(DEFAULT_MAX_VALUE_BYTES));
    await assert.rejects(
      store.create('/secret/b', new Uint8Array(DEFAULT_MAX_VALUE_BYTES + 1)),
      /^CountersignError: Cannot write "\/secret\/b": the value has 1572865 bytes, at most 1572864 are taken$/,
    );
  });
});

/** A store whose keys these are, the one that seals first, and the store below it. */
function stores(...keys: readonly number[]): { readonly below: Store; readonly store: Store } {
  const below = createMemoryStore({ maxValueBytes });
  const seal = keys.length === 0 ? sealOf(1) : sealOf(...keys);
  return { below, store: createEncryptedStore({ store: below, seal, prefixes: ['/secret/'] }) };
}

/** Seals by turning around: what it does to a value is easy to see. */
function sealOf(...keys: readonly number[]): ValueSeal {
  const text = (value: Uint8Array): string => Buffer.from(value).toString('latin1');
  const mark = (key: number | undefined, place: string): string => `sealed:${key ?? ''}:${place}:`;
  return {
    seal: (value, place) => Buffer.concat([utf8(mark(keys[0], place)), Uint8Array.from(value).reverse()]),
    open: (sealed, place) => {
      const key = keys.find((known) => text(sealed).startsWith(Buffer.from(mark(known, place)).toString('latin1')));
      if (key === undefined) throw new CountersignError('SEAL_KEY_UNKNOWN', `Cannot open ${JSON.stringify(place)}`);
      return Uint8Array.from(sealed.subarray(utf8(mark(key, place)).length)).reverse();
    },
    isSealed: (stored) => text(stored.subarray(0, 7)) === 'sealed:',
    isCurrent: (sealed) => text(sealed).startsWith(`sealed:${keys[0] ?? ''}:`),
  };
}
