import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { before, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { silentLogger } from '../../base/logger.js';
import type { ApiResponse, Transport } from '../../kube/exchange.js';
import { http1, http2Client } from '../testing/http-clients.js';
import { END_HEADERS, END_STREAM, frame, FRAME, GET_ROOT, rawHttp2 } from '../testing/raw-http2.js';
import { selfSigned } from '../testing/self-signed.js';
import { listen } from './listen.js';
import type { ListenLimits, ServerCredentials } from './listen-limits.js';

let credentials: ServerCredentials;

before(async () => {
  credentials = await selfSigned('server');
});

const OK: ApiResponse = { status: 200, headers: {}, body: { kind: 'bytes', bytes: Buffer.from('ok') } };

async function serving(
  t: TestContext,
  limits: Partial<ListenLimits> = {},
  handle: Transport = () => Promise.resolve(OK),
): Promise<number> {
  const options = { handle, host: '127.0.0.1', port: 0, tls: credentials, clientCas: [], limits, logger: silentLogger };
  const listener = await listen(options);
  t.after(() => listener.close(0));
  return listener.port;
}

/** Somebody else who asks over a new connection, and must be answered. */
async function assertServed(t: TestContext, port: number): Promise<void> {
  for (const connect of [http1, http2Client]) {
    const client = connect(port);
    t.after(client.close);
    assert.equal((await client.ask({})).text, 'ok');
  }
}

test('connections that say nothing keep nobody out, and are closed', async (t) => {
  const port = await serving(t, { maxHandshakes: 8, headerTimeoutMs: 30_000 });
  const silent = Array.from({ length: 20 }, () => net.connect(port, '127.0.0.1'));
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  const gone = silent.map((socket) => once(socket.on('error', () => undefined).resume(), 'close'));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  await assertServed(t, port);
  await Promise.race(gone);
});

test('a handshake that takes too long is ended, and nothing of it stays open', async (t) => {
  const port = await serving(t, { headerTimeoutMs: 100 });
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
  socket.resume();
  await once(socket, 'close');
});

test('an address has so many connections', async (t) => {
  const port = await serving(t, { maxConnectionsPerAddress: 2 });
  const open = async (): Promise<tls.TLSSocket> => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  };
  const first = await open();
  await open();
  await assert.rejects(open());
  first.destroy();
  for (;;) {
    // the server hears of it a little later
    const again = await open().catch(() => undefined);
    if (again !== undefined) break;
  }
});

test('a connection of HTTP/2 that never asks is closed, pings or not', async (t) => {
  const port = await serving(t, { headerTimeoutMs: 200 });
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  const pinging = setInterval(() => {
    if (!session.destroyed) session.ping(() => undefined);
  }, 20);
  t.after(() => {
    clearInterval(pinging);
  });
  session.on('error', () => undefined);
  await once(session, 'close');
});

test('an answer that nobody reads is cut off', async (t) => {
  const bytes = Buffer.alloc(64 * 1024 * 1024);
  let gone = 0;
  const port = await serving(t, { requestTimeoutMs: 300, headerTimeoutMs: 300 }, () =>
    Promise.resolve({ status: 200, headers: {}, body: { kind: 'bytes', bytes }, onGone: () => gone++ }),
  );
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  stream.pause();
  while (gone < 2) await new Promise((resolve) => setTimeout(resolve, 20));
});

const floods: readonly {
  readonly name: string;
  /** What is sent, over and over. */
  readonly bytes: (turn: number) => Buffer;
  readonly turns: number;
}[] = [
  {
    name: 'requests that are taken back at once',
    turns: 100,
    bytes: (turn) =>
      Buffer.concat(
        Array.from({ length: 100 }, (_, i) => {
          const stream = 1 + 2 * (turn * 100 + i);
          const cancel = Buffer.from([0, 0, 0, 8]);
          return Buffer.concat([
            frame(FRAME.headers, END_HEADERS | END_STREAM, stream, GET_ROOT),
            frame(FRAME.reset, 0, stream, cancel),
          ]);
        }),
      ),
  },
  {
    name: 'headers that never end',
    turns: 200,
    bytes: (turn) =>
      turn === 0
        ? frame(FRAME.headers, 0, 1, GET_ROOT)
        : frame(
            FRAME.continuation,
            0,
            1,
            Buffer.concat([Buffer.from([0x00, 1, 0x61, 0x7f, 0x81, 0x7e]), Buffer.alloc(16_000, 0x61)]),
          ),
  },
  {
    name: 'settings without end',
    turns: 200,
    bytes: () =>
      Buffer.concat(
        Array.from({ length: 500 }, () => frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255]))),
      ),
  },
  {
    name: 'empty data without end',
    turns: 200,
    bytes: (turn) =>
      turn === 0
        ? frame(FRAME.headers, END_HEADERS, 1, Buffer.concat([Buffer.from([0x83]), GET_ROOT.subarray(1)]))
        : Buffer.concat(Array.from({ length: 500 }, () => frame(FRAME.data, 0, 1))),
  },
];

for (const { name, bytes, turns } of floods) {
  test(`HTTP/2: a flood of ${name} keeps nobody out, and costs little memory`, async (t) => {
    let asked = 0;
    const port = await serving(t, {}, () => {
      asked++;
      return Promise.resolve(OK);
    });
    const raw = await rawHttp2(port);
    t.after(() => raw.socket.destroy());
    const before = process.memoryUsage.rss();
    for (let turn = 0; turn < turns && !raw.socket.destroyed; turn++) await raw.send(bytes(turn));
    await assertServed(t, port);
    const grown = (process.memoryUsage.rss() - before) / 1024 / 1024;
    assert.ok(grown < 100, `${grown} MiB`);
    t.diagnostic(`${raw.socket.destroyed ? 'ended' : 'still open'}, ${asked} requests, ${grown.toFixed(0)} MiB`);
  });
}

test('HTTP/2: more streams at once than are offered are refused, and the others answered', async (t) => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = 0;
  const port = await serving(t, { maxConcurrentStreams: 10 }, async () => {
    asked++;
    await gate;
    return OK;
  });
  const raw = await rawHttp2(port);
  t.after(() => raw.socket.destroy());
  const streams = Array.from({ length: 40 }, (_, i) =>
    frame(FRAME.headers, END_HEADERS | END_STREAM, 1 + 2 * i, GET_ROOT),
  );
  await raw.send(Buffer.concat(streams));
  while (raw.received().filter((type) => type === FRAME.reset).length < 30) await once(raw.socket, 'data');
  assert.equal(asked, 10);
  release();
  while (raw.received().filter((type) => type === FRAME.headers).length < 10) await once(raw.socket, 'data');
});

test('headers beyond the limit are refused', async (t) => {
  const port = await serving(t, { maxHeaderBytes: 8192 });
  const client = http2Client(port);
  t.after(client.close);
  await client.ask({}); // from its settings on, the client knows
  await assert.rejects(client.ask({ headers: { 'x-long': 'x'.repeat(60_000) } }));
  await assertServed(t, port);
});
