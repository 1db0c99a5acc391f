import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import tls from 'node:tls';
import { suite, test, type TestContext } from 'node:test';
import { runCommand } from '../command.js';
import { type ServerProcess, startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

interface Access {
  readonly port: number;
  readonly credentials: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** How the administrator reaches a server, from its kubeconfig. */
async function accessTo(server: ServerProcess): Promise<Access> {
  const text = await readFile(server.kubeconfig, 'utf8');
  const field = (name: string): string => new RegExp(`"${name}": "([^"]+)"`).exec(text)?.[1] ?? '';
  const pem = (name: string): string => Buffer.from(field(name), 'base64').toString();
  return {
    port: Number(new URL(field('server')).port),
    credentials: {
      ca: pem('certificate-authority-data'),
      cert: pem('client-certificate-data'),
      key: pem('client-key-data'),
    },
  };
}

/** Asks over HTTP/1.1 and collects all that comes until the server closes the connection. */
async function raw(t: TestContext, { port, credentials }: Access, target: string, until: RegExp) {
  const socket = tls.connect({ host: '127.0.0.1', port, ...credentials, ALPNProtocols: ['http/1.1'] });
  t.after(() => socket.destroy());
  let text = '';
  let begun = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  socket.on('data', (data: Buffer) => {
    text += data.toString();
    if (until.test(text)) begun();
  });
  const closed = once(socket, 'close');
  await once(socket, 'secureConnect');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return { started, ended: closed.then(() => text), socket };
}

suite('a server that is told to stop', { concurrency: true }, () => {
  test('ends watches of HTTP/1.1 with the last chunk, answers what runs, and closes', async (t) => {
    await using server = await startServer();
    const access = await accessTo(server);
    const watch = await raw(t, access, '/api/v1/namespaces?watch=1', /"ADDED"/);
    await watch.started;
    // a version that is not there yet is waited for: 3 s
    const running = await raw(t, access, '/api/v1/namespaces?resourceVersion=99999999', /./);
    const warm = await raw(t, access, '/readyz', /ok/);
    await warm.started;
    const stopped = server.stop('SIGTERM');
    assert.match(await watch.ended, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n0\r\n\r\n$/);
    assert.match(await running.ended, /^HTTP\/1\.1 504 [^]*connection: close[^]*Too large resource version/i);
    await warm.ended;
    assert.equal(await stopped, 0);
  });

  test('ends watches of HTTP/2 with END_STREAM and a GOAWAY, and without an error', async (t) => {
    await using server = await startServer();
    const { port, credentials } = await accessTo(server);
    const session = http2.connect(`https://127.0.0.1:${port}`, credentials);
    t.after(() => session.destroy());
    const goaway = once(session, 'goaway') as Promise<number[]>;
    const stream = session.request({ ':path': '/api/v1/namespaces?watch=1' });
    const ended = once(stream, 'end');
    await once(stream, 'data');
    stream.resume();
    const stopped = server.stop('SIGTERM');
    await ended;
    assert.equal(stream.rstCode, 0);
    assert.equal((await goaway)[0], 0);
    assert.equal(await stopped, 0);
  });

  test('is not ready while it serves on for --shutdown-delay-duration', async (t) => {
    await using server = await startServer(['--shutdown-delay-duration', '4s']);
    const access = await accessTo(server);
    const ask = async (target: string): Promise<string> => {
      const { started, socket, ended } = await raw(t, access, target, /\r\n\r\n./);
      await started;
      socket.destroy();
      return (await ended).slice(9, 12);
    };
    assert.equal(await ask('/readyz'), '200');
    const stopped = server.stop('SIGTERM');
    while ((await ask('/readyz')) === '200') await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await ask('/readyz'), '500');
    assert.equal(await ask('/livez'), '200');
    assert.equal(await ask('/api/v1/namespaces'), '200');
    assert.equal(await stopped, 0);
  });

  test('stops at once when told again, whatever it waits for', async (t) => {
    await using server = await startServer(['--shutdown-delay-duration', '1h']);
    const access = await accessTo(server);
    const watch = await raw(t, access, '/api/v1/namespaces?watch=1', /"ADDED"/);
    await watch.started;
    void server.stop('SIGTERM');
    while (!server.output().includes('Stopping')) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await server.stop('SIGINT'), 130);
  });

  test('lets kubectl get --watch end without a complaint', async (t) => {
    if (!requireTool(t, 'kubectl')) return;
    await using server = await startServer();
    const env = { ...process.env, KUBECONFIG: server.kubeconfig };
    const watch = spawn('kubectl', ['get', 'namespaces', '--watch', '-o', 'name'], { env });
    let [out, err] = ['', ''];
    watch.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const listed = new Promise<void>((resolve) => {
      watch.stdout.on('data', (data: Buffer) => {
        out += data.toString();
        if (out.includes('namespace/late')) resolve();
      });
    });
    assert.equal((await runCommand('kubectl', ['create', 'namespace', 'late'], { env })).code, 0);
    await listed;
    const ended = once(watch, 'close') as Promise<number[]>;
    assert.equal(await server.stop('SIGTERM'), 0);
    assert.deepEqual([(await ended)[0], err], [0, '']);
  });
});
