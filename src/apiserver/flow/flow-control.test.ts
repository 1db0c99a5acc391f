import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ApiRequest, RequestBody } from '../../kube/exchange.js';
import type { ApiLimits } from '../limits.js';
import { type Ask, openTestServer, type TestServer } from '../testing/open-test-server.js';

const MESSAGE = 'Too many requests, please try again later.';

/** A server whose path `/slow` answers when it is told to, once for each request. */
async function gated(t: TestContext, limits: Partial<ApiLimits>) {
  const gates: (() => void)[] = [];
  let arrivals = 0;
  const server = await openTestServer({
    limits,
    routes: [
      {
        path: '/slow',
        handle: async () => {
          arrivals++;
          await new Promise<void>((resolve) => {
            gates.push(resolve);
          });
          return { status: 200, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array(10) } };
        },
      },
    ],
  });
  t.after(() => server.close());
  await server.ask({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    body: {
      metadata: { name: 'all' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
      roleRef: { kind: 'ClusterRole', apiGroup: 'rbac.authorization.k8s.io', name: 'cluster-admin' },
    },
  });
  return {
    server,
    arrivals: () => arrivals,
    release: () => {
      gates.shift()?.();
    },
  };
}

/** Lets everything happen that can happen without time going on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const slow = (as: string): Ask => ({ path: '/slow', as });

test('over the bounds a request is 429 in plain text with Retry-After; superusers and probes are served', async (t) => {
  const { server, release } = await gated(t, { maxReadsInFlight: 1, maxWritesInFlight: 1, maxQueuedPerUser: 0 });
  const running = server.ask(slow('jane'));
  await turn();
  const refused = await server.ask({ path: '/version', as: 'jane' });
  assert.deepEqual([refused.status, refused.text, refused.headers['retry-after']], [429, MESSAGE, '1']);
  assert.match(String(refused.headers['content-type']), /^text\/plain/);
  assert.equal((await server.ask({ path: '/version' })).status, 200, 'a superuser');
  assert.equal((await server.ask({ path: '/readyz', anonymous: true })).status, 200, 'a probe');
  const write: Ask = { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', as: 'jane' };
  assert.equal(
    (await server.ask({ ...write, body: { spec: { namespace: 'a' } } })).status,
    201,
    'writes have their own',
  );
  release();
  assert.equal((await running).status, 200);
  assert.equal((await server.ask({ path: '/version', as: 'jane' })).status, 200);
});

test('a request that waited for its turn too long is 429', async (t) => {
  const { server } = await gated(t, { maxReadsInFlight: 1, maxQueueWaitMs: 5000 });
  void server.ask(slow('jane'));
  await turn();
  const waiting = server.ask({ path: '/version', as: 'joe' });
  await turn();
  server.clock.advance(5000);
  const refused = await waiting;
  assert.deepEqual([refused.status, refused.text], [429, MESSAGE]);
});

test('a request whose client leaves, or whose time is up, leaves the line and is never begun', async (t) => {
  const { server, arrivals, release } = await gated(t, { maxReadsInFlight: 1 });
  const running = server.ask(slow('jane'));
  await turn();
  const client = new AbortController();
  const left = server.ask({ ...slow('joe'), signal: client.signal });
  const late = server.ask({ path: '/slow?timeout=2s', as: 'jim' });
  await turn();
  client.abort();
  assert.equal((await left).status, 504, 'nobody reads it');
  server.clock.advance(2000);
  assert.equal((await late).status, 504);
  release();
  await running;
  await turn();
  assert.equal(arrivals(), 1);
});

test('one client in a loop does not keep another waiting behind its line', async (t) => {
  const { server, release } = await gated(t, { maxReadsInFlight: 2 });
  const hog = Array.from({ length: 40 }, () => server.ask(slow('hog')));
  await turn();
  const other = await server.ask({ path: '/version', as: 'jane' });
  assert.equal(other.status, 200);
  for (let i = 0; i < 40; i++) {
    release();
    await turn();
  }
  assert.deepEqual(new Set((await Promise.all(hog)).map(({ status }) => status)), new Set([200]));
});

/** A body that comes when it is told to. */
function heldBody(bytes: Uint8Array): { readonly body: RequestBody; readonly arrive: () => void } {
  let arrive = (): void => undefined;
  const come = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return { body: { kind: 'stream', read: () => come.then(() => bytes) }, arrive: () => arrive() };
}

function upload(server: TestServer, as: string, body: RequestBody, length: number): ReturnType<TestServer['send']> {
  const request: ApiRequest = {
    method: 'POST',
    target: '/api/v1/namespaces/default/configmaps',
    headers: {
      authorization: 'Bearer admin-token',
      'impersonate-user': as,
      'content-type': 'application/json',
      'content-length': String(length),
    },
    body,
    signal: new AbortController().signal,
    peer: { kind: 'connection', address: '127.0.0.1' },
  };
  return server.api.handle(request);
}

async function heldBytes(server: TestServer): Promise<number> {
  const { text } = await server.ask({ path: '/metrics' });
  return Number(/^countersign_held_bytes (\d+)$/m.exec(text)?.[1]);
}

function configMap(name: string): Uint8Array {
  return Buffer.from(JSON.stringify({ metadata: { name } }));
}

test('a body that comes slowly takes no seat', async (t) => {
  const { server } = await gated(t, { maxWritesInFlight: 1, maxQueuedPerUser: 0 });
  const slowly = heldBody(configMap('slow'));
  const uploading = upload(server, 'jane', slowly.body, 30);
  const other = await server.ask({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    as: 'joe',
    body: { metadata: { name: 'quick' } },
  });
  assert.equal(other.status, 201);
  slowly.arrive();
  assert.equal((await uploading).status, 201);
});

test('large bodies are taken apart one at a time', async (t) => {
  const { server } = await gated(t, { maxWritesInFlight: 4, maxQueuedPerUser: 0 });
  const body = Buffer.from(
    JSON.stringify({ metadata: { generateName: 'large-' }, data: { text: 'x'.repeat(100_000) } }),
  );
  const send = (): ReturnType<TestServer['send']> => {
    const { body: held, arrive } = heldBody(body);
    arrive();
    return upload(server, 'jane', held, body.length);
  };
  const answers = await Promise.all([send(), send(), send()]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 429, 429]);
});

test('a user whose bodies and answers fill its share of memory waits or is 429; others are served', async (t) => {
  const { server } = await gated(t, { maxHeldBytesPerUser: 1000, maxHeldBytes: 2000 });
  const first = heldBody(configMap('first'));
  const uploading = upload(server, 'jane', first.body, 900);
  await turn();
  const second = heldBody(configMap('second'));
  assert.equal((await upload(server, 'jane', second.body, 200)).status, 429);
  const third = heldBody(configMap('third'));
  third.arrive();
  const answered = await upload(server, 'joe', third.body, 900);
  assert.equal(answered.status, 201);
  const reading = server.ask({ path: '/version', as: 'jane' });
  assert.equal((await server.ask({ path: '/version', as: 'jim' })).status, 200);
  first.arrive();
  const answer = await uploading;
  assert.equal(answer.status, 201);
  assert.equal((await reading).status, 200, 'the body has gone');
  assert.ok((await heldBytes(server)) > 0, 'answers that nobody has read');
  answer.onGone?.();
  answered.onGone?.();
  assert.equal(await heldBytes(server), 0);
});

test('an answer that nobody reads holds its user’s next reads up, and nobody else’s', async (t) => {
  const { server } = await gated(t, { maxHeldBytesPerUser: 1000 });
  const unread = await server.send({ path: '/api/v1/namespaces', as: 'jane' });
  const next = server.ask({ path: '/version', as: 'jane' });
  assert.equal((await server.ask({ path: '/version', as: 'joe' })).status, 200);
  unread.onGone?.();
  assert.equal((await next).status, 200);
});

test('what waits, runs and was refused is counted by level', async (t) => {
  const { server, release } = await gated(t, { maxReadsInFlight: 1, maxQueuedPerUser: 1 });
  const asked = ['jane', 'jane', 'jane'].map((as) => server.ask(slow(as)));
  await turn();
  const { text } = await server.ask({ path: '/metrics' });
  const of = 'priority_level="global-default",flow_schema="global-default"';
  for (const line of [
    `apiserver_flowcontrol_current_executing_requests{${of}} 1`,
    `apiserver_flowcontrol_current_inqueue_requests{${of}} 1`,
    `apiserver_flowcontrol_rejected_requests_total{${of},reason="queue-full"} 1`,
    'apiserver_current_inflight_requests{request_kind="readOnly"} 2',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
  release();
  await turn();
  release();
  await Promise.all(asked);
});
