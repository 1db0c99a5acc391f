import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiResponse } from '../../kube/exchange.js';
import type { KubeList, KubeObject, WatchEvent } from '../../kube/object-meta.js';
import { Collected, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { patchOf } from '../testing/refusal.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SELECTOR = 'labelSelector=colour%3Dred';

type Seen = Pick<WatchEvent, 'type'> & { readonly object: KubeObject };

function versionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion);
}

function isRed(object: KubeObject | undefined): boolean {
  return object?.metadata.labels?.['colour'] === 'red';
}

/** What a watcher of red objects is told of a history that another one saw in full. */
function redPart(history: readonly Seen[]): readonly string[] {
  const known = new Map<string, KubeObject>();
  return history.flatMap(({ type, object }) => {
    const name = object.metadata.name ?? '';
    const before = known.get(name);
    if (type === 'DELETED') known.delete(name);
    else known.set(name, object);
    const [was, is] = [isRed(before), type !== 'DELETED' && isRed(object)];
    if (!was && !is) return [];
    return [line(was && is ? 'MODIFIED' : is ? 'ADDED' : 'DELETED', object)];
  });
}

function line(type: string, object: KubeObject): string {
  return `${type} ${object.metadata.name ?? ''}@${versionOf(object)}`;
}

/** A client that lists once and then watches, in as many connections as it is made to. */
class Informer {
  readonly seen: Seen[] = [];
  readonly start: number;
  readonly #server: TestServer;
  readonly #query: string;
  #from: number;
  #response: ApiResponse | undefined;
  #collected = new Collected();

  private constructor(server: TestServer, query: string, start: number) {
    this.#server = server;
    this.#query = query;
    this.start = start;
    this.#from = start;
  }

  static async open(server: TestServer, query: string): Promise<Informer> {
    const { json } = await server.ask({ path: `${MAPS}?${query}` });
    const informer = new Informer(server, query, Number((json as KubeList).metadata.resourceVersion));
    await informer.connect();
    return informer;
  }

  async connect(): Promise<void> {
    const path = `${MAPS}?watch=1&allowWatchBookmarks=1&resourceVersion=${this.#from}&${this.#query}`;
    const response = await this.#server.send({ path });
    assert.ok(response.status === 200 && response.body.kind === 'stream');
    this.#response = response;
    this.#collected = new Collected();
    response.body.stream.start(this.#collected);
  }

  /** Breaks the connection off; what has come by then is kept. */
  disconnect(): void {
    if (this.#response?.body.kind === 'stream') this.#response.body.stream.stop();
    for (const { type, object } of this.#collected.lines as readonly Seen[]) {
      assert.notEqual(type, 'ERROR', JSON.stringify(object));
      const version = versionOf(object);
      // a bookmark may say again where its watch began
      assert.ok(type === 'BOOKMARK' ? version >= this.#from : version > this.#from, `${version} after ${this.#from}`);
      this.#from = version;
      if (type !== 'BOOKMARK') this.seen.push({ type, object });
    }
    this.#collected = new Collected();
  }
}

type Step =
  | { readonly kind: 'write'; readonly writer: number; readonly name: string; readonly colour: string }
  | { readonly kind: 'remove'; readonly writer: number; readonly name: string }
  | { readonly kind: 'reconnect'; readonly informer: number }
  | { readonly kind: 'open'; readonly red: boolean }
  | { readonly kind: 'bookmarks' }
  | { readonly kind: 'other' };

const writer = fc.nat({ max: 2 });
const name = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), writer, name, colour: fc.constantFrom('red', 'blue') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), writer, name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), informer: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const), red: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bookmarks' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('other' as const) }) },
);

/** Three writers, each with one request at a time, and informers that come, break off and come again meanwhile. */
async function play(server: TestServer, steps: readonly Step[]): Promise<void> {
  const whole = await Informer.open(server, '');
  const informers: { readonly red: boolean; readonly informer: Informer }[] = [
    { red: false, informer: await Informer.open(server, '') },
    { red: true, informer: await Informer.open(server, SELECTOR) },
  ];
  const busy: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
  const write = (by: number, act: () => Promise<unknown>): void => {
    busy[by] = (busy[by] ?? Promise.resolve()).then(act);
  };
  for (const [i, s] of steps.entries()) {
    switch (s.kind) {
      case 'write':
        write(s.writer, async () => {
          const metadata = { name: s.name, labels: { colour: s.colour } };
          const made = await server.ask({ method: 'POST', path: MAPS, body: { metadata } });
          if (made.status === 409) {
            await server.ask(patchOf(`${MAPS}/${s.name}`, 'merge-patch', { metadata, data: { step: `${i}` } }));
          }
        });
        break;
      case 'remove':
        write(s.writer, () => server.ask({ method: 'DELETE', path: `${MAPS}/${s.name}` }));
        break;
      case 'other':
        write(0, () =>
          server.ask({
            method: 'POST',
            path: '/api/v1/namespaces/default/secrets',
            body: { metadata: { generateName: 's-' } },
          }),
        );
        break;
      case 'reconnect': {
        const { informer } = informers[s.informer % informers.length] ?? {};
        informer?.disconnect();
        await informer?.connect();
        break;
      }
      case 'open':
        informers.push({ red: s.red, informer: await Informer.open(server, s.red ? SELECTOR : '') });
        break;
      case 'bookmarks':
        server.clock.advance(60_000);
        break;
    }
  }
  await Promise.all(busy);
  for (const { informer } of [{ informer: whole }, ...informers]) informer.disconnect();
  const all = whole.seen.map(({ type, object }) => line(type, object));
  const red = redPart(whole.seen);
  for (const { red: onlyRed, informer } of informers) {
    const expected = (onlyRed ? red : all).filter((text) => Number(text.split('@')[1]) > informer.start);
    assert.deepEqual(
      informer.seen.map(({ type, object }) => line(type, object)),
      expected,
    );
  }
}

test('every informer sees every event once and in order, whoever writes, and however often it connects', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const server = await openTestServer();
      try {
        await play(server, steps);
      } finally {
        await server.close();
      }
    }),
    { numRuns: 30 },
  );
});
