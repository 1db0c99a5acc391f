import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger, type LogFields, type Logger } from '../../base/logger.js';
import { createClient } from '../../client/client.js';
import { createInformer } from '../../client/informer.js';
import { CONFIG_MAPS } from '../../client/resources.js';
import { createMemoryApi, type MemoryApi } from '../../client/testing/memory-api.js';
import { halfRandom, settle } from '../../client/testing/settle.js';
import { createController, watched, type Applied, type ControllerDefinition, type Decision } from './controller.js';
import { runControllers, type ControllerMetrics, type RunningControllers } from './run-controllers.js';

type Definition = ControllerDefinition<string | undefined, string>;

interface Bench {
  readonly api: MemoryApi;
  readonly clock: FakeClock;
  readonly applied: string[];
  readonly outcomes: string[];
  readonly depths: number[];
  readonly running: RunningControllers;
  readonly stop: () => Promise<void>;
}

const path = (name: string): string => `/api/v1/namespaces/ns/configmaps/${name}`;

/** A controller that applies the value of each ConfigMap. */
function bench(
  parts: Partial<Definition> = {},
  apply: (value: string, signal: AbortSignal) => Promise<Applied> = async () => ({ kind: 'done' }),
): Bench {
  const api = createMemoryApi();
  const clock = new FakeClock();
  const applied: string[] = [];
  const outcomes: string[] = [];
  const depths: number[] = [];
  const informer = createInformer(createClient(api.transport, { userAgent: 'test' }), CONFIG_MAPS, {
    clock,
    random: halfRandom,
    keep: ({ data }) => data?.['value'],
  });
  const controller = createController<string | undefined, string>({
    name: 'test',
    watches: [watched(informer)],
    observe: (key) => informer.get(key),
    decide: (seen) => (seen === undefined ? { kind: 'done' } : { kind: 'act', actions: [seen] }),
    apply: (value, signal) => {
      applied.push(value);
      return apply(value, signal);
    },
    ...parts,
  });
  const metrics: ControllerMetrics = {
    reconciled: (name, outcome) => outcomes.push(`${name} ${outcome}`),
    queueDepth: (_, depth) => depths.push(depth),
  };
  const end = new AbortController();
  const running = runControllers(
    [controller],
    { clock, random: halfRandom, logger: silentLogger, metrics },
    end.signal,
  );
  return {
    api,
    clock,
    applied,
    outcomes,
    depths,
    running,
    stop: async () => {
      end.abort();
      await running.ended;
    },
  };
}

const put = (api: MemoryApi, name: string, value: string): unknown =>
  api.put(path(name), { metadata: { namespace: 'ns', name }, ...{ data: { value } } });

suite('controller runtime', () => {
  test('looks at everything there is once the caches are full, and then at every change', async () => {
    const { api, applied, running, stop } = bench();
    put(api, 'a', 'one');
    put(api, 'b', 'two');
    await running.ready;
    await settle();
    assert.deepEqual(applied, ['one', 'two']);
    put(api, 'a', 'uno');
    await settle();
    assert.deepEqual(applied, ['one', 'two', 'uno']);
    await stop();
  });

  test('tells how many keys wait, and that none do once it has ended', async () => {
    let release = (): void => undefined;
    const { api, depths, running, stop } = bench(
      { concurrency: 1 },
      () => new Promise((resolve) => (release = () => resolve({ kind: 'done' }))),
    );
    for (const name of ['a', 'b', 'c']) put(api, name, name);
    await running.ready;
    await settle();
    assert.equal(depths.at(-1), 2);
    const stopped = stop();
    release();
    await stopped;
    assert.equal(depths.at(-1), 0);
  });

  test('lets groups of keys take turns', async () => {
    const { api, applied, running, stop } = bench({ groupOf: (key) => key.slice(0, 'ns/x'.length) });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) put(api, name, name);
    await running.ready;
    await settle();
    assert.deepEqual(applied, ['a1', 'b1', 'a2', 'b2', 'a3']);
    await stop();
  });

  test('sees the state as it is, not the changes that led there', async () => {
    let release = (): void => undefined;
    const { api, applied, running, stop } = bench(
      {},
      () => new Promise((resolve) => (release = () => resolve({ kind: 'done' }))),
    );
    await running.ready;
    put(api, 'a', '1');
    await settle();
    for (const value of ['2', '3', '4']) put(api, 'a', value);
    release();
    await settle();
    release();
    await settle();
    assert.deepEqual(applied, ['1', '4']);
    await stop();
  });

  test('tries again with backoff what throws or asks for it, until it goes well', async () => {
    let tries = 0;
    const { api, clock, outcomes, running, stop } = bench({}, () => {
      tries++;
      if (tries === 1) return Promise.reject(new Error('broken'));
      return Promise.resolve(tries === 2 ? { kind: 'retry', because: 'not yet' } : { kind: 'done' });
    });
    put(api, 'a', 'one');
    await running.ready;
    await settle();
    assert.equal(tries, 1);
    clock.advance(200);
    await settle();
    assert.equal(tries, 2);
    clock.advance(200);
    await settle();
    assert.equal(tries, 2, 'the second wait is longer');
    clock.advance(200);
    await settle();
    assert.equal(tries, 3);
    clock.advance(1_000_000);
    await settle();
    assert.equal(tries, 3);
    assert.deepEqual(outcomes, ['test error', 'test retry', 'test done']);
    await stop();
  });

  test('tries again after exactly the time that an action or a decision names', async () => {
    let looks = 0;
    const decide = (): Decision<string> => {
      looks++;
      if (looks === 1) return { kind: 'wait', delayMs: 5000, because: 'too early' };
      return looks === 2 ? { kind: 'act', actions: ['x'] } : { kind: 'done' };
    };
    const { api, clock, running, stop } = bench({ decide }, async () => ({
      kind: 'retry',
      because: 'again',
      delayMs: 7000,
    }));
    put(api, 'a', 'one');
    await running.ready;
    await settle();
    clock.advance(4999);
    await settle();
    assert.equal(looks, 1);
    clock.advance(1);
    await settle();
    assert.equal(looks, 2);
    clock.advance(7000);
    await settle();
    assert.equal(looks, 3);
    await stop();
  });

  test('stops at the first action that wants another try', async () => {
    const decide = (): Decision<string> => ({ kind: 'act', actions: ['1', '2', '3'] });
    const { api, applied, running, stop } = bench({ decide }, async (value) =>
      value === '2' ? { kind: 'retry', because: 'no' } : { kind: 'done' },
    );
    put(api, 'a', 'one');
    await running.ready;
    await settle();
    assert.deepEqual(applied, ['1', '2']);
    await stop();
  });

  test('looks at named keys at start and again and again, without any change', async () => {
    const { clock, applied, running, stop } = bench({
      watches: [],
      resync: { seconds: 3600, keys: () => ['scan'] },
      observe: (key) => key,
    });
    await running.ready;
    await settle();
    assert.deepEqual(applied, ['scan']);
    clock.advance(3_599_999);
    await settle();
    assert.equal(applied.length, 1);
    clock.advance(1);
    await settle();
    clock.advance(3_600_000);
    await settle();
    assert.equal(applied.length, 3);
    await stop();
    clock.advance(36_000_000);
    await settle();
    assert.equal(applied.length, 3);
  });

  test('ends in order: no new work, work in progress finished, then the controller closed, then the caches', async () => {
    const steps: string[] = [];
    let release = (): void => undefined;
    const { api, clock, running, stop } = bench(
      { close: async () => void steps.push('closed') },
      (value) =>
        new Promise((resolve) => {
          release = () => {
            steps.push(`finished ${value}`);
            resolve({ kind: 'done' });
          };
        }),
    );
    put(api, 'a', 'one');
    put(api, 'b', 'two');
    await running.ready;
    await settle();
    const stopping = stop().then(() => steps.push('ended'));
    await settle();
    assert.deepEqual(steps, []);
    release();
    await stopping;
    assert.deepEqual(steps, ['finished one', 'closed', 'ended']);
    clock.advance(1_000_000);
    await settle();
    assert.deepEqual(steps, ['finished one', 'closed', 'ended']);
  });

  test('tells work that does not end to stop, after ten seconds', async () => {
    const { api, clock, running, stop } = bench(
      {},
      (_value, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
        }),
    );
    put(api, 'a', 'one');
    await running.ready;
    await settle();
    const stopping = stop();
    await settle();
    clock.advance(10_000);
    await stopping;
  });

  test('says when a cache cannot follow the server, and when it can again', async () => {
    const api = createMemoryApi();
    let away = true;
    const client = createClient((request) => (away ? Promise.reject(new Error('away')) : api.transport(request)), {
      userAgent: 'test',
    });
    const clock = new FakeClock();
    const lines: string[] = [];
    const keep = (message: string, fields?: LogFields): void => {
      lines.push(`${message} ${String(fields?.['resource'])} ${String(fields?.['error'])}`);
    };
    const logger: Logger = { ...silentLogger, warn: keep, info: keep };
    const informer = createInformer(client, CONFIG_MAPS, { clock, random: halfRandom, keep: () => true });
    const controller = createController<undefined, string>({
      name: 'test',
      watches: [watched(informer)],
      observe: () => undefined,
      decide: () => ({ kind: 'done' }),
      apply: async () => ({ kind: 'done' }),
    });
    const end = new AbortController();
    const running = runControllers([controller], { clock, random: halfRandom, logger }, end.signal);
    await settle();
    away = false;
    clock.advance(1000);
    await settle();
    assert.deepEqual(lines, [
      'Cannot follow resource configmaps Cannot GET /api/v1/configmaps: the API server did not answer',
      'Follows resource again configmaps undefined',
    ]);
    end.abort();
    await running.ended;
  });

  test('begins to read for late ones when the others work, and waits for none of them', async () => {
    const api = createMemoryApi();
    const clock = new FakeClock();
    const begun: string[] = [];
    const named = (fields: LogFields): Logger => ({
      ...silentLogger,
      info: (message) => begun.push(`${message} ${String(fields['controller'])} after ${api.log.length} calls`),
      with: named,
    });
    const made = (name: string, parts: Partial<Definition>) => {
      const client = createClient(api.transport, { userAgent: 'test' });
      const keep = (): string => '';
      return createController<string | undefined, string>({
        name,
        watches: [watched(createInformer(client, CONFIG_MAPS, { clock, random: halfRandom, keep }))],
        observe: () => undefined,
        decide: () => ({ kind: 'done' }),
        apply: () => Promise.resolve({ kind: 'done' }),
        ...parts,
      });
    };
    const end = new AbortController();
    const controllers = [made('late', { late: true }), made('prompt', {})];
    const running = runControllers(controllers, { clock, random: halfRandom, logger: named({}) }, end.signal);
    await running.ready;
    assert.deepEqual(begun, ['Started controller prompt after 1 calls']);
    await settle();
    assert.equal(begun[1], 'Started controller late after 2 calls');
    end.abort();
    await running.ended;
    assert.deepEqual(begun.slice(2).sort(), [
      'Stopped controller late after 2 calls',
      'Stopped controller prompt after 2 calls',
    ]);
  });

  test('ends before its caches were ever full', async () => {
    const client = createClient(() => Promise.reject(new Error('away')), { userAgent: 'test' });
    const clock = new FakeClock();
    const informer = createInformer(client, CONFIG_MAPS, { clock, random: halfRandom, keep: () => true });
    const controller = createController<undefined, string>({
      name: 'test',
      watches: [watched(informer)],
      observe: () => undefined,
      decide: () => ({ kind: 'done' }),
      apply: async () => ({ kind: 'done' }),
    });
    const end = new AbortController();
    const running = runControllers([controller], { clock, random: halfRandom, logger: silentLogger }, end.signal);
    await settle();
    end.abort();
    await running.ready;
    await running.ended;
  });
});
