import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../base/fake-clock.js';
import type { Transport } from '../kube/exchange.js';
import { createClient } from './client.js';
import type { ConfigMap } from './core-objects.js';
import type { CacheChange } from './indexed-cache.js';
import { createInformer, type Informer, type InformerState } from './informer.js';
import { CONFIG_MAPS } from './resources.js';
import { createMemoryApi, type MemoryApi, type MemoryApiOptions } from './testing/memory-api.js';
import { halfRandom, settle } from './testing/settle.js';

interface Bench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly informer: Informer<string>;
  readonly changes: CacheChange<string>[];
  readonly states: InformerState[];
  readonly stop: () => Promise<void>;
}

const path = (name: string): string => `/api/v1/namespaces/ns/configmaps/${name}`;
const map = (name: string, value: string): ConfigMap => ({ metadata: { namespace: 'ns', name }, data: { value } });

/** An informer that keeps a value of each ConfigMap, but not the value `hidden`. */
function started(options: MemoryApiOptions = {}, wrap: (transport: Transport) => Transport = (t) => t): Bench {
  const api = createMemoryApi(options);
  const clock = new FakeClock();
  const changes: CacheChange<string>[] = [];
  const states: InformerState[] = [];
  const informer = createInformer(createClient(wrap(api.transport), { userAgent: 'test' }), CONFIG_MAPS, {
    clock,
    random: halfRandom,
    keep: ({ data }) => (data?.['value'] === 'hidden' ? undefined : data?.['value']),
    indexes: { initial: (value) => [value.slice(0, 1)] },
  });
  informer.onState((state) => states.push(state));
  informer.onChange((change) => changes.push(change));
  const end = new AbortController();
  api.put(path('a'), map('a', 'one'));
  api.put(path('b'), map('b', 'hidden'));
  const running = informer.run(end.signal);
  return {
    api,
    clock,
    informer,
    changes,
    states,
    stop: async () => {
      end.abort();
      await running;
      assert.deepEqual(informer.state, { kind: 'stopped' });
    },
  };
}

const MODES: readonly NonNullable<MemoryApiOptions['watchList']>[] = ['served', 'refused', 'ignored'];

suite('informer', () => {
  test('who owns fields is not kept', async () => {
    const api = createMemoryApi();
    const managedFields = [{ manager: 'kubectl', operation: 'Update' as const }];
    api.put(path('a'), { ...map('a', 'one'), metadata: { namespace: 'ns', name: 'a', managedFields } });
    const informer = createInformer(createClient(api.transport, { userAgent: 'test' }), CONFIG_MAPS, {
      clock: new FakeClock(),
      random: halfRandom,
      keep: (object) => object,
    });
    const end = new AbortController();
    const running = informer.run(end.signal);
    await informer.synced;
    const kept = informer.get('ns/a');
    assert.deepEqual([kept?.data, kept?.metadata.managedFields], [{ value: 'one' }, undefined]);
    end.abort();
    await running;
  });

  for (const watchList of MODES) {
    test(`holds what the server holds and follows it, where initial events in a watch are ${watchList}`, async () => {
      const { api, clock, informer, changes, stop } = started({ watchList });
      await settle();
      if (watchList === 'ignored') {
        // Nothing comes, and nothing would ever come: after a while it lists instead.
        assert.equal(informer.state.kind, 'listing');
        clock.advance(10_000);
        await settle();
      }
      await informer.synced;
      assert.deepEqual([...informer.keys()], ['ns/a']);
      assert.equal(informer.state.kind, 'watching');
      api.put(path('c'), map('c', 'three'));
      api.put(path('a'), map('a', 'uno'));
      api.put(path('b'), map('b', 'two'));
      api.put(path('c'), map('c', 'hidden'));
      api.remove(path('a'));
      assert.deepEqual([...informer.values()], ['two']);
      assert.deepEqual(changes, [
        { key: 'ns/a', current: 'one' },
        { key: 'ns/c', current: 'three' },
        { key: 'ns/a', current: 'uno', previous: 'one' },
        { key: 'ns/b', current: 'two' },
        { key: 'ns/c', previous: 'three' },
        { key: 'ns/a', previous: 'uno' },
      ]);
      await stop();
    });
  }

  test('knows up to which version it has followed, by list, event, bookmark and deletion', async () => {
    const { api, informer, stop } = started();
    assert.equal(informer.version, undefined);
    await settle();
    assert.equal(informer.version, String(api.resourceVersion));
    api.put(path('b'), map('b', 'hidden'));
    assert.equal(informer.version, String(api.resourceVersion));
    api.remove(path('b'));
    assert.equal(informer.version, String(api.resourceVersion));
    api.bookmark();
    assert.equal(informer.version, String(api.resourceVersion));
    await stop();
  });

  test('knows when it last heard from the server, be it an event, a bookmark or a list', async () => {
    const { api, clock, informer, stop } = started();
    assert.equal(informer.heardAt, undefined);
    await settle();
    const begin = clock.now();
    assert.equal(informer.heardAt, begin);
    clock.advance(5000);
    await settle();
    assert.equal(informer.heardAt, begin);
    api.put(path('b'), map('b', 'hidden'));
    assert.equal(informer.heardAt, begin + 5000, 'an event of an object that is not kept counts');
    clock.advance(60_000);
    api.bookmark();
    assert.equal(informer.heardAt, begin + 65_000);
    clock.advance(1000);
    api.endWatches();
    await settle();
    assert.equal(informer.heardAt, begin + 65_000, 'a watch that begins says nothing yet');
    clock.advance(60_000);
    api.compact();
    api.endWatches();
    await settle();
    clock.advance(1000);
    await settle();
    assert.equal(informer.state.kind, 'watching');
    assert.equal(informer.heardAt, clock.now());
    await stop();
  });

  test('finds objects by index, before and after they change', async () => {
    const { api, informer, stop } = started();
    await settle();
    assert.deepEqual(informer.keysBy('initial', 'o'), ['ns/a']);
    api.put(path('a'), map('a', 'two'));
    api.put(path('c'), map('c', 'three'));
    assert.deepEqual(informer.keysBy('initial', 'o'), []);
    assert.deepEqual(informer.keysBy('initial', 't'), ['ns/a', 'ns/c']);
    assert.deepEqual(informer.keysBy('nothing', 't'), []);
    await stop();
  });

  test('goes on from the last event when the server ends the watch', async () => {
    const { api, clock, changes, stop } = started();
    await settle();
    api.put(path('c'), map('c', 'three'));
    clock.advance(60_000);
    api.endWatches();
    api.put(path('d'), map('d', 'four'));
    await settle();
    assert.deepEqual(
      changes.map(({ key }) => key),
      ['ns/a', 'ns/c', 'ns/d'],
    );
    const watches = api.log.filter((line) => line.includes('watch=true'));
    assert.equal(watches.length, 2);
    assert.match(watches[1] ?? '', /[?&]resourceVersion=4&/);
    await stop();
  });

  test('reads everything anew when its version is no longer kept, and tells what went meanwhile', async () => {
    const { api, clock, informer, changes, stop } = started();
    await settle();
    clock.advance(60_000);
    api.remove(path('a'));
    api.put(path('d'), map('d', 'four'));
    api.endWatches();
    // The removal and the new object were seen; this one is not, and neither is the way there.
    api.put(path('e'), map('e', 'five'));
    api.remove(path('d'));
    api.compact();
    await settle();
    assert.equal(informer.state.kind, 'waiting');
    assert.deepEqual([...informer.keys()], ['ns/d']);
    clock.advance(800);
    await settle();
    assert.deepEqual([...informer.keys()], ['ns/e']);
    assert.deepEqual(changes.at(-2), { key: 'ns/d', previous: 'four' });
    await stop();
  });

  test('waits longer and longer while the server is away, and recovers', async () => {
    let away = true;
    const { clock, informer, states, stop } = started({}, (transport) => async (request) => {
      if (away) throw new Error('ECONNREFUSED');
      return transport(request);
    });
    for (let i = 0; i < 8; i++) {
      await settle();
      clock.advance(60_000);
    }
    const waits = states.flatMap((state) => (state.kind === 'waiting' ? [state.delayMs] : []));
    assert.deepEqual(
      waits.slice(1, 5),
      waits.slice(0, 4).map((wait) => 2 * wait),
    );
    assert.ok(waits.length > 6);
    assert.ok((waits[0] ?? 0) >= 400 && (waits[0] ?? 0) <= 800 && (waits.at(-1) ?? 0) <= 30_000);
    away = false;
    clock.advance(60_000);
    await settle();
    assert.equal(informer.size, 1);
    await stop();
  });

  test('does not run wild against a server that ends every watch at once', async () => {
    const { api, clock, states, stop } = started({ watchList: 'refused' });
    await settle();
    for (let i = 0; i < 5; i++) {
      api.endWatches();
      await settle();
    }
    assert.equal(states.at(-1)?.kind, 'waiting');
    assert.ok(api.log.length <= 4, api.log.join('\n'));
    clock.advance(1000);
    await settle();
    assert.equal(states.at(-1)?.kind, 'watching');
    await stop();
  });

  test('keeps the wish for initial events when it is only forbidden for the moment', async () => {
    let forbidden = true;
    const { api, clock, informer, stop } = started(
      {},
      (transport) => (request) =>
        forbidden ? Promise.resolve({ status: 403, headers: {}, body: { kind: 'none' } }) : transport(request),
    );
    await settle();
    assert.equal(informer.state.kind, 'waiting');
    forbidden = false;
    clock.advance(1000);
    await settle();
    assert.equal(informer.size, 1);
    assert.ok(api.log.every((line) => line.includes('sendInitialEvents=true')));
    await stop();
  });

  test('runs once, however often it is started', async () => {
    const { api, informer, stop } = started();
    void informer.run(new AbortController().signal);
    await settle();
    assert.equal(api.log.length, 1);
    await stop();
  });

  test('ends up like the server whatever happens in between', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('put' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        value: fc.constantFrom('x', 'y', 'hidden'),
      }),
      fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.constantFrom(
        { kind: 'end' as const },
        { kind: 'compact' as const },
        { kind: 'wait' as const },
        { kind: 'settle' as const },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...MODES), fc.array(step, { maxLength: 30 }), async (watchList, steps) => {
        const { api, clock, informer, stop } = started({ watchList });
        for (const s of steps) {
          if (s.kind === 'put') api.put(path(s.name), map(s.name, s.value));
          else if (s.kind === 'remove') api.remove(path(s.name));
          else if (s.kind === 'end') api.endWatches();
          else if (s.kind === 'compact') api.compact();
          else if (s.kind === 'wait') clock.advance(5000);
          else await settle();
        }
        for (let i = 0; i < 8; i++) {
          await settle();
          clock.advance(40_000);
        }
        await settle();
        const expected = [...api.objects]
          .map(([at, object]) => [`ns/${at.split('/').at(-1) ?? ''}`, (object as ConfigMap).data?.['value']])
          .filter(([, value]) => value !== 'hidden');
        assert.deepEqual(
          Object.fromEntries([...informer.keys()].map((key) => [key, informer.get(key)])),
          Object.fromEntries(expected),
        );
        await stop();
      }),
      { numRuns: 100 },
    );
  });
});
