import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject, WatchEvent } from '../kube/object-meta.js';
import { StatusError } from '../kube/status.js';
import { type ConfigMap, configMaps } from './configmaps/configmaps.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import type { Store } from '../storage/store.js';
import type { ObjectFilter, WatchQuery } from './resource-store.js';
import { listQuery, openTestStore, shortEvent, type TestStore, watchQuery } from './testing/open-test-store.js';

type Event = WatchEvent<ConfigMap | KubeObject>;

const RED: ObjectFilter<ConfigMap> = { matches: (object) => object.data?.['colour'] === 'red', everything: false };

async function put(opened: TestStore<ConfigMap>, name: string, colour = 'red', namespace = 'default'): Promise<void> {
  const { objects, context } = opened;
  const object: ConfigMap = { metadata: { name, namespace }, data: { colour } };
  const existing = await objects.get({ namespace, name }).catch(() => undefined);
  if (existing === undefined) await objects.create(object, { context: context() });
  else await objects.update({ namespace, name }, () => object, { context: context() });
}

async function remove({ objects, context }: TestStore<ConfigMap>, name: string): Promise<void> {
  await objects.delete({ namespace: 'default', name }, { context: context() });
}

async function watch(
  { objects }: TestStore<ConfigMap>,
  query: Partial<WatchQuery<ConfigMap>>,
): Promise<{ readonly events: Event[]; readonly stop: () => void; readonly bookmark: () => WatchEvent | undefined }> {
  const events: Event[] = [];
  const running = await objects.watch(watchQuery(query), (batch) => {
    events.push(...batch);
  });
  return { events, stop: () => running.stop(), bookmark: () => running.bookmark() };
}

const short = (events: readonly Event[]): readonly string[] => events.map(shortEvent);

test('refuses a version that is no number with 500 and no reason', async () => {
  const opened = openTestStore(configMaps);
  await assert.rejects(watch(opened, { resourceVersion: 'abc' }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.deepEqual(error.status, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
      code: 500,
    });
    return true;
  });
});

/** A store that is ahead of what its watches say of how far they are complete, until it is told to catch up. */
function laggingStore() {
  const memory = createMemoryStore();
  let isBehind = true;
  let watches = 0;
  const store: Store = {
    currentRevision: () => memory.currentRevision(),
    get: (key) => memory.get(key),
    list: (prefix, options) => memory.list(prefix, options),
    create: (key, value) => memory.create(key, value),
    update: (key, value, expected) => memory.update(key, value, expected),
    delete: (key, expected) => memory.delete(key, expected),
    compact: (revision) => memory.compact(revision),
    close: () => memory.close(),
    watch: async (prefix, after, watcher) => {
      const watch = await memory.watch(prefix, after, watcher);
      watches++;
      const stop = (): void => {
        watches--;
        watch.stop();
      };
      return { stop, through: () => (isBehind ? after : watch.through()) };
    },
  };
  const catchUp = (): void => {
    isBehind = false;
  };
  return { store, catchUp, watches: () => watches };
}

test('a watch from before others wrote is live at once, and shares that of the resource when the store says it may', async () => {
  const { store, catchUp, watches } = laggingStore();
  const opened = openTestStore(configMaps, { store });
  await store.create('/registry/pods/default/a', Uint8Array.of());
  await store.create('/registry/pods/default/b', Uint8Array.of());
  const { events, stop } = await watch(opened, { resourceVersion: '1' });
  const gone = await watch(opened, { resourceVersion: '1' });
  assert.equal(watches(), 3);
  gone.stop();
  opened.clock.advance(1000);
  assert.equal(watches(), 2);
  await put(opened, 'mine');
  catchUp();
  opened.clock.advance(1000);
  assert.equal(watches(), 1);
  await put(opened, 'another');
  assert.deepEqual(short(events), ['ADDED mine@3', 'ADDED another@4']);
  assert.deepEqual(gone.events, []);
  stop();
});

test('says in the stream that a version is too old, and nothing after it', async () => {
  const opened = openTestStore(configMaps);
  for (const name of ['a', 'b', 'c']) await put(opened, name);
  await opened.store.compact(3);
  const { events } = await watch(opened, { resourceVersion: '1' });
  await put(opened, 'd');
  assert.deepEqual(events, [
    {
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 1 (3)',
        reason: 'Expired',
        code: 410,
      },
    },
  ]);
});

test('says in the stream that a version for initial events is not reached in time', async () => {
  const opened = openTestStore(configMaps);
  const watching = watch(opened, { resourceVersion: '5', sendInitialEvents: true });
  for (let i = 0; i < 40; i++) {
    opened.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { events } = await watching;
  assert.equal(events.length, 1);
  assert.match(JSON.stringify(events[0]), /"message":"Timeout: Too large resource version: 5, current: 0".*"code":504/);
});

test('ends with an ERROR when the store is closed', async () => {
  const opened = openTestStore(configMaps);
  const { events } = await watch(opened, {});
  await opened.store.close();
  assert.deepEqual(
    events.map((event) => event.type),
    ['ERROR'],
  );
});

test('tells what comes after a version', async () => {
  const opened = openTestStore(configMaps);
  for (const name of ['a', 'b', 'c']) await put(opened, name);
  const { events } = await watch(opened, { resourceVersion: '1' });
  assert.deepEqual(short(events), ['ADDED b@2', 'ADDED c@3']);
  await put(opened, 'b', 'blue');
  await remove(opened, 'c');
  assert.deepEqual(short(events.slice(2)), ['MODIFIED b@4', 'DELETED c@5']);
});

for (const [name, query] of [
  ['without version', {}],
  ['at version 0', { resourceVersion: '0' }],
  ['asked for initial events', { resourceVersion: '1', sendInitialEvents: true }],
] as const) {
  test(`starts with everything there is, and a bookmark where allowed, ${name}`, async () => {
    const opened = openTestStore(configMaps);
    await put(opened, 'b');
    await put(opened, 'a');
    const plain = await watch(opened, query);
    const marked = await watch(opened, { ...query, allowBookmarks: true });
    await put(opened, 'c');
    assert.deepEqual(short(plain.events), ['ADDED a@2', 'ADDED b@1', 'ADDED c@3']);
    assert.deepEqual(short(marked.events), ['ADDED a@2', 'ADDED b@1', 'BOOKMARK @2', 'ADDED c@3']);
    assert.deepEqual(marked.events[2]?.object, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });
}

test('starts from now without initial events where they are not wanted', async () => {
  const opened = openTestStore(configMaps);
  await put(opened, 'a');
  const { events } = await watch(opened, { sendInitialEvents: false, allowBookmarks: true });
  await put(opened, 'b');
  assert.deepEqual(short(events), ['ADDED b@2']);
});

test('stays silent until a version of the future has passed', async () => {
  const opened = openTestStore(configMaps);
  const { events } = await watch(opened, { resourceVersion: '2' });
  for (const name of ['a', 'b', 'c']) await put(opened, name);
  assert.deepEqual(short(events), ['ADDED c@3']);
});

test('adds what begins to match, and deletes, as it was, what no longer does', async () => {
  const opened = openTestStore(configMaps);
  const { events } = await watch(opened, { filter: RED });
  await put(opened, 'a', 'blue');
  await put(opened, 'a', 'red');
  await put(opened, 'a', 'blue');
  await put(opened, 'a', 'green');
  await remove(opened, 'a');
  assert.deepEqual(short(events), ['ADDED a@2', 'DELETED a@3']);
  assert.deepEqual(events[1]?.object, {
    ...events[0]?.object,
    metadata: { ...events[0]?.object.metadata, resourceVersion: '3' },
  });
});

test('tells of one namespace, or of one name', async () => {
  const opened = openTestStore(configMaps);
  const namespace = await watch(opened, { namespace: 'default' });
  const name = await watch(opened, { namespace: 'default', name: 'a' });
  const anywhere = await watch(opened, { name: 'a' });
  await put(opened, 'a');
  await put(opened, 'ab');
  await put(opened, 'a', 'red', 'other');
  assert.deepEqual(short(namespace.events), ['ADDED a@1', 'ADDED ab@2']);
  assert.deepEqual(short(name.events), ['ADDED a@1']);
  assert.deepEqual(short(anywhere.events), ['ADDED a@1', 'ADDED a@3']);
});

test('gives all watchers the same event, which is what the writer got', async () => {
  const opened = openTestStore(configMaps);
  const first = await watch(opened, {});
  const second = await watch(opened, { filter: RED });
  await put(opened, 'a');
  assert.equal(first.events[0], second.events[0]);
  assert.equal(first.events[0]?.object, await opened.objects.get({ namespace: 'default', name: 'a' }));
});

test('tells a write before it is answered', async () => {
  const opened = openTestStore(configMaps);
  const { events } = await watch(opened, {});
  for (let i = 0; i < 5; i++) {
    await put(opened, `n${i}`);
    assert.equal(events.length, i + 1);
  }
});

test('bookmarks what other resources wrote as well', async () => {
  const opened = openTestStore(configMaps);
  const { bookmark } = await watch(opened, {});
  await opened.store.create('/registry/other/x', new Uint8Array([1]));
  assert.equal(bookmark()?.object.metadata.resourceVersion, '1');
});

test('says nothing once it is stopped', async () => {
  const opened = openTestStore(configMaps);
  const { events, stop } = await watch(opened, {});
  stop();
  stop();
  await put(opened, 'a');
  assert.deepEqual(events, []);
});

test('holds initial events back while their receiver asks for it, and loses nothing', async () => {
  const opened = openTestStore(configMaps);
  for (let i = 0; i < 1200; i++) await opened.store.create(`/registry/configmaps/default/n${i}`, encoded(`n${i}`));
  let release = (): void => undefined;
  const received: Event[] = [];
  const count = (): number => received.length;
  const running = await opened.objects.watch(watchQuery(), (batch) => {
    received.push(...batch);
    if (count() > 500) return;
    return new Promise((resolve) => {
      release = resolve;
    });
  });
  assert.equal(count(), 500);
  assert.equal(running.bookmark(), undefined, 'none that would let a client go on in the middle');
  await put(opened, 'later');
  release();
  while (count() < 1201) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(running.bookmark()?.object.metadata.resourceVersion, '1201');
});

function encoded(name: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ metadata: { name, namespace: 'default' } }));
}

test('a watch started at any time sees the list grow as every other', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name, colour: fc.constantFrom('red', 'blue', 'green') }),
    fc.record({ kind: fc.constant('remove' as const), name }),
    fc.record({
      kind: fc.constant('watch' as const),
      from: fc.constantFrom('initial', 'list', 'old list'),
      red: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('wait' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const opened = openTestStore(configMaps, { cacheBytes: 400 });
      const followers: Follower[] = [];
      const pending: Promise<unknown>[] = [];
      const late: Follower[] = [];
      const catchUp = async (): Promise<void> => {
        await Promise.all(pending.splice(0));
        pending.push(...late.splice(0).map((follower) => follower.watch()));
      };
      for (const s of steps) {
        if (s.kind === 'put') pending.push(put(opened, s.name, s.colour).catch(() => undefined));
        else if (s.kind === 'remove') pending.push(remove(opened, s.name).catch(() => undefined));
        else if (s.kind === 'wait') await catchUp();
        else {
          const follower = new Follower(opened, s.red ? RED : listQuery<ConfigMap>().filter);
          followers.push(follower);
          if (s.from === 'initial') pending.push(follower.watch());
          else if (s.from === 'list') pending.push(follower.list().then(() => follower.watch()));
          else {
            pending.push(follower.list());
            late.push(follower);
          }
        }
      }
      await catchUp();
      await Promise.all(pending);
      for (const follower of followers) await follower.check();
    }),
    { numRuns: 150 },
  );
});

/** Keeps the state that the events of a watch tell of, and checks each event against it. */
class Follower {
  readonly #opened: TestStore<ConfigMap>;
  readonly #filter: ObjectFilter<ConfigMap>;
  readonly #state = new Map<string, string>();
  #from = '';
  #last = 0;
  #initial = true;

  constructor(opened: TestStore<ConfigMap>, filter: ObjectFilter<ConfigMap>) {
    this.#opened = opened;
    this.#filter = filter;
  }

  /** Takes the state to start from out of a list. */
  async list(): Promise<void> {
    const { metadata, items } = await this.#opened.objects.list(listQuery({ filter: this.#filter }));
    for (const item of items) this.#state.set(item.metadata.name ?? '', item.metadata.resourceVersion ?? '');
    this.#from = metadata.resourceVersion ?? '';
    this.#last = Number(this.#from);
    this.#initial = this.#last === 0;
  }

  async watch(): Promise<void> {
    const query = watchQuery({ filter: this.#filter, allowBookmarks: true, resourceVersion: this.#from });
    await this.#opened.objects.watch(query, (events) => this.#take(events));
  }

  async check(): Promise<void> {
    const { items } = await this.#opened.objects.list(listQuery({ filter: this.#filter }));
    const listed = items.map((item) => [item.metadata.name, item.metadata.resourceVersion]);
    assert.deepEqual([...this.#state].sort(), listed);
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      const { name = '', resourceVersion = '' } = event.object.metadata;
      const version = Number(resourceVersion);
      if (!this.#initial) assert.ok(version > this.#last, `version ${version} after ${this.#last}`);
      if (!this.#initial) this.#last = version;
      if (event.type === 'BOOKMARK') {
        this.#initial = false;
        this.#last = version;
      } else if (event.type === 'DELETED') {
        assert.ok(this.#state.delete(name), `${name} was deleted without being there`);
      } else {
        assert.equal(this.#state.has(name), event.type === 'MODIFIED', `${event.type} ${name}`);
        this.#state.set(name, resourceVersion);
      }
    }
  }
}
