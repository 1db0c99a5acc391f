import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type LogFields, silentLogger } from '../base/logger.js';
import type { Status } from '../kube/status.js';
import { openTestServer, type TestServer } from './testing/open-test-server.js';

async function opened(t: TestContext, ...overrides: Parameters<typeof openTestServer>): Promise<TestServer> {
  const server = await openTestServer(...overrides);
  t.after(() => server.close());
  return server;
}

const SLOW = '/slow';

/** A server with a path that answers when it is told to. */
async function slowServer(
  t: TestContext,
  limits: Parameters<typeof openTestServer>[0] = {},
): Promise<{ readonly server: TestServer; readonly release: () => void; readonly arrived: Promise<void> }> {
  let release = (): void => undefined;
  let arrive = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await opened(t, {
    ...limits,
    routes: [
      {
        path: SLOW,
        handle: async () => {
          arrive();
          await gate;
          return { status: 200, headers: {}, body: { kind: 'none' } };
        },
      },
    ],
  });
  return { server, release, arrived };
}

test('a request that takes too long is 504, sooner when its client says so', async (t) => {
  const { server, arrived } = await slowServer(t);
  const asked = server.ask({ path: `${SLOW}?timeout=5s` });
  const patient = server.ask({ path: SLOW });
  await arrived;
  server.clock.advance(5000);
  const status = (await asked).json as Status;
  assert.deepEqual(
    [status.code, status.reason, status.message],
    [504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'],
  );
  server.clock.advance(55_000);
  assert.equal((await patient).status, 504);
});

test('a failure that nobody foresaw is 500 with an id, and its words are in the log only', async (t) => {
  const logged: LogFields[] = [];
  const logger = { ...silentLogger, error: (_message: string, fields: LogFields = {}) => logged.push(fields) };
  const server = await opened(
    t,
    {
      routes: [
        {
          path: '/boom',
          handle: () => {
            throw new Error('secret detail');
          },
        },
      ],
    },
    logger,
  );
  const answer = await server.ask({ path: '/boom' });
  assert.equal(answer.status, 500);
  assert.equal(answer.text.includes('secret'), false);
  const [line] = logged;
  assert.equal(line?.['auditId'], answer.headers['audit-id']);
  assert.match(String(line?.['error']), /secret detail/);
});

test('readiness ends when the server drains, and health goes on', async (t) => {
  const server = await opened(t);
  assert.deepEqual((await server.ask({ path: '/readyz', anonymous: true })).text, 'ok');
  server.api.drain();
  const ready = await server.ask({ path: '/readyz?verbose', anonymous: true });
  assert.equal(ready.status, 500);
  assert.match(ready.text, /^\[\+\]ping ok\n\[-\]shutdown failed: reason withheld\nreadyz check failed\n$/);
  assert.equal((await server.ask({ path: '/livez', anonymous: true })).text, 'ok');
});

test('the version parses as a semantic version and is for everybody', async (t) => {
  const server = await opened(t);
  for (const path of ['/version', '/version/']) {
    const { json, status } = await server.ask({ path, anonymous: true });
    assert.equal(status, 200);
    assert.match((json as { gitVersion: string }).gitVersion, /^v\d+\.\d+\.\d+\+[0-9A-Za-z.-]+$/);
  }
});

test('the root lists what there is', async (t) => {
  const server = await opened(t);
  const { paths } = (await server.ask({ path: '/' })).json as { paths: string[] };
  for (const path of [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/certificates.k8s.io',
    '/apis/certificates.k8s.io/v1',
    '/healthz',
    '/livez',
    '/livez/ping',
    '/metrics',
    '/openapi/v3',
    '/readyz',
    '/readyz/shutdown',
    '/version',
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.deepEqual(paths, [...paths].sort());
});

test('discovery comes aggregated to those who ask for it first, with an ETag that is honoured', async (t) => {
  const server = await opened(t);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  for (const path of ['/api', '/apis', '/apis/']) {
    const aggregated = await server.ask({ path, headers: { accept } });
    assert.equal((aggregated.json as { kind: string }).kind, 'APIGroupDiscoveryList', path);
    assert.match(String(aggregated.headers['content-type']), /as=APIGroupDiscoveryList/);
    const again = await server.ask({ path, headers: { accept, 'if-none-match': String(aggregated.headers['etag']) } });
    assert.deepEqual([again.status, again.text], [304, '']);
  }
  const old = await server.ask({
    path: '/apis',
    headers: { accept: `application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json` },
  });
  assert.equal((old.json as { kind: string }).kind, 'APIGroupList');
  const only = await server.ask({
    path: '/apis',
    headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList' },
  });
  assert.equal(only.status, 406);
});

test('OpenAPI has a document for each group version', async (t) => {
  const server = await opened(t);
  const { paths } = (await server.ask({ path: '/openapi/v3' })).json as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  const url = paths['apis/certificates.k8s.io/v1']?.serverRelativeURL ?? '';
  const document = await server.ask({ path: url });
  assert.equal(document.status, 200);
  assert.equal((document.json as { info: { title: string } }).info.title, 'Kubernetes');
  assert.equal((await server.ask({ path: '/openapi/v3/apis/nope/v1' })).status, 404);
});

test('OpenAPI 2.0 comes in protobuf to those who ask for it, compressed, and once', async (t) => {
  const server = await opened(t);
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const path = '/openapi/v2?timeout=32s';
  const first = await server.send({ path, headers: { accept, 'accept-encoding': 'gzip' } });
  assert.equal(first.headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  assert.deepEqual([first.headers['content-encoding'], first.headers['vary']], ['gzip', 'Accept, Accept-Encoding']);
  const tags: readonly Record<string, string>[] = [
    { 'if-none-match': String(first.headers['etag']) },
    { 'if-modified-since': String(first.headers['last-modified']) },
  ];
  for (const tag of tags) {
    const again = await server.ask({ path, headers: { accept, ...tag } });
    assert.deepEqual([again.status, again.text], [304, ''], JSON.stringify(tag));
  }
  const refused = await server.ask({ path, headers: { accept: 'text/html' } });
  assert.deepEqual([refused.status, refused.text], [406, '']);
  assert.equal((await server.ask({ method: 'POST', path, headers: { accept } })).status, 405);
});

test('metrics count requests by what was served, never by what was asked', async (t) => {
  const server = await opened(t);
  await server.ask({ path: '/api/v1/namespaces/default' });
  await server.ask({ path: '/apis/evil-1.example.com/v1/things' });
  const { text, headers } = await server.ask({ path: '/metrics' });
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(
    text,
    /apiserver_request_total\{verb="GET",dry_run="",group="",version="v1",resource="namespaces",.*code="200"\} 1/,
  );
  assert.match(text, /^process_resident_memory_bytes \d+/m);
  assert.equal(text.includes('evil-1'), false);
});

test('a path of its own is authorised like any other', async (t) => {
  const server = await opened(t, {
    routes: [
      {
        path: '/openid/v1/jwks',
        handle: () => ({
          status: 200,
          headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=3600' },
          body: { kind: 'bytes', bytes: Buffer.from('{}') },
        }),
      },
    ],
  });
  assert.equal((await server.ask({ path: '/openid/v1/jwks', anonymous: true })).status, 403);
  const { status, headers } = await server.ask({ path: '/openid/v1/jwks/' });
  assert.deepEqual(
    [status, headers['content-type'], headers['cache-control']],
    [200, 'application/jwk-set+json', 'public, max-age=3600'],
  );
  assert.ok(headers['audit-id'] !== undefined);
});

test('HEAD of a path is answered without a body', async (t) => {
  const server = await opened(t);
  const response = await server.send({ method: 'HEAD', path: '/healthz' });
  assert.deepEqual([response.status, response.body.kind], [200, 'none']);
});
