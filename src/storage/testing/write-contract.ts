import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../../base/error.js';
import { DEFAULT_MAX_VALUE_BYTES, MAX_KEY_BYTES } from '../store.js';
import type { Revision, Store } from '../store.js';
import { bytes, openStore, RecordingWatcher, refusedWith, textOf } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

/** Refusals that change nothing: each is tried on a store that holds `there` at revision 1 and `gone`, deleted at 3. */
const REFUSALS = [
  {
    name: 'a create of a key that is there',
    code: 'STORE_EXISTS',
    attempt: (store: Store) => store.create('there', bytes('new')),
  },
  {
    name: 'an update with a revision that is not the newest',
    code: 'STORE_CONFLICT',
    attempt: (store: Store) => store.update('there', bytes('new'), 2),
  },
  {
    name: 'an update with a revision that has not been reached',
    code: 'STORE_CONFLICT',
    attempt: (store: Store) => store.update('there', bytes('new'), 99),
  },
  {
    name: 'an update of a key that is there with revision zero',
    code: 'STORE_CONFLICT',
    attempt: (store: Store) => store.update('there', bytes('new'), 0),
  },
  {
    name: 'an update of a key that never was',
    code: 'STORE_NOT_FOUND',
    attempt: (store: Store) => store.update('never', bytes('new'), 1),
  },
  {
    name: 'an update of a deleted key with its last revision',
    code: 'STORE_NOT_FOUND',
    attempt: (store: Store) => store.update('gone', bytes('new'), 2),
  },
  {
    name: 'an update of a deleted key with the revision of its deletion',
    code: 'STORE_NOT_FOUND',
    attempt: (store: Store) => store.update('gone', bytes('new'), 3),
  },
  {
    name: 'a delete with a revision that is not the newest',
    code: 'STORE_CONFLICT',
    attempt: (store: Store) => store.delete('there', 3),
  },
  {
    name: 'a delete of a key that never was',
    code: 'STORE_NOT_FOUND',
    attempt: (store: Store) => store.delete('never', 1),
  },
  {
    name: 'a second delete',
    code: 'STORE_NOT_FOUND',
    attempt: (store: Store) => store.delete('gone', 3),
  },
  {
    name: 'a value above the limit',
    code: 'STORE_TOO_LARGE',
    attempt: (store: Store) => store.update('there', new Uint8Array(DEFAULT_MAX_VALUE_BYTES + 1), 1),
  },
  {
    name: 'a key above the limit, counted in bytes',
    code: 'STORE_TOO_LARGE',
    attempt: (store: Store) => store.create('é'.repeat(MAX_KEY_BYTES / 2) + 'x', bytes('new')),
  },
] as const;

const BAD_KEYS = [
  { name: 'an empty key', key: '' },
  { name: 'a key with half a surrogate pair', key: 'a\ud800b' },
  { name: 'a key that ends in half a surrogate pair', key: 'a\ud83d' },
  { name: 'a key with a surrogate pair the wrong way round', key: '\ude00\ud83d' },
] as const;

/** What a store promises of writes. */
export function writeContract(open: OpenStore): void {
  refusals(open);
  acceptances(open);
  races(open);
}

function refusals(open: OpenStore): void {
  for (const { name, code, attempt } of REFUSALS) {
    void test(`refuses ${name}, and changes nothing`, async (t) => {
      const store = await openStore(t, open);
      await store.create('there', bytes('old'));
      await store.delete('gone', await store.create('gone', bytes('old')));
      const watcher = new RecordingWatcher();
      await store.watch('', 3, watcher);
      await refusedWith(code, attempt(store));
      assert.equal(await store.currentRevision(), 3);
      assert.deepEqual(await store.get('there'), { key: 'there', value: bytes('old'), revision: 1 });
      assert.equal(await store.get('gone'), undefined);
      assert.equal(await store.create('next', bytes('')), 4);
      await watcher.delivered(4);
      assert.deepEqual(watcher.lines(), ['put next=@4']);
    });
  }
  for (const { name, key } of BAD_KEYS) {
    void test(`refuses ${name} in every operation`, async (t) => {
      const store = await openStore(t, open);
      await assert.rejects(store.get(key), RangeError);
      await assert.rejects(store.create(key, bytes('')), RangeError);
      await assert.rejects(store.update(key, bytes(''), 1), RangeError);
      await assert.rejects(store.delete(key, 1), RangeError);
      assert.equal(await store.currentRevision(), 0);
    });
  }
  for (const revision of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    void test(`refuses ${revision} as a revision`, async (t) => {
      const store = await openStore(t, open);
      await store.create('a', bytes(''));
      await assert.rejects(store.update('a', bytes(''), revision), RangeError);
      await assert.rejects(store.delete('a', revision), RangeError);
      await assert.rejects(store.list('', { revision }), RangeError);
      await assert.rejects(store.watch('', revision, new RecordingWatcher()), RangeError);
      await assert.rejects(store.compact(revision), RangeError);
      assert.equal(await store.currentRevision(), 1);
    });
  }
}

function acceptances(open: OpenStore): void {
  void test('gives every write the next revision, deletes too, across keys', async (t) => {
    const store = await openStore(t, open);
    assert.equal(await store.currentRevision(), 0);
    assert.equal(await store.create('a', bytes('1')), 1);
    assert.equal(await store.create('b', bytes('2')), 2);
    assert.equal(await store.update('a', bytes('3'), 1), 3);
    assert.equal(await store.delete('b', 2), 4);
    assert.equal(await store.create('b', bytes('5')), 5);
    assert.equal(await store.currentRevision(), 5);
    assert.equal(textOf(await store.get('a')), '3');
    assert.equal(textOf(await store.get('b')), '5');
  });
  void test('takes the longest key, the largest value and the empty value', async (t) => {
    const store = await openStore(t, open);
    const key = '😀'.repeat(MAX_KEY_BYTES / 4);
    const value = new Uint8Array(DEFAULT_MAX_VALUE_BYTES).fill(7);
    await store.create(key, value);
    await store.create('empty', new Uint8Array());
    assert.deepEqual(await store.get(key), { key, value, revision: 1 });
    assert.equal((await store.get('empty'))?.value.length, 0);
  });
  void test('keeps every byte of a value, and of a key with a zero byte', async (t) => {
    const store = await openStore(t, open);
    const value = Uint8Array.from({ length: 256 }, (_, i) => i);
    await store.create('\0', value);
    await store.create('\0\0', bytes('longer'));
    assert.deepEqual((await store.get('\0'))?.value, value);
    assert.equal(textOf(await store.get('\0\0')), 'longer');
  });
  void test('takes a value that is a part of a larger buffer', async (t) => {
    const store = await openStore(t, open);
    await store.create('part', bytes('(inside)').subarray(1, 7));
    assert.equal(textOf(await store.get('part')), 'inside');
  });
}

function races(open: OpenStore): void {
  void test('lets exactly one of many concurrent creators of a key win', async (t) => {
    const store = await openStore(t, open);
    const attempts = Array.from({ length: 50 }, (_, i) => store.create('one', bytes(String(i))));
    const results = await Promise.allSettled(attempts);
    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    for (const result of results) if (result.status === 'rejected') assert.ok(hasCode(result.reason, 'STORE_EXISTS'));
    assert.equal(winners.length, 1);
    assert.equal(textOf(await store.get('one')), String(winners[0]));
    assert.equal(await store.currentRevision(), 1);
  });
  void test('lets exactly one of many concurrent updates and deletes with the same revision win', async (t) => {
    const store = await openStore(t, open);
    await store.create('one', bytes('old'));
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        i % 2 === 0 ? store.update('one', bytes('new'), 1) : store.delete('one', 1),
      ),
    );
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    assert.equal(await store.currentRevision(), 2);
  });
  void test('loses no increment of 16 writers that read, add and retry', async (t) => {
    const store = await openStore(t, open);
    await store.create('count', bytes('0'));
    await Promise.all(Array.from({ length: 16 }, () => increment(store, 'count', 5)));
    assert.equal(textOf(await store.get('count')), '80');
    assert.equal(await store.currentRevision(), 81);
  });
  void test('shows what a write was refused for by the time it is refused', async (t) => {
    const store = await openStore(t, open);
    await store.create('one', bytes('old'));
    const first = store.update('one', bytes('first'), 1);
    await refusedWith('STORE_CONFLICT', store.update('one', bytes('second'), 1));
    assert.equal(textOf(await store.get('one')), 'first');
    assert.equal(await first, 2);
  });
  void test('gives concurrent writes of one process revisions without gap or duplicate', async (t) => {
    const store = await openStore(t, open);
    const revisions = await Promise.all(
      Array.from({ length: 300 }, (_, i) => store.create(`key-${i}`, bytes(String(i)))),
    );
    assert.deepEqual(
      [...revisions].sort((a, b) => a - b),
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
    for (const [i, revision] of revisions.entries()) {
      assert.equal((await store.get(`key-${i}`))?.revision, revision);
    }
  });
}

async function increment(store: Store, key: string, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const entry = await store.get(key);
    assert.ok(entry !== undefined);
    if (await tryUpdate(store, key, String(Number(textOf(entry)) + 1), entry.revision)) done++;
  }
}

async function tryUpdate(store: Store, key: string, text: string, expected: Revision): Promise<boolean> {
  try {
    await store.update(key, bytes(text), expected);
    return true;
  } catch (error) {
    if (hasCode(error, 'STORE_CONFLICT')) return false;
    throw error;
  }
}
