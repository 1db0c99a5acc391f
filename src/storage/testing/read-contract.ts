import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Entry, Store } from '../store.js';
import { bytes, linesOf, openStore, refusedWith } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

/** In the order of their UTF-8 bytes, which is neither that of UTF-16 nor that of any language. */
const KEYS_IN_ORDER = [
  '\0',
  'A',
  'Z',
  'a',
  'a/',
  'a/\0',
  'a/b',
  'a/b/c',
  'a/b0',
  'a/é',
  'a0',
  'z',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
] as const;

/** What a store promises of reads. */
export function readContract(open: OpenStore): void {
  refusals(open);
  order(open);
  pages(open);
  history(open);
}

function refusals(open: OpenStore): void {
  for (const limit of [0, -1, 1.5, NaN]) {
    void test(`refuses a page of ${limit} entries`, async (t) => {
      const store = await openStore(t, open);
      await assert.rejects(store.list('', { limit }), RangeError);
    });
  }
  void test('refuses to list a revision that has not been reached', async (t) => {
    const store = await openStore(t, open);
    await store.create('a', bytes(''));
    await refusedWith('STORE_FUTURE_REVISION', store.list('', { revision: 2 }));
  });
}

function order(open: OpenStore): void {
  void test('answers undefined for a key that is not there', async (t) => {
    const store = await openStore(t, open);
    assert.equal(await store.get('a'), undefined);
    await store.create('ab', bytes(''));
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.get('abc'), undefined);
  });
  void test('lists keys in the order of their bytes', async (t) => {
    const store = await openStore(t, open);
    for (const key of [...KEYS_IN_ORDER].reverse()) await store.create(key, bytes(key));
    const page = await store.list('');
    assert.deepEqual(
      page.entries.map((entry) => entry.key),
      KEYS_IN_ORDER,
    );
    assert.equal(page.more, false);
    assert.equal(page.revision, KEYS_IN_ORDER.length);
  });
  for (const prefix of ['a', 'a/', 'a/b', 'é', '\u{1f600}', '\uffff', 'b', 'zz']) {
    void test(`lists exactly the keys that start with ${JSON.stringify(prefix)}`, async (t) => {
      const store = await openStore(t, open);
      await createAll(store, KEYS_IN_ORDER);
      const page = await store.list(prefix);
      assert.deepEqual(
        page.entries.map((entry) => entry.key),
        KEYS_IN_ORDER.filter((key) => key.startsWith(prefix)),
      );
    });
  }
  void test('goes on after a key, whether or not it is there, and before the prefix', async (t) => {
    const store = await openStore(t, open);
    await createAll(store, ['a/1', 'a/3', 'b/1']);
    const keysAfter = async (after: string): Promise<readonly string[]> =>
      (await store.list('a/', { after })).entries.map((entry) => entry.key);
    assert.deepEqual(await keysAfter('a/1'), ['a/3']);
    assert.deepEqual(await keysAfter('a/2'), ['a/3']);
    assert.deepEqual(await keysAfter('a/3'), []);
    assert.deepEqual(await keysAfter('b'), []);
    assert.deepEqual(await keysAfter('Z'), ['a/1', 'a/3']);
    assert.deepEqual(await keysAfter('a/'), ['a/1', 'a/3']);
  });
}

function pages(open: OpenStore): void {
  void test('pages through more keys than any buffer holds, and counts what is left', async (t) => {
    const store = await openStore(t, open);
    const keys = Array.from({ length: 1500 }, (_, i) => `k/${String(i).padStart(5, '0')}`);
    await Promise.all([...keys, 'j', 'l'].map((key) => store.create(key, bytes(''))));
    const seen: string[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)) {
      const page = await store.list('k/', { limit: 400, count: true, ...(after === undefined ? {} : { after }) });
      seen.push(...page.entries.map((entry) => entry.key));
      assert.equal(page.remaining, keys.length - seen.length);
      assert.equal(page.more, seen.length < keys.length);
      if (!page.more) break;
    }
    assert.deepEqual(seen, keys);
    assert.equal((await store.list('k/')).entries.length, keys.length);
  });
  void test('says that there is more only when there is, and counts only when asked', async (t) => {
    const store = await openStore(t, open);
    await createAll(store, ['a', 'b', 'c']);
    await store.delete('c', 3);
    const both = await store.list('', { limit: 2 });
    assert.equal(both.more, false);
    assert.equal('remaining' in both, false);
    assert.equal((await store.list('', { limit: 1 })).more, true);
    assert.equal((await store.list('', { limit: 1, count: true })).remaining, 1);
    assert.equal((await store.list('', { count: true })).remaining, 0);
  });
  void test('shows one revision on all pages while others write', async (t) => {
    const store = await openStore(t, open);
    const keys = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    await createAll(store, keys);
    const first = await store.list('', { limit: 7 });
    const seen: Entry[] = [...first.entries];
    for (let step = 0; step < 10; step++) {
      await disturb(store, step);
      const after = seen.at(-1)?.key ?? '';
      const page = await store.list('', { limit: 7, after, revision: first.revision });
      assert.equal(page.revision, first.revision);
      seen.push(...page.entries);
      if (!page.more) break;
    }
    assert.deepEqual(
      seen.map((entry) => `${entry.key}@${entry.revision}`),
      keys.map((key, i) => `${key}@${i + 1}`),
    );
  });
}

function history(open: OpenStore): void {
  void test('lists every older revision as it was', async (t) => {
    const store = await openStore(t, open);
    const snapshots: (readonly string[])[] = [linesOf(await store.list(''))];
    for (let i = 0; i < 30; i++) {
      await disturb(store, i);
      const current = await store.currentRevision();
      while (snapshots.length <= current) snapshots.push([]);
      snapshots[current] = linesOf(await store.list(''));
    }
    for (const [revision, expected] of snapshots.entries()) {
      if (expected.length === 0 && revision > 0) continue;
      const page = await store.list('', { revision });
      assert.deepEqual(linesOf(page), expected);
      assert.equal(page.revision, revision);
    }
  });
  void test('lists nothing at revision zero', async (t) => {
    const store = await openStore(t, open);
    await store.create('a', bytes(''));
    const page = await store.list('', { revision: 0, count: true, limit: 1 });
    assert.deepEqual(page, { entries: [], revision: 0, more: false, remaining: 0 });
  });
}

async function createAll(store: Store, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.create(key, bytes(key));
}

/** Updates one key, deletes another and creates a third; which ones depends on `step`. */
async function disturb(store: Store, step: number): Promise<void> {
  const { entries } = await store.list('');
  const updated = entries[(step * 5) % entries.length];
  if (updated !== undefined) await store.update(updated.key, bytes(`step ${step}`), updated.revision);
  const deleted = entries[(step * 5 + 1) % entries.length];
  if (deleted !== undefined && deleted !== updated) await store.delete(deleted.key, deleted.revision);
  await store.create(`k${String(step).padStart(2, '0')}-new`, bytes('new'));
}
