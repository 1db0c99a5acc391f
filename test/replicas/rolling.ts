import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { hasHttpCode } from '../../src/client/api-failure.js';
import type { Client } from '../../src/client/client.js';
import type { ConfigMap } from '../../src/client/core-objects.js';
import { CONFIG_MAPS, NAMESPACES } from '../../src/client/resources.js';
import type { KubeObject } from '../../src/kube/object-meta.js';
import { type Attempt, History, type WatcherLog } from '../history.js';
import { requireTool } from '../tools.js';
import { ProcessSet, type ReplicaProcess, until } from './process-set.js';

const NAMESPACE = 'load';
const WRITERS = 6;
const WATCHERS = 3;

/** Whether an object is one of the load: the server keeps some of its own in every namespace. */
function isOwn({ metadata: { name = '' } }: KubeObject): boolean {
  return /^(w\d+-\d+|end)$/.test(name);
}

function list(load: Load) {
  return load.client(0).list(CONFIG_MAPS, { namespace: NAMESPACE });
}

/** Writers and watchers who go on, at whichever replica answers, while replicas come and go. */
class Load {
  readonly history = new History();
  acknowledged = 0;
  isOver = false;
  readonly #replicas: readonly (ReplicaProcess | undefined)[];
  #marks = 0;

  constructor(replicas: readonly (ReplicaProcess | undefined)[]) {
    this.#replicas = replicas;
  }

  /** The client of a replica that runs: the `i`th, or one after it. */
  client(i: number): Client {
    const { length } = this.#replicas;
    for (let j = 0; j < length; j++) {
      const replica = this.#replicas[(i + j) % length];
      if (replica !== undefined) return replica.client;
    }
    throw new Error('no replica runs');
  }

  /** Resolves when so many more writes have been acknowledged. */
  async progress(writes: number): Promise<void> {
    const goal = this.acknowledged + writes;
    await until('writes are acknowledged', async () => this.acknowledged >= goal);
  }

  /** Creates, changes and deletes objects of its own until the load is over. */
  async write(writer: number): Promise<void> {
    let turn = writer;
    while (!this.isOver) {
      const name = `w${writer}-${turn++ % 4}`;
      const current = await this.#read(turn, name);
      if (current === undefined) await this.put(turn, name, undefined);
      else if (turn % 5 === 0) await this.#delete(turn, current);
      else await this.put(turn, name, current);
    }
  }

  /** Writes an object once; the answer is whether it was acknowledged. */
  async put(turn: number, name: string, current: ConfigMap | undefined): Promise<boolean> {
    const mark = `m${this.#marks++}`;
    const attempt = this.history.begin('put', name, mark);
    const metadata = current?.metadata ?? { namespace: NAMESPACE, name };
    const object: ConfigMap = { ...current, metadata, data: { mark } };
    const client = this.client(turn);
    return this.#settled(attempt, async () => {
      const written = await (current === undefined
        ? client.create(CONFIG_MAPS, object)
        : client.update(CONFIG_MAPS, object));
      return Number(written.metadata.resourceVersion);
    });
  }

  async #delete(turn: number, { metadata }: ConfigMap): Promise<void> {
    const { name = '', resourceVersion = '' } = metadata;
    const attempt = this.history.begin('delete', name, resourceVersion);
    await this.#settled(attempt, async () => {
      const preconditions = { resourceVersion };
      await this.client(turn).delete(CONFIG_MAPS, name, { namespace: NAMESPACE, preconditions });
      return 0;
    });
  }

  async #settled(attempt: Attempt, write: () => Promise<number>): Promise<boolean> {
    try {
      attempt.done(await write());
      this.acknowledged++;
      return true;
    } catch (error) {
      if (hasHttpCode(error, 404, 409, 429)) attempt.refused();
      else attempt.unknown();
      return false;
    }
  }

  /** What is there, asked of replicas in turn until one answers. */
  async #read(turn: number, name: string): Promise<ConfigMap | undefined> {
    for (let i = turn; ; i++) {
      try {
        return await this.client(i).get(CONFIG_MAPS, name, { namespace: NAMESPACE });
      } catch (error) {
        if (hasHttpCode(error, 404)) return undefined;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  /** Watches from a version until `signal` aborts; a watch that ends is resumed at the next replica. */
  async follow(log: WatcherLog, watcher: number, signal: AbortSignal): Promise<void> {
    const versions = new Map<string, string>();
    for (let turn = watcher; !signal.aborted; turn++) {
      const from = { namespace: NAMESPACE, resourceVersion: String(log.through), signal };
      await this.client(turn)
        .watch(CONFIG_MAPS, from, ({ type, object }) => {
          const { name = '', resourceVersion = '' } = object.metadata;
          if (!isOwn(object)) return;
          const kind = type === 'DELETED' ? 'delete' : 'put';
          const mark = kind === 'put' ? (object.data?.['mark'] ?? '') : (versions.get(name) ?? '');
          versions.set(name, resourceVersion);
          log.saw({ kind, key: name, revision: Number(resourceVersion), mark });
        })
        .catch(() => new Promise((resolve) => setTimeout(resolve, 10)));
    }
  }
}

/** A replica, by number, and how it is ended before it is started again. */
export type Restart = readonly [replica: number, signal: 'SIGTERM' | 'SIGKILL'];

/**
 * Restarts replicas one by one under a load of writers and watchers, and asserts that what these have seen is a history
 * that can be.
 */
export async function endureRestarts(t: TestContext, count: number, restarts: readonly Restart[]): Promise<void> {
  if (!requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
  await using set = await ProcessSet.open();
  const replicas: (ReplicaProcess | undefined)[] = await Promise.all(Array.from({ length: count }, () => set.start()));
  const load = new Load(replicas);
  await load.client(0).create(NAMESPACES, { metadata: { name: NAMESPACE } });
  const start = Number((await list(load)).metadata.resourceVersion);
  const watching = new AbortController();
  const logs = Array.from({ length: WATCHERS }, (_, i) => load.history.watcher(`watcher ${i}`, start));
  const watches = logs.map((log, i) => load.follow(log, i, watching.signal));
  const writers = Array.from({ length: WRITERS }, (_, i) => load.write(i));
  await load.progress(50);
  for (const [i, signal] of restarts) {
    const replica = replicas[i];
    replicas[i] = undefined;
    await replica?.end(signal);
    await load.progress(50);
    replicas[i] = await set.start();
    await load.progress(50);
  }
  load.isOver = true;
  await Promise.all(writers);
  while (!(await load.put(0, 'end', undefined)));
  const { metadata } = await load.client(0).get(CONFIG_MAPS, 'end', { namespace: NAMESPACE });
  const revision = Number(metadata.resourceVersion);
  await until('every watcher has seen the end', async () => logs.every(({ through }) => through >= revision));
  watching.abort();
  await Promise.all(watches);
  const entries = (await list(load)).items.filter(isOwn).map((item) => ({
    key: item.metadata.name ?? '',
    revision: Number(item.metadata.resourceVersion),
    mark: item.data?.['mark'] ?? '',
  }));
  assert.deepEqual(load.history.violations({ revision, entries }), []);
}
