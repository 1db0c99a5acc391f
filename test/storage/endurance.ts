import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';

import { isCountersignError } from '../../src/base/error.js';
import { openEtcdStore } from '../../src/storage/etcd/open-etcd-store.js';
import type { Revision, Store, StoreEvent, Watch } from '../../src/storage/store.js';
import type { EtcdCluster } from '../etcd.js';
import { History } from '../history.js';
import type { Attempt, SeenChange, WatcherLog } from '../history.js';

/** A run under load on a cluster to which things happen. */
export interface EnduranceRun {
  readonly cluster: EtcdCluster;
  /** Forgets all but so many of the newest revisions, all the time; nothing is forgotten when absent. */
  readonly keepRevisions?: number;
  /** What happens; the load goes on meanwhile, and until it works again after. */
  readonly happens: (load: Load) => Promise<void>;
}

/** The load, as what happens to the cluster sees it. */
export interface Load {
  /** Resolves when so many more writes have been acknowledged. */
  progress(writes: number): Promise<void>;
}

/** What has been seen, for a test to judge that the run was worth something. */
export interface EnduranceResult {
  readonly acknowledged: number;
  readonly unknown: number;
  /** The longest any write took to be answered, one way or the other. */
  readonly slowestMs: number;
}

const STORES = 3;
const WRITERS_PER_STORE = 3;
/** Keys that writers have in common. */
const SHARED_KEYS = 2;

/**
 * Runs writers and watchers on several stores over one cluster while things happen to it, and asserts that what they
 * have seen is a history that can be. Some watchers stay; others are stopped over and over, and resume elsewhere.
 */
export async function endures(t: TestContext, run: EnduranceRun): Promise<EnduranceResult> {
  const address = `${run.cluster.address}/endurance`;
  const stores = await Promise.all(Array.from({ length: STORES }, () => openEtcdStore({ address })));
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const world = new World(stores);
  const start = await world.store(0).currentRevision();
  const watchers = stores.flatMap((_, i) => [
    world.follow(`watcher ${i}`, start, () => i, Infinity),
    world.follow(`wanderer ${i}`, start, (turn) => (i + turn) % STORES, 40 + 10 * i),
  ]);
  const writers = stores.flatMap((_, i) => Array.from({ length: WRITERS_PER_STORE }, (_, j) => world.write(i, j)));
  const compacting = run.keepRevisions === undefined ? undefined : world.compact(run.keepRevisions);
  await world.progress(50);
  await run.happens(world);
  await world.progress(50);
  world.over = true;
  await Promise.all([...writers, compacting]);
  const fence = await world.fence();
  await Promise.all(watchers.map((watcher) => watcher.reached(fence)));
  const { entries } = await insisting(() => world.store(0).list('', { revision: fence }));
  const final = entries.map(({ key, value, revision }) => ({ key, revision, mark: Buffer.from(value).toString() }));
  assert.deepEqual(world.history.violations({ revision: fence, entries: final }), []);
  const { acknowledged, slowestMs } = world;
  return { acknowledged, slowestMs, unknown: world.history.attempts.filter(isUnknown).length };
}

const isUnknown = ({ outcome }: Attempt): boolean => outcome.kind === 'unknown';

class World implements Load {
  readonly history = new History();
  readonly #stores: readonly Store[];
  over = false;
  acknowledged = 0;
  slowestMs = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(stores: readonly Store[]) {
    this.#stores = stores;
  }

  store(index: number): Store {
    const store = this.#stores[index];
    assert.ok(store !== undefined);
    return store;
  }

  progress(writes: number): Promise<void> {
    const until = this.acknowledged + writes;
    return new Promise((resolve) => this.#waiting.push({ until, resolve }));
  }

  /** Creates, updates and deletes keys of its own, and now and then one that it shares with others. */
  async write(store: number, writer: number): Promise<void> {
    for (let step = 0; !this.over; step++) {
      const key = step % 4 === 3 ? `shared/${step % SHARED_KEYS}` : `own/${store}/${writer}/${step % 2}`;
      const mark = `${store}.${writer}.${step}`;
      const there = await insisting(() => this.store(store).get(key));
      if (there !== undefined) this.history.told(there.revision);
      if (there === undefined) await this.#attempt('put', key, mark, () => this.store(store).create(key, bytes(mark)));
      else if (step % 3 === 2) {
        await this.#attempt('delete', key, `${there.revision}`, () => this.store(store).delete(key, there.revision));
      } else {
        await this.#attempt('put', key, mark, () => this.store(store).update(key, bytes(mark), there.revision));
      }
    }
  }

  /** Forgets all but the newest revisions, again and again. */
  async compact(keep: number): Promise<void> {
    while (!this.over) {
      try {
        const store = this.store(1);
        await store.compact(Math.max(0, (await store.currentRevision()) - keep));
      } catch (error) {
        assert.ok(isUnavailable(error), String(error));
      }
      await passed(20);
    }
  }

  /** A write after all others, and its revision. */
  async fence(): Promise<Revision> {
    for (let i = 0; ; i++) {
      const key = `fence/${i}`;
      const revision = await this.#attempt('put', key, key, () => this.store(0).create(key, bytes(key)));
      if (revision !== undefined) return revision;
    }
  }

  /** A watcher that is stopped after so many changes, and then goes on in the next store. */
  follow(name: string, after: Revision, storeOf: (turn: number) => number, stopAfter: number): Follower {
    return new Follower(this.history.watcher(name, after), (turn) => this.store(storeOf(turn)), stopAfter);
  }

  async #attempt(
    kind: SeenChange['kind'],
    key: string,
    mark: string,
    write: () => Promise<Revision>,
  ): Promise<Revision | undefined> {
    const attempt = this.history.begin(kind, key, mark);
    const begun = performance.now();
    try {
      const revision = await write();
      attempt.done(revision);
      this.acknowledged++;
      this.#waiting = this.#waiting.filter(({ until, resolve }) => {
        if (this.acknowledged >= until) resolve();
        return this.acknowledged < until;
      });
      return revision;
    } catch (error) {
      if (isUnavailable(error)) attempt.unknown();
      else if (isCountersignError(error)) attempt.refused();
      else throw error;
      return undefined;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
    }
  }
}

/** A watcher for the whole run; resumes where it was stopped, and lists anew where history is gone. */
class Follower {
  readonly #log: WatcherLog;
  readonly #storeOf: (turn: number) => Store;
  readonly #stopAfter: number;
  #turn = 0;
  #watch: Watch | undefined;
  #waiting: { readonly revision: Revision; readonly resolve: () => void }[] = [];
  #failed: Error | undefined;

  constructor(log: WatcherLog, storeOf: (turn: number) => Store, stopAfter: number) {
    this.#log = log;
    this.#storeOf = storeOf;
    this.#stopAfter = stopAfter;
    void this.#run();
  }

  /** Resolves when everything up to a revision has been told. */
  async reached(revision: Revision): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#log.through < revision) await new Promise<void>((resolve) => this.#waiting.push({ revision, resolve }));
    this.#watch?.stop();
  }

  async #run(): Promise<void> {
    try {
      for (; ; this.#turn++) await this.#follow(this.#storeOf(this.#turn));
    } catch (error) {
      this.#failed = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** One watch, until it has had its changes. */
  async #follow(store: Store): Promise<void> {
    const ended = new Promise<Error | undefined>((resolve) => {
      let left = this.#stopAfter;
      const watcher = {
        onEvents: (events: readonly StoreEvent[], through: Revision) => {
          for (const event of events) this.#log.saw(seen(event));
          this.#told(through);
          left -= events.length;
          if (left > 0) return;
          this.#watch?.stop();
          resolve(undefined);
        },
        onEnd: resolve,
      };
      store.watch('', this.#log.through, watcher).then((watch) => {
        this.#watch = watch;
        // it may have had enough before it was known here
        if (left <= 0) watch.stop();
      }, resolve);
    });
    const end = await ended;
    if (end === undefined || isUnavailable(end)) return;
    if (!isCountersignError(end) || end.code !== 'STORE_COMPACTED') throw end;
    const { revision } = await insisting(() => store.list('', { limit: 1 }));
    this.#log.startedOver(revision);
    this.#told(revision);
  }

  #told(through: Revision): void {
    this.#log.complete(through);
    this.#waiting = this.#waiting.filter(({ revision, resolve }) => {
      if (this.#log.through >= revision) resolve();
      return this.#log.through < revision;
    });
  }
}

function seen(event: StoreEvent): SeenChange {
  const { kind, key, revision } = event;
  const mark = kind === 'put' ? Buffer.from(event.value).toString() : `${event.previous.revision}`;
  return { kind, key, revision, mark };
}

/** Reads until the store can be reached. */
async function insisting<T>(read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await passed(50);
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return isCountersignError(error) && error.code === 'STORE_UNAVAILABLE';
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}
