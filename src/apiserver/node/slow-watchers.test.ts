import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { before, test, type TestContext } from 'node:test';
import { silentLogger } from '../../base/logger.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';
import { selfSigned } from '../testing/self-signed.js';
import { listen } from './listen.js';
import type { ServerCredentials } from './listen-limits.js';

let credentials: ServerCredentials;

before(async () => {
  credentials = await selfSigned('server');
});

const TARGET = '/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=';
const headers = { authorization: 'Bearer admin-token' };
const KIB = 1024;

async function watch1(t: TestContext, port: number, path: string): Promise<Readable> {
  const request = https.get({ host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false });
  t.after(() => request.destroy());
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function watch2(t: TestContext, port: number, path: string): Promise<Readable> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': path, ...headers });
  await once(stream, 'response');
  return stream;
}

async function cutOff({ ask }: TestServer): Promise<number> {
  const { text } = await ask({ path: '/metrics' });
  return Number(/^countersign_watch_cut_off_total (\d+)$/m.exec(text)?.[1]);
}

for (const [protocol, watch] of [
  ['HTTP/1.1', watch1],
  ['HTTP/2', watch2],
] as const) {
  test(`${protocol}: a watcher that stops reading is cut off, bounded in bytes; one that reads misses nothing`, async (t) => {
    const server = await openTestServer({ limits: { watchBufferBytes: 512 * KIB } });
    t.after(() => server.close());
    const listener = await listen({
      handle: (request) => server.api.handle(request),
      host: '127.0.0.1',
      port: 0,
      tls: credentials,
      clientCas: [],
      limits: { requestTimeoutMs: 500, headerTimeoutMs: 500 },
      logger: silentLogger,
    });
    t.after(() => listener.close(0));
    const { metadata } = (await server.ask({ path: '/api/v1/configmaps' })).json as {
      metadata: { resourceVersion: string };
    };
    const path = TARGET + metadata.resourceVersion;
    const slow = await watch(t, listener.port, path);
    slow.pause();
    const reading = await watch(t, listener.port, path);
    let seen = 0;
    reading.on('data', (data: Buffer) => {
      for (const byte of data) if (byte === 10) seen++;
    });
    let made = 0;
    const data = { text: 'x'.repeat(100 * KIB) };
    while ((await cutOff(server)) === 0) {
      assert.ok(made < 500, 'it should have been cut off by now');
      const name = `c${made++}`;
      const created = await server.ask({
        method: 'POST',
        path: '/api/v1/namespaces/default/configmaps',
        body: { metadata: { name }, data },
      });
      assert.equal(created.status, 201);
      while (seen < made) await once(reading, 'data');
    }
    let text = '';
    slow.on('data', (chunk: Buffer) => (text += chunk.toString()));
    slow.on('error', () => undefined);
    slow.resume();
    if (!slow.destroyed) await once(slow, 'close');
    const events = text.split('\n').slice(0, -1).length;
    assert.ok(events < made - 4, `${events} of ${made} events were on their way`);
    assert.doesNotMatch(text, /"ERROR"/);
    assert.equal(await cutOff(server), 1, 'nobody else was');
  });
}
