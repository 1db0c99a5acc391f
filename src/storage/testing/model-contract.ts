import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ErrorCode } from '../../base/error.js';
import { isCountersignError } from '../../base/error.js';
import type { Revision, Store, StoreEvent } from '../store.js';
import { bytes, lineOf, linesOf, RecordingWatcher } from './store-under-test.js';
import type { OpenStore } from './store-under-test.js';

const KEYS = ['a', 'a/', 'a/b', 'b', 'b/c', 'é', '\uffff', '\u{1f600}'] as const;
const PREFIXES = ['', 'a', 'a/', 'b', 'none'] as const;
const SEEDS = 8;
const STEPS = 80;

/** Runs random operations on a store and on a model of it that a reader can check at a glance. */
export function modelContract(open: OpenStore): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    void test(`does what the model does (seed ${seed})`, async (t) => {
      const { store: first, reopen } = await open(t);
      let store = first;
      t.after(() => store.close());
      const model = new Model();
      const chance = new Chance(seed);
      let watcher = new RecordingWatcher();
      let from = 0;
      await store.watch('', from, watcher);
      for (let step = 0; step < STEPS; step++) {
        await applyWrite(store, model, chance, step);
        if (chance.oneIn(5)) await compareList(store, model, chance);
        if (chance.oneIn(15)) await compareWatch(store, model, chance);
        if (chance.oneIn(25)) await compact(store, model, chance);
        if (reopen !== undefined && chance.oneIn(40)) {
          await compareFollower(watcher, model, from);
          await store.close();
          store = await reopen();
          watcher = new RecordingWatcher();
          from = model.revision;
          await store.watch('', from, watcher);
        }
      }
      await compareFollower(watcher, model, from);
      for (let revision = model.floor; revision <= model.revision; revision++) {
        assert.deepEqual(linesOf(await store.list('', { revision })), model.lines('', revision));
      }
    });
  }
}

/** A store as its list of writes. */
class Model {
  readonly events: StoreEvent[] = [];
  floor: Revision = 0;

  get revision(): Revision {
    return this.events.length;
  }

  /** The newest write of a key at a revision. */
  latest(key: string, revision: Revision = this.revision): StoreEvent | undefined {
    return this.events.slice(0, revision).findLast((event) => event.key === key);
  }

  /** The revision of a key's value; undefined when it is not there. */
  revisionOf(key: string): Revision | undefined {
    const latest = this.latest(key);
    return latest?.kind === 'put' ? latest.revision : undefined;
  }

  write(kind: 'put' | 'delete', key: string, text: string): Revision {
    const latest = this.latest(key);
    const revision = this.revision + 1;
    const previous = latest?.kind === 'put' ? { key, value: latest.value, revision: latest.revision } : undefined;
    if (kind === 'put') this.events.push({ kind, key, revision, value: bytes(text), ...(previous && { previous }) });
    else if (previous !== undefined) this.events.push({ kind, key, revision, previous });
    return revision;
  }

  lines(prefix: string, revision: Revision): readonly string[] {
    return KEYS.filter((key) => key.startsWith(prefix)).flatMap((key) => {
      const latest = this.latest(key, revision);
      if (latest?.kind !== 'put') return [];
      return [`${key}=${Buffer.from(latest.value).toString('utf8')}@${latest.revision}`];
    });
  }
}

async function applyWrite(store: Store, model: Model, chance: Chance, step: number): Promise<void> {
  const key = chance.pick(KEYS);
  const there = model.revisionOf(key);
  const expected = chance.oneIn(4) ? chance.below(model.revision + 2) : (there ?? 1);
  const text = `step ${step}`;
  const refused = there === undefined ? 'STORE_NOT_FOUND' : there === expected ? undefined : 'STORE_CONFLICT';
  switch (chance.pick(['create', 'update', 'update', 'delete'] as const)) {
    case 'create': {
      const exists = there === undefined ? undefined : 'STORE_EXISTS';
      await same(store.create(key, bytes(text)), exists, () => model.write('put', key, text));
      break;
    }
    case 'update':
      await same(store.update(key, bytes(text), expected), refused, () => model.write('put', key, text));
      break;
    case 'delete':
      await same(store.delete(key, expected), refused, () => model.write('delete', key, text));
      break;
  }
  assert.equal(await store.currentRevision(), model.revision);
}

/** Asserts that a write is refused with a code, or gives the revision that the model gives. */
async function same(write: Promise<Revision>, refused: ErrorCode | undefined, apply: () => Revision): Promise<void> {
  if (refused === undefined) {
    assert.equal(await write, apply());
    return;
  }
  await assert.rejects(write, (error) => isCountersignError(error) && error.code === refused);
}

async function compareList(store: Store, model: Model, chance: Chance): Promise<void> {
  const prefix = chance.pick(PREFIXES);
  const revision = model.floor + chance.below(model.revision - model.floor + 1);
  const limit = 1 + chance.below(5);
  const expected = model.lines(prefix, revision);
  const page = await store.list(prefix, { revision, limit, count: true });
  assert.deepEqual(linesOf(page), expected.slice(0, limit));
  assert.equal(page.remaining, Math.max(0, expected.length - limit));
  assert.equal(page.more, expected.length > limit);
  const after = page.entries.at(-1)?.key;
  if (after === undefined) return;
  assert.deepEqual(linesOf(await store.list(prefix, { revision, after })), expected.slice(limit));
}

async function compareWatch(store: Store, model: Model, chance: Chance): Promise<void> {
  const prefix = chance.pick(PREFIXES);
  const after = model.floor + chance.below(model.revision - model.floor + 1);
  const expected = model.events.slice(after).filter((event) => event.key.startsWith(prefix));
  const watcher = new RecordingWatcher();
  const watch = await store.watch(prefix, after, watcher);
  await watcher.delivered(expected.at(-1)?.revision ?? 0);
  watch.stop();
  assert.deepEqual(watcher.lines(), expected.map(lineOf));
}

async function compareFollower(watcher: RecordingWatcher, model: Model, from: Revision): Promise<void> {
  await watcher.delivered(from < model.revision ? model.revision : 0);
  assert.deepEqual(watcher.lines(), model.events.slice(from).map(lineOf));
}

async function compact(store: Store, model: Model, chance: Chance): Promise<void> {
  const revision = chance.below(model.revision + 1);
  await store.compact(revision);
  model.floor = Math.max(model.floor, revision);
}

/** Numbers that a seed determines (mulberry32), so that a failure can be repeated. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from zero up to, and without, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}
