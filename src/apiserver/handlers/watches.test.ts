import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EventStream, StreamSink } from '../../kube/exchange.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import { decodeMessage } from '../protobuf/decode-message.js';
import { decodeProtobuf } from '../protobuf/envelope.js';
import { metadataField } from '../../kube/object-meta-schema.js';
import { Collected, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { patchOf } from '../testing/refusal.js';

const MAPS = '/api/v1/namespaces/default/configmaps';

async function opened(t: TestContext, ...overrides: Parameters<typeof openTestServer>): Promise<TestServer> {
  const server = await openTestServer(...overrides);
  t.after(() => server.close());
  return server;
}

async function create(
  server: TestServer,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name, labels } } });
  assert.equal(answer.status, 201, answer.text);
  return (answer.json as KubeObject).metadata.resourceVersion ?? '';
}

async function watching(server: TestServer, query: string, accept = 'application/json'): Promise<Collected> {
  const response = await server.send({ path: `${MAPS}?watch=1&${query}`, headers: { accept } });
  assert.equal(response.status, 200);
  assert.ok(response.body.kind === 'stream');
  const collected = new Collected();
  response.body.stream.start(collected);
  return collected;
}

/** Events as `TYPE name`, bookmarks with whether they end the initial ones. */
function shown(collected: Collected): readonly string[] {
  return (collected.lines as readonly WatchEvent[]).map(({ type, object }) =>
    type === 'BOOKMARK'
      ? `BOOKMARK ${object.metadata.annotations?.['k8s.io/initial-events-end'] ?? ''}`
      : `${type} ${object.metadata.name ?? ''}`,
  );
}

test('more watches than the server takes are 429 with a time to wait', async (t) => {
  const server = await opened(t, { limits: { maxWatches: 1 } });
  await watching(server, '');
  const refused = await server.ask({ path: `${MAPS}?watch=1` });
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '5']);
});

test('a place is free again when a watcher has left', async (t) => {
  const server = await opened(t, { limits: { maxWatches: 1 } });
  const response = await server.send({ path: `${MAPS}?watch=1` });
  assert.ok(response.body.kind === 'stream');
  response.body.stream.start(new Collected());
  response.body.stream.stop();
  await watching(server, '');
});

test('a version that is no longer kept is an ERROR in the stream', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  await create(server, 'b');
  await server.store.compact(await server.store.currentRevision());
  const collected = await watching(server, `resourceVersion=${version}`);
  const [event] = collected.lines as [{ type: string; object: { code: number; reason: string } }];
  assert.deepEqual([event.type, event.object.code, event.object.reason], ['ERROR', 410, 'Expired']);
  assert.equal(collected.ended, true);
});

test('a watch from a version sees what came after it, in order', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  await create(server, 'b');
  const collected = await watching(server, `resourceVersion=${version}`);
  await server.ask({ method: 'DELETE', path: `${MAPS}/a` });
  assert.deepEqual(shown(collected), ['ADDED b', 'DELETED a']);
});

test('a watch without version starts with what is there', async (t) => {
  const server = await opened(t);
  await create(server, 'a');
  const collected = await watching(server, '');
  await create(server, 'b');
  assert.deepEqual(shown(collected), ['ADDED a', 'ADDED b']);
});

test('a selector turns changes into arrivals and departures', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a', { on: '1' });
  const collected = await watching(server, `resourceVersion=${version}&labelSelector=on%3D1`);
  for (const on of ['2', '1', '1']) {
    await server.ask(patchOf(`${MAPS}/a`, 'merge-patch', { metadata: { labels: { on } }, data: { on } }));
  }
  assert.deepEqual(shown(collected), ['DELETED a', 'ADDED a']);
});

test('a watch that asks for initial events is told when they end, even when there are none', async (t) => {
  const server = await opened(t);
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  assert.deepEqual(shown(await watching(server, query)), ['BOOKMARK true']);
  await create(server, 'a');
  assert.deepEqual(shown(await watching(server, query)), ['ADDED a', 'BOOKMARK true']);
});

test('bookmarks come every minute and before the end, to those who asked', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const plain = await watching(server, `resourceVersion=${version}&timeoutSeconds=150`);
  const marked = await watching(server, `resourceVersion=${version}&timeoutSeconds=150&allowWatchBookmarks=1`);
  server.clock.advance(60_000);
  assert.deepEqual(shown(marked), ['BOOKMARK ']);
  server.clock.advance(60_000);
  server.clock.advance(28_000);
  assert.equal(shown(marked).length, 3);
  assert.equal(marked.ended, false);
  server.clock.advance(2_000);
  assert.deepEqual([marked.ended, plain.ended, shown(plain)], [true, true, []]);
});

test('a watch without timeout ends between half an hour and an hour', async (t) => {
  const server = await opened(t);
  const collected = await watching(server, '');
  server.clock.advance(1_799_000);
  assert.equal(collected.ended, false);
  server.clock.advance(1_801_000);
  assert.equal(collected.ended, true);
});

test('closing the server ends its watches, and later requests are told to come back', async (t) => {
  const server = await opened(t);
  const collected = await watching(server, '');
  await server.api.close();
  assert.equal(collected.ended, true);
  const refused = await server.ask({ path: MAPS });
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1']);
});

test('a watched Table says its columns once', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const collected = await watching(server, `resourceVersion=${version}&allowWatchBookmarks=1`, accept);
  await create(server, 'b');
  await create(server, 'c');
  server.clock.advance(60_000);
  const events = collected.lines as {
    type: string;
    object: { kind: string; columnDefinitions: unknown[] | null; rows: { cells: unknown[]; object: KubeObject }[] };
  }[];
  assert.deepEqual(
    events.map(({ type }) => type),
    ['ADDED', 'ADDED', 'BOOKMARK'],
  );
  assert.deepEqual(
    events.map(({ object }) => object.columnDefinitions?.length ?? null),
    [3, null, null],
  );
  assert.deepEqual(
    events.map(({ object }) => object.rows[0]?.cells),
    [
      ['b', 0, '0s'],
      ['c', 0, '0s'],
      ['', '', ''],
    ],
  );
  assert.ok(events[2]?.object.rows[0]?.object.metadata.resourceVersion !== undefined);
});

test('watched metadata is metadata alone', async (t) => {
  const server = await opened(t);
  const collected = await watching(server, '', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io');
  await create(server, 'a');
  const [event] = collected.lines as [WatchEvent];
  assert.deepEqual(
    [event.object.kind, Object.keys(event.object)],
    ['PartialObjectMetadata', ['kind', 'apiVersion', 'metadata']],
  );
});

test('a protobuf watch is a stream of frames with their length', async (t) => {
  const server = await opened(t);
  const collected = await watching(server, '', 'application/vnd.kubernetes.protobuf');
  await create(server, 'a');
  const frame = Buffer.concat(collected.chunks);
  assert.equal(frame.readUInt32BE(0), frame.length - 4);
  const start = frame.indexOf('k8s\0');
  const { kind, raw } = decodeProtobuf(frame.subarray(start));
  const message = decodeMessage({ name: 'x.ConfigMap', description: '', fields: [metadataField] }, raw);
  assert.deepEqual([kind, (message['metadata'] as { name: string }).name], ['ConfigMap', 'a']);
});

test('a thousand watchers of one object are given the same bytes', async (t) => {
  const server = await opened(t);
  const chunks: unknown[] = [];
  for (let i = 0; i < 1000; i++) {
    const response = await server.send({ path: `${MAPS}?watch=1` });
    assert.ok(response.body.kind === 'stream');
    const sink: StreamSink<Uint8Array | string> = {
      write: (item) => chunks.push(item) > 0,
      drained: () => Promise.resolve(),
      end: () => undefined,
    };
    response.body.stream.start(sink);
  }
  await create(server, 'a');
  assert.equal(chunks.length, 1000);
  assert.equal(new Set(chunks).size, 1);
});

test('a watcher that never reads is cut off, and the others go on', async (t) => {
  const server = await opened(t, { limits: { watchBufferEvents: 5 } });
  const response = await server.send({ path: `${MAPS}?watch=1` });
  assert.ok(response.body.kind === 'stream');
  let ended = false;
  response.body.stream.start({
    write: () => false,
    drained: () => new Promise(() => undefined),
    end: () => {
      ended = true;
    },
  });
  const good = await watching(server, '');
  for (let i = 0; i < 10; i++) await create(server, `n${i}`);
  assert.equal(ended, true);
  assert.equal(shown(good).length, 10);
});

test('a caller of the same process watches the objects themselves', async (t) => {
  const server = await opened(t);
  const response = await server.api.handle({
    method: 'GET',
    target: `${MAPS}?watch=1`,
    headers: {},
    body: { kind: 'none' },
    signal: new AbortController().signal,
    peer: { kind: 'in-process', user: { username: 'x', groups: ['system:masters'] } },
  });
  assert.ok(response.body.kind === 'events');
  const stream: EventStream = response.body.stream;
  const events: WatchEvent[] = [];
  stream.start({ write: (event) => events.push(event) > 0, drained: () => Promise.resolve(), end: () => undefined });
  await create(server, 'a');
  assert.deepEqual(
    events.map(({ type, object }) => [type, object.kind, object.metadata.name]),
    [['ADDED', 'ConfigMap', 'a']],
  );
  stream.stop();
  await create(server, 'b');
  assert.equal(events.length, 1);
});
