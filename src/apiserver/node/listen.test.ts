import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { after, before, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { hasCode } from '../../base/error.js';
import { silentLogger } from '../../base/logger.js';
import type { ApiRequest, ApiResponse, StreamSink, Transport } from '../../kube/exchange.js';
import { encodePem } from '../../x509/pem.js';
import { http1, http2Client, type HttpClient } from '../testing/http-clients.js';
import { selfSigned } from '../testing/self-signed.js';
import { listen, type Listener } from './listen.js';
import type { ListenLimits, ServerCredentials } from './listen-limits.js';

let server: ServerCredentials;
let client: ServerCredentials;

before(async () => {
  [server, client] = await Promise.all([selfSigned('server'), selfSigned('client')]);
});

const listeners = new Set<Listener>();
after(async () => {
  await Promise.all([...listeners].map((listener) => listener.close(0)));
});

async function serving(handle: Transport, limits: Partial<ListenLimits> = {}): Promise<Listener> {
  const listener = await listen({
    handle,
    host: '127.0.0.1',
    port: 0,
    tls: server,
    clientCas: [client.cert],
    limits,
    logger: silentLogger,
  });
  listeners.add(listener);
  return listener;
}

function ok(text: string, headers: ApiResponse['headers'] = {}): ApiResponse {
  return { status: 200, headers, body: { kind: 'bytes', bytes: Buffer.from(text) } };
}

const PROTOCOLS = [
  { name: 'HTTP/1.1', connect: http1 },
  { name: 'HTTP/2', connect: http2Client },
] as const;

async function asking(
  t: TestContext,
  connect: typeof http1,
  handle: Transport,
  certificate?: ServerCredentials,
): Promise<HttpClient> {
  const listener = await serving(handle);
  const made = connect(listener.port, certificate);
  t.after(() => {
    made.close();
  });
  return made;
}

test('refuses a port that is taken, and a certificate that is not the key’s', async () => {
  const listener = await serving(() => Promise.resolve(ok('')));
  const taken = { handle: () => Promise.resolve(ok('')), host: '127.0.0.1', clientCas: [], logger: silentLogger };
  await assert.rejects(listen({ ...taken, port: listener.port, tls: server }), (error) =>
    hasCode(error, 'CONFIG_INVALID'),
  );
  await assert.rejects(listen({ ...taken, port: 0, tls: { key: server.key, cert: client.cert } }), (error) =>
    hasCode(error, 'CONFIG_INVALID'),
  );
  assert.throws(
    () => {
      listener.updateTls(server.key, 'no certificate');
    },
    (error) => hasCode(error, 'CONFIG_INVALID'),
  );
});

for (const { name, connect } of PROTOCOLS) {
  test(`${name}: a body over the limit is not read, and the answer still arrives`, async (t) => {
    const { ask } = await asking(t, connect, async ({ body }) => {
      const bytes = body.kind === 'stream' ? await body.read(1000) : new Uint8Array(0);
      return bytes === undefined ? { ...ok('too large'), status: 413 } : ok(String(bytes.length));
    });
    assert.equal((await ask({ method: 'POST', body: 'x'.repeat(1000) })).text, '1000');
    const refused = await ask({ method: 'POST', body: 'x'.repeat(100_000) });
    assert.deepEqual([refused.status, refused.text], [413, 'too large']);
    const chunked = await ask({
      method: 'POST',
      body: 'x'.repeat(100_000),
      headers: name === 'HTTP/2' ? {} : { 'transfer-encoding': 'chunked' },
    });
    assert.equal(chunked.status, 413);
    assert.equal((await ask({ method: 'POST', body: 'xy' })).text, '2', 'and the next request is served');
  });

  test(`${name}: method, target, headers and body arrive as they were sent`, async (t) => {
    const { ask } = await asking(t, connect, async ({ method, target, headers, body }) => {
      const bytes = body.kind === 'stream' ? await body.read(1_000_000) : undefined;
      const text = bytes === undefined ? body.kind : Buffer.from(bytes).toString();
      return ok(JSON.stringify([method, target, headers['x-one'], headers['impersonate-group'], text]));
    });
    const headers = { 'X-One': '1', 'Impersonate-Group': ['a, b', 'c'] };
    assert.deepEqual(JSON.parse((await ask({ path: '/a%2Fb?c=d', headers })).text), [
      'GET',
      '/a%2Fb?c=d',
      '1',
      ['a, b', 'c'],
      'none',
    ]);
    assert.match((await ask({ method: 'PUT', path: '/', body: 'text' })).text, /,"text"\]$/);
  });

  test(`${name}: several values of a header are sent one by one, and HEAD has no body`, async (t) => {
    const { ask } = await asking(t, connect, () => Promise.resolve(ok('', { warning: ['299 - "a"', '299 - "b"'] })));
    assert.equal((await ask({})).headers['warning'], '299 - "a", 299 - "b"');
    const head = await ask({ method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  test(`${name}: what a client presents comes as the same bytes with every request of its connection`, async (t) => {
    const seen: ApiRequest['peer'][] = [];
    const { ask } = await asking(
      t,
      connect,
      ({ peer }) => {
        seen.push(peer);
        return Promise.resolve(ok(''));
      },
      client,
    );
    await ask({});
    await ask({});
    const [first, second] = seen;
    assert.ok(first?.kind === 'connection' && first.certificateDer !== undefined);
    assert.equal(encodePem('CERTIFICATE', first.certificateDer), client.cert);
    assert.equal(first.address, '127.0.0.1');
    assert.equal(first, second);
  });

  test(`${name}: a client without a certificate is served`, async (t) => {
    const { ask } = await asking(t, connect, ({ peer }) =>
      Promise.resolve(ok(String(peer.kind === 'connection' && peer.certificateDer === undefined))),
    );
    assert.equal((await ask({})).text, 'true');
  });

  test(`${name}: a handler that throws costs its own request only`, async (t) => {
    const { ask } = await asking(t, connect, ({ target }) =>
      target === '/bad' ? Promise.reject(new Error('no')) : Promise.resolve(ok('fine')),
    );
    await assert.rejects(ask({ path: '/bad' }));
    assert.equal((await ask({})).text, 'fine');
  });

  test(`${name}: a request whose client leaves is aborted`, async (t) => {
    let aborted: Promise<unknown> | undefined;
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const made = await asking(t, connect, ({ signal }) => {
      aborted = once(signal, 'abort');
      arrived();
      return new Promise(() => undefined);
    });
    made.ask({}).catch(() => undefined);
    await arrival;
    made.close();
    await aborted;
  });
}

/** A stream whose sink the test holds, and whether it was stopped. */
function heldStream(): {
  readonly answer: ApiResponse;
  readonly sink: Promise<StreamSink<Uint8Array | string>>;
  readonly stopped: Promise<void>;
} {
  let give: (sink: StreamSink<Uint8Array | string>) => void = () => undefined;
  let stop: () => void = () => undefined;
  const sink = new Promise<StreamSink<Uint8Array | string>>((resolve) => {
    give = resolve;
  });
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  return {
    sink,
    stopped,
    answer: { status: 200, headers: {}, body: { kind: 'stream', stream: { start: give, stop } } },
  };
}

test('a watch sends its headers before any event, one line at a time, and is stopped when its client leaves', async (t) => {
  for (const protocol of PROTOCOLS) {
    const held = heldStream();
    const listener = await serving(() => Promise.resolve(held.answer));
    const opened = protocol.name === 'HTTP/2' ? watch2(listener.port) : watch1(listener.port);
    t.after(opened.close);
    assert.equal(await opened.status, 200, protocol.name);
    const sink = await held.sink;
    sink.write('{"type":"ADDED"}\n');
    assert.equal(await opened.next(), '{"type":"ADDED"}\n', protocol.name);
    opened.close();
    await held.stopped;
    assert.equal(sink.write('late'), true, 'what is written afterwards goes nowhere');
    await sink.drained();
  }
});

interface Opened {
  readonly status: Promise<number>;
  readonly next: () => Promise<string>;
  readonly close: () => void;
}

function watch1(port: number): Opened {
  const request = https.request({ host: '127.0.0.1', port, path: '/', rejectUnauthorized: false, agent: false });
  request.on('error', () => undefined);
  request.end();
  const response = once(request, 'response').then(([r]) => r as IncomingMessage);
  return {
    status: response.then((r) => r.statusCode ?? 0),
    next: async () => String((await once(await response, 'data'))[0]),
    close: () => {
      request.destroy();
    },
  };
}

function watch2(port: number): Opened {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  return {
    status: once(stream, 'response').then(([headers]) => Number((headers as http2.IncomingHttpHeaders)[':status'])),
    next: async () => String((await once(stream, 'data'))[0]),
    close: () => {
      session.destroy();
    },
  };
}

test('a watch whose client does not read is told to wait, and goes on when it reads', async (t) => {
  const held = heldStream();
  const listener = await serving(() => Promise.resolve(held.answer));
  const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  t.after(() => {
    session.destroy();
  });
  const stream = session.request({ ':path': '/' });
  await once(stream, 'response');
  const sink = await held.sink;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  while (sink.write(chunk)) written += chunk.length;
  written += chunk.length;
  assert.ok(written < 16 * 1024 * 1024, 'the server does not take in what it cannot send');
  let read = 0;
  stream.on('data', (data: Buffer) => {
    read += data.length;
  });
  await sink.drained();
  sink.end();
  await once(stream, 'end');
  assert.equal(read, written);
});

test('250 watches at once fit on one HTTP/2 connection', async (t) => {
  const listener = await serving(() =>
    Promise.resolve({
      status: 200,
      headers: {},
      body: { kind: 'stream', stream: { start: (sink) => void sink.write('x'), stop: () => undefined } },
    }),
  );
  const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  t.after(() => {
    session.destroy();
  });
  const streams = Array.from({ length: 250 }, () => session.request({ ':path': '/' }));
  await Promise.all(streams.map((stream) => once(stream, 'data')));
});

test('a resumed TLS session still says who its client is', async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const seen: ApiRequest['peer'][] = [];
    const listener = await serving(({ peer }) => {
      seen.push(peer);
      return Promise.resolve(ok(''));
    });
    let session: Buffer | undefined;
    let resumed = false;
    for (let i = 0; i < 2; i++) {
      const socket = tls.connect({
        host: '127.0.0.1',
        port: listener.port,
        rejectUnauthorized: false,
        maxVersion,
        ...client,
        ...(session === undefined ? {} : { session }),
      });
      socket.on('session', (ticket: Buffer) => {
        session = ticket;
      });
      await once(socket, 'secureConnect');
      resumed = socket.isSessionReused();
      socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal(resumed, true, maxVersion);
    for (const peer of seen) {
      assert.ok(peer.kind === 'connection' && peer.certificateDer !== undefined, maxVersion);
      assert.equal(encodePem('CERTIFICATE', peer.certificateDer), client.cert);
    }
  }
});

test('TLS below 1.2 is refused', async () => {
  const listener = await serving(() => Promise.resolve(ok('')));
  const socket = tls.connect({
    host: '127.0.0.1',
    port: listener.port,
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const [error] = (await once(socket, 'error')) as unknown[];
  assert.match(String(error), /alert protocol version|unsupported protocol|no protocols available/);
});

/** Sends raw text over HTTP/1.1 and answers all that comes back until the server closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  let received = '';
  socket.on('data', (data: Buffer) => {
    received += data.toString();
  });
  socket.write(text);
  await once(socket, 'close');
  return received;
}

test('a request that dawdles over its headers or its body is cut off', async () => {
  const listener = await serving(
    async ({ body }) => {
      if (body.kind === 'stream') await body.read(1000);
      return ok('');
    },
    { headerTimeoutMs: 150, requestTimeoutMs: 300 },
  );
  assert.match(await raw(listener.port, 'GET / HTTP/1.1\r\nHost: a\r\n'), /^HTTP\/1\.1 408 /);
  assert.match(
    await raw(listener.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'),
    /^HTTP\/1\.1 408 |^$/,
  );
});

test('what is no HTTP, and headers beyond the limit, are refused and the connection is closed', async () => {
  const listener = await serving(() => Promise.resolve(ok('')), { maxHeaderBytes: 8192 });
  assert.match(await raw(listener.port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(
    await raw(listener.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
});

test('a connection without a request is closed after a while', async () => {
  const listener = await serving(() => Promise.resolve(ok('')), { idleTimeoutMs: 100 });
  assert.match(await raw(listener.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 200 /);
  const session = http2.connect(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  await once(session, 'close');
});

async function subjectServed(port: number): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const subject = socket.getPeerX509Certificate()?.subject ?? '';
  socket.destroy();
  return subject;
}

test('new connections get the new certificate', async () => {
  const listener = await serving(() => Promise.resolve(ok('')));
  assert.equal(await subjectServed(listener.port), 'CN=server');
  const other = await selfSigned('renewed');
  listener.updateTls(other.key, other.cert);
  assert.equal(await subjectServed(listener.port), 'CN=renewed');
});

for (const { name, connect } of PROTOCOLS) {
  test(`${name}: closing lets a running request finish, and no new one in`, async (t) => {
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const listener = await serving(
      () =>
        new Promise((resolve) => {
          release = () => {
            resolve(ok('finished'));
          };
          arrived();
        }),
    );
    const made = connect(listener.port);
    t.after(made.close);
    const running = made.ask({});
    await arrival;
    const closed = listener.close(60_000);
    release();
    assert.equal((await running).text, 'finished');
    await closed;
    await assert.rejects(connect(listener.port).ask({}));
  });

  test(`${name}: closing waits no longer than its grace`, async (t) => {
    const held = heldStream();
    const listener = await serving(() => Promise.resolve(held.answer));
    const opened = name === 'HTTP/2' ? watch2(listener.port) : watch1(listener.port);
    t.after(opened.close);
    await opened.status;
    await listener.close(50);
    await held.stopped;
  });
}
