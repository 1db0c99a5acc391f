import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ApiResponse } from '../../kube/exchange.js';
import { metadataField } from '../../kube/object-meta-schema.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import { type Ask, Collected, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { assertRefused, patchOf } from '../testing/refusal.js';
import { readWatchFrames } from '../testing/watch-frames.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const LEGACY = '/api/v1/watch/namespaces/default/configmaps';
const LIST_INVALID = 'ListOptions.meta.k8s.io "" is invalid: ';
const NEEDS_MATCH =
  'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
const NEEDS_INITIAL =
  'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
const ONLY_NOT_OLDER = (match: string): string =>
  `resourceVersionMatch: Unsupported value: "${match}": supported values: "NotOlderThan"`;

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

async function remove(server: TestServer, name: string): Promise<void> {
  assert.equal((await server.ask({ method: 'DELETE', path: `${MAPS}/${name}` })).status, 200);
}

async function watching(server: TestServer, ask: Ask): Promise<{ response: ApiResponse; collected: Collected }> {
  const response = await server.send(ask);
  assert.ok(response.body.kind === 'stream', `${response.status}`);
  assert.equal(response.status, 200);
  const collected = new Collected();
  response.body.stream.start(collected);
  return { response, collected };
}

async function events(server: TestServer, query: string, path = MAPS): Promise<Collected> {
  return (await watching(server, { path: `${path}?${path === MAPS ? 'watch=1&' : ''}${query}` })).collected;
}

function shown(collected: Collected): readonly string[] {
  return (collected.lines as readonly WatchEvent[]).map(({ type, object }) =>
    type === 'BOOKMARK'
      ? `BOOKMARK@${object.metadata.resourceVersion ?? ''} ${object.metadata.annotations?.['k8s.io/initial-events-end'] ?? '-'}`
      : `${type} ${object.metadata.name ?? ''}@${object.metadata.resourceVersion ?? ''}`,
  );
}

const refused: readonly (readonly [string, number, string | undefined, string])[] = [
  ['sendInitialEvents=true', 422, 'Invalid', LIST_INVALID + NEEDS_MATCH],
  ['sendInitialEvents=false', 422, 'Invalid', LIST_INVALID + NEEDS_MATCH],
  ['sendInitialEvents=true&resourceVersion=0', 422, 'Invalid', LIST_INVALID + NEEDS_MATCH],
  ['sendInitialEvents', 422, 'Invalid', LIST_INVALID + NEEDS_MATCH],
  [
    'sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1',
    422,
    'Invalid',
    `${LIST_INVALID}[${NEEDS_MATCH}, ${ONLY_NOT_OLDER('Exact')}]`,
  ],
  ['resourceVersionMatch=NotOlderThan&resourceVersion=1', 422, 'Invalid', LIST_INVALID + NEEDS_INITIAL],
  ['resourceVersionMatch=Exact', 422, 'Invalid', `${LIST_INVALID}[${NEEDS_INITIAL}, ${ONLY_NOT_OLDER('Exact')}]`],
  [
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x',
    422,
    'Invalid',
    `${LIST_INVALID}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided`,
  ],
  [
    'resourceVersion=-1',
    500,
    undefined,
    'resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
  ],
  [
    'sendInitialEvents=1&resourceVersionMatch=NotOlderThan&resourceVersion=now',
    500,
    undefined,
    'resourceVersion: Invalid value: "now": strconv.ParseUint: parsing "now": invalid syntax',
  ],
  ['timeoutSeconds=', 400, 'BadRequest', 'strconv.ParseInt: parsing "": invalid syntax'],
  [
    'fieldSelector=spec.x%3D1',
    400,
    'BadRequest',
    '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
];

for (const [query, code, reason, message] of refused) {
  test(`refuses a watch with ${query}`, async (t) => {
    const server = await opened(t);
    await assertRefused(server, { name: query, ask: { path: `${MAPS}?watch=1&${query}` }, code, reason, message });
  });
}

test('refuses a watch in YAML, as a protobuf Table, as a list of metadata, and with objects in a way unknown', async (t) => {
  const server = await opened(t);
  const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  for (const accept of [
    'application/yaml',
    'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  ]) {
    const ask: Ask = { path: `${MAPS}?watch=1`, headers: { accept } };
    const { status, text } = await server.ask(ask);
    assert.equal(status, 406, accept);
    // a refusal comes in the form of the client's wish, so far as there is one
    assert.ok(text.includes(accept.includes('yaml') ? 'NotAcceptable' : streams), text);
  }
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const { status } = await server.ask({ path: `${MAPS}?watch=1&includeObject=All`, headers: table });
  assert.equal(status, 400);
});

test('starts from a version, from all there is, or from now, as it is asked', async (t) => {
  const server = await opened(t);
  const [a, b] = [await create(server, 'a'), await create(server, 'b')];
  const match = 'resourceVersionMatch=NotOlderThan';
  const initial = [`ADDED a@${a}`, `ADDED b@${b}`];
  const end = `BOOKMARK@${b} true`;
  const starts: readonly (readonly [string, readonly string[]])[] = [
    ['', initial],
    ['allowWatchBookmarks=1', [...initial, end]],
    ['resourceVersion=0', initial],
    ['resourceVersion=0&allowWatchBookmarks=true', [...initial, end]],
    [`resourceVersion=${a}`, initial.slice(1)],
    [`resourceVersion=${a}&allowWatchBookmarks=true`, initial.slice(1)],
    [`resourceVersion=${b}`, []],
    [`sendInitialEvents=true&${match}`, initial],
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1`, [...initial, end]],
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1&resourceVersion=0`, [...initial, end]],
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1&resourceVersion=${a}`, [...initial, end]],
    [`sendInitialEvents=false&${match}&allowWatchBookmarks=1`, []],
    [`sendInitialEvents=false&${match}&resourceVersion=0`, []],
    [`sendInitialEvents=false&${match}&resourceVersion=${a}`, initial.slice(1)],
    // what is in no object the selector knows
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1&labelSelector=none`, [end]],
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1&fieldSelector=metadata.name%3Db`, [`ADDED b@${b}`, end]],
    [`sendInitialEvents=true&${match}&allowWatchBookmarks=1&fieldSelector=metadata.name%3Dnope`, [end]],
  ];
  const running: (readonly [string, Collected, readonly string[]])[] = [];
  for (const [query, expected] of starts) running.push([query, await events(server, query), expected]);
  for (const [query, collected, expected] of running) assert.deepEqual(shown(collected), expected, query);
  const c = await create(server, 'c');
  for (const [query, collected, expected] of running) {
    const live = query.includes('Selector') ? [] : [`ADDED c@${c}`];
    assert.deepEqual(shown(collected), [...expected, ...live], query);
  }
});

test('a watch from the future says nothing until its version has passed', async (t) => {
  const server = await opened(t);
  const a = Number(await create(server, 'a'));
  const collected = await events(server, `resourceVersion=${a + 1}`);
  await create(server, 'b');
  const c = await create(server, 'c');
  assert.deepEqual(shown(collected), [`ADDED c@${c}`]);
});

test('a path with a name is no watch, and a watch of one name is by selector', async (t) => {
  const server = await opened(t);
  await create(server, 'a');
  const { status, json } = await server.ask({ path: `${MAPS}/a?watch=1` });
  assert.deepEqual([status, (json as KubeObject).kind], [200, 'ConfigMap']);
  const collected = await events(server, 'resourceVersion=0&fieldSelector=metadata.name%3Da');
  await create(server, 'ab');
  await remove(server, 'a');
  assert.deepEqual(
    shown(collected).map((line) => line.split('@')[0]),
    ['ADDED a', 'DELETED a'],
  );
});

test('the old paths of watches are served, of collections and of single objects', async (t) => {
  const server = await opened(t);
  await create(server, 'a');
  await create(server, 'b');
  const many = await events(server, '', LEGACY);
  const all = await events(server, '', '/api/v1/watch/configmaps');
  const one = await events(server, '', `${LEGACY}/a`);
  const same = await events(server, 'fieldSelector=metadata.name%3Da', `${LEGACY}/a`);
  const names = (collected: Collected): string =>
    shown(collected)
      .map((line) => line.charAt(6))
      .join('');
  assert.deepEqual([many, all, one, same].map(names), ['ab', 'ab', 'a', 'a']);
  for (const selector of ['metadata.name%3Db', 'metadata.namespace%3Ddefault']) {
    await assertRefused(server, {
      name: selector,
      ask: { path: `${LEGACY}/a?fieldSelector=${selector}` },
      code: 400,
      reason: 'BadRequest',
      message: "fieldSelector metadata.name doesn't match requested name",
    });
  }
  assert.equal((await server.ask({ method: 'POST', path: LEGACY, body: {} })).status, 405);
});

test('a label or a field that changes is an arrival, or a departure with the state before it', async (t) => {
  const server = await opened(t);
  const secrets = '/api/v1/namespaces/default/secrets';
  const version = await create(server, 'a', { on: '1' });
  const byLabel = await events(server, `resourceVersion=${version}&labelSelector=on%3D1`);
  const byAbsence = await events(server, `resourceVersion=${version}&labelSelector=!on`);
  await server.ask(patchOf(`${MAPS}/a`, 'merge-patch', { metadata: { labels: { on: null } }, data: { k: 'new' } }));
  await server.ask(patchOf(`${MAPS}/a`, 'merge-patch', { data: { k: 'newer' } }));
  await remove(server, 'a');
  const [gone, ...rest] = byLabel.lines as readonly { type: string; object: KubeObject & { data?: unknown } }[];
  assert.deepEqual(
    [gone?.type, gone?.object.metadata.labels, gone?.object.data, rest.length],
    ['DELETED', { on: '1' }, undefined, 0],
  );
  const told = byAbsence.lines as readonly { type: string; object: KubeObject & { data?: { k: string } } }[];
  assert.deepEqual(
    told.map(({ type, object }) => [type, object.data?.k]),
    [
      ['ADDED', 'new'],
      ['MODIFIED', 'newer'],
      ['DELETED', 'newer'],
    ],
  );
  assert.equal(told[0]?.object.metadata.resourceVersion, gone?.object.metadata.resourceVersion);
  const deleted = Number(told[2]?.object.metadata.resourceVersion);
  assert.equal(deleted, await server.store.currentRevision(), 'a delete has a version of its own');
  const byField = await events(
    server,
    'fieldSelector=type%3DOpaque&labelSelector=x%3D1',
    secrets.replace('/v1/', '/v1/watch/'),
  );
  await server.ask({ method: 'POST', path: secrets, body: { metadata: { name: 's', labels: { x: '1' } } } });
  await server.ask({
    method: 'POST',
    path: secrets,
    body: { metadata: { name: 't', labels: { x: '1' } }, type: 'a/b' },
  });
  assert.deepEqual(
    shown(byField).map((line) => line.slice(0, 7)),
    ['ADDED s'],
  );
});

test('bookmarks go ahead with what others write, and never back', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const collected = await events(server, `resourceVersion=${version}&allowWatchBookmarks=1&labelSelector=none`);
  const seen: number[] = [];
  for (let i = 0; i < 3; i++) {
    await create(server, `b${i}`);
    server.clock.advance(60_000);
    seen.push(Number(/@(\d+)/.exec(shown(collected).at(-1) ?? '')?.[1]));
  }
  assert.deepEqual(
    seen,
    [1, 2, 3].map((i) => Number(version) + i),
  );
});

test('a watch of a few seconds ends without an error, with a bookmark where there is time for one', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const query = `resourceVersion=${version}&allowWatchBookmarks=1`;
  const short = await events(server, `${query}&timeoutSeconds=2`);
  const long = await events(server, `${query}&timeoutSeconds=10`);
  server.clock.advance(2000);
  assert.deepEqual([short.ended, long.ended, shown(short)], [true, false, []]);
  server.clock.advance(6000);
  assert.deepEqual(shown(long), [`BOOKMARK@${version} -`]);
  server.clock.advance(2000);
  assert.deepEqual([long.ended, long.lines.length], [true, 1]);
});

test('a watch is never compressed, and its head comes without an event', async (t) => {
  const server = await opened(t, { limits: { gzipAboveBytes: 1 } });
  for (let i = 0; i < 20; i++) await create(server, `a${i}`);
  for (const [accept, type] of [
    ['application/json', 'application/json'],
    ['application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;stream=watch'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json'],
  ] as const) {
    const headers = { accept, 'accept-encoding': 'gzip' };
    const { response } = await watching(server, { path: `${MAPS}?watch=1`, headers });
    assert.deepEqual([response.headers['content-encoding'], response.headers['content-type']], [undefined, type]);
  }
  const list = await server.send({ path: MAPS, headers: { 'accept-encoding': 'gzip' } });
  assert.equal(list.headers['content-encoding'], 'gzip', 'which a list is');
});

test('a watched Table has its columns first and once, whatever comes first, and objects as they are asked for', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  interface Row {
    readonly object: KubeObject | null;
  }
  type Told = readonly { type: string; object: { columnDefinitions: unknown[] | null; rows: readonly Row[] } }[];
  const told = async (query: string): Promise<Collected> =>
    (await watching(server, { path: `${MAPS}?watch=1&${query}`, headers: { accept } })).collected;
  const whole = await told(`resourceVersion=${version}&includeObject=Object`);
  const none = await told(`resourceVersion=${version}&includeObject=None`);
  const marked = await told(`resourceVersion=${version}&allowWatchBookmarks=1`);
  const empty = await told('labelSelector=none&allowWatchBookmarks=1');
  server.clock.advance(60_000);
  await create(server, 'b');
  const first = (collected: Collected): Told[number] | undefined => (collected.lines as Told)[0];
  for (const collected of [whole, none, marked, empty]) {
    const [head, ...rest] = collected.lines as Told;
    assert.equal(head?.object.columnDefinitions?.length, 3);
    for (const { object } of rest) assert.equal(object.columnDefinitions, null);
  }
  assert.deepEqual([first(marked)?.type, first(empty)?.type], ['BOOKMARK', 'BOOKMARK']);
  assert.equal(first(whole)?.object.rows[0]?.object?.kind, 'ConfigMap');
  assert.equal(first(none)?.object.rows[0]?.object, null);
  const end = first(empty)?.object.rows[0]?.object?.metadata;
  assert.equal(end?.annotations?.['k8s.io/initial-events-end'], 'true');
});

test('metadata alone is watched in JSON and in protobuf, bookmarks and deletes as well', async (t) => {
  const server = await opened(t);
  const partial: MessageSchema = { name: 'x.PartialObjectMetadata', description: '', fields: [metadataField] };
  const as = 'as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
  const path = `${MAPS}?watch=1&allowWatchBookmarks=1`;
  const text = await watching(server, { path, headers: { accept: `application/json;${as}` } });
  const accept = `application/vnd.kubernetes.protobuf;${as}`;
  const binary = await watching(server, { path, headers: { accept } });
  await create(server, 'a', { on: '1' });
  await remove(server, 'a');
  const lines = text.collected.lines;
  assert.deepEqual(
    (lines as readonly WatchEvent[]).map(({ type, object }) => [type, object.kind, object.apiVersion]),
    ['BOOKMARK', 'ADDED', 'DELETED'].map((type) => [type, 'PartialObjectMetadata', 'meta.k8s.io/v1']),
  );
  assert.deepEqual(
    readWatchFrames(Buffer.concat(binary.collected.chunks), () => partial),
    lines,
  );
});

test('one watch in the store feeds everybody, whatever they watch of a resource and from when', async (t) => {
  const server = await opened(t);
  const version = await create(server, 'a');
  const original = server.store.watch.bind(server.store);
  let running = 0;
  server.store.watch = async (...args) => {
    running++;
    const watch = await original(...args);
    return {
      through: () => watch.through(),
      stop: () => {
        running--;
        watch.stop();
      },
    };
  };
  await create(server, 'b');
  const queries = [
    '',
    'resourceVersion=0',
    `resourceVersion=${version}`,
    'labelSelector=x',
    'fieldSelector=metadata.name%3Da',
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1',
  ];
  const all: Collected[] = [];
  for (let i = 0; i < 120; i++) {
    const accept = i % 2 === 0 ? 'application/json' : 'application/vnd.kubernetes.protobuf';
    const path = `${i % 3 === 0 ? '/api/v1/configmaps' : MAPS}?watch=1&${queries[i % queries.length] ?? ''}`;
    all.push((await watching(server, { path, headers: { accept } })).collected);
  }
  await create(server, 'c');
  assert.equal(running, 1);
  assert.ok(all.every((collected) => !collected.ended));
});
