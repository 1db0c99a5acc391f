import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { toUnixSeconds } from '../../src/base/clock.js';
import { FakeClock } from '../../src/base/fake-clock.js';
import { cn, testCertificate, testKey } from '../../src/authority/testing/test-certificates.js';
import { exportPrivateKeyPem } from '../../src/crypto/private-key.js';
import { subjectAltNameExtension } from '../../src/x509/extension.js';
import { createClient } from '../../src/client/client.js';
import { NAMESPACES } from '../../src/client/resources.js';
import { createHttpTransport, type HttpTransportOptions } from '../../src/client/node/http-transport.js';
import type { ServerAccess, ServerCredentials } from '../../src/client/node/server-access.js';

interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let serving: Identity;
let another: Identity;

async function identity(name: string): Promise<Identity> {
  const key = await testKey(name);
  const now = Date.now() / 1000;
  const certificatePem = await testCertificate({
    subject: cn(name),
    key,
    constraints: null,
    usages: null,
    extensions: [
      subjectAltNameExtension(
        [
          { kind: 'dns', value: 'api.example.com' },
          { kind: 'ip', bytes: new Uint8Array([127, 0, 0, 1]) },
        ],
        false,
      ),
    ],
    notBefore: toUnixSeconds(now - 60),
    notAfter: toUnixSeconds(now + 3600),
  });
  return { certificatePem, keyPem: exportPrivateKeyPem(key, { format: 'pkcs8' }) };
}

/** A server over TLS that remembers its connections. */
async function serve(
  t: TestContext,
  handler: Handler,
): Promise<{ readonly url: string; readonly connections: () => number; readonly server: Server }> {
  const server = createServer(
    { key: serving.keyPem, cert: serving.certificatePem, requestCert: true, rejectUnauthorized: false },
    handler,
  );
  let connections = 0;
  server.on('secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // listen() resolved: the address is that of a TCP socket.
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, connections: () => connections, server };
}

function access(server: string, credentials: ServerCredentials = {}, more: Partial<ServerAccess> = {}): ServerAccess {
  return {
    server,
    caPem: serving.certificatePem,
    insecureSkipTlsVerify: false,
    namespace: 'default',
    credentials,
    source: 'test',
    ...more,
  };
}

async function connect(t: TestContext, to: ServerAccess, options: Partial<HttpTransportOptions> = {}) {
  const transport = await createHttpTransport(to, { clock: new FakeClock(), ...options });
  t.after(() => transport.close());
  return { client: createClient(transport.send, { userAgent: 'test/1' }), transport };
}

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const bodyText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

before(async () => {
  serving = await identity('serving');
  another = await identity('another');
});

suite('network transport', () => {
  test('carries requests and answers over as many kept connections as it has calls at once', async (t) => {
    const seen: string[] = [];
    const { url, connections } = await serve(t, (request, response) => {
      void bodyText(request).then((body) => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? '-'} ${body}`);
        json(response, { metadata: { name: 'a' } });
      });
    });
    const { client } = await connect(t, access(url));
    await client.get(NAMESPACES, 'a');
    await client.create(NAMESPACES, { metadata: { name: 'ü' } });
    await client.delete(NAMESPACES, 'a');
    assert.deepEqual(seen.slice(0, 3), [
      'GET /api/v1/namespaces/a - ',
      'POST /api/v1/namespaces application/json {"metadata":{"name":"ü"},"apiVersion":"v1","kind":"Namespace"}',
      'DELETE /api/v1/namespaces/a application/json {"kind":"DeleteOptions","apiVersion":"v1"}',
    ]);
    for (let i = 0; i < 20; i++) await client.get(NAMESPACES, 'a');
    assert.equal(connections(), 1);
    await Promise.all(Array.from({ length: 5 }, () => client.get(NAMESPACES, 'a')));
    assert.equal(connections(), 5);
  });

  test('puts the path of the server before each path', async (t) => {
    let path = '';
    const { url } = await serve(t, (request, response) => {
      path = request.url ?? '';
      json(response, { metadata: {} });
    });
    const { client } = await connect(t, access(`${url}/k8s/clusters/c-1`));
    await client.get(NAMESPACES, 'a');
    assert.equal(path, '/k8s/clusters/c-1/api/v1/namespaces/a');
  });

  test('delivers a watch as it comes, and ends it when its caller stops', async (t) => {
    let response: ServerResponse | undefined;
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const { url } = await serve(t, (_request, out) => {
      response = out;
      out.on('close', closed);
      out.writeHead(200, { 'content-type': 'application/json' });
      out.flushHeaders();
      out.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"AD');
    });
    const { client } = await connect(t, access(url));
    const stop = new AbortController();
    const names: string[] = [];
    await client.watch(NAMESPACES, { signal: stop.signal }, ({ object }) => {
      names.push(object.metadata.name ?? '');
      if (names.length === 1) response?.write('DED","object":{"metadata":{"name":"b"}}}\n');
      else stop.abort();
    });
    assert.deepEqual(names, ['a', 'b']);
    await gone;
  });

  test('ends a watch cleanly when the server ends it, or breaks off', async (t) => {
    for (const end of ['end', 'destroy'] as const) {
      const { url } = await serve(t, (_request, out) => {
        out.writeHead(200);
        out.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n', () => out[end]());
      });
      const { client } = await connect(t, access(url));
      let events = 0;
      await client.watch(NAMESPACES, {}, () => events++);
      assert.equal(events, 1);
    }
  });

  test('keeps other calls going while watches are open', async (t) => {
    const { url } = await serve(t, (request, response) => {
      if (request.url?.includes('watch=true') === true) response.writeHead(200).flushHeaders();
      else json(response, { metadata: { name: 'a' } });
    });
    const { client } = await connect(t, access(url));
    const stop = new AbortController();
    const watches = Array.from({ length: 20 }, () =>
      client.watch(NAMESPACES, { signal: stop.signal }, () => undefined),
    );
    await Promise.all(Array.from({ length: 50 }, () => client.get(NAMESPACES, 'a')));
    stop.abort();
    await Promise.all(watches);
  });

  test('throws the refusal of a watch', async (t) => {
    const { url } = await serve(t, (_request, response) =>
      json(
        response,
        { kind: 'Status', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403, metadata: {} },
        403,
      ),
    );
    const { client } = await connect(t, access(url));
    await assert.rejects(
      client.watch(NAMESPACES, {}, () => undefined),
      { code: 'API_STATUS', message: 'no' },
    );
  });

  test('gives up when its caller does, before and after the answer began', async (t) => {
    const { url } = await serve(t, () => undefined);
    const { client } = await connect(t, access(url));
    const stop = new AbortController();
    const call = assert.rejects(client.get(NAMESPACES, 'a', { signal: stop.signal }), { code: 'ABORTED' });
    setImmediate(() => stop.abort());
    await call;
    await assert.rejects(client.get(NAMESPACES, 'a', { signal: AbortSignal.abort() }), { code: 'ABORTED' });
  });

  test('says who cannot be reached, and why', async (t) => {
    const { url, server } = await serve(t, () => undefined);
    const { client } = await connect(t, access(url));
    server.close();
    await assert.rejects(client.get(NAMESPACES, 'a'), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.equal(error.message, `Cannot reach ${url}: connect ECONNREFUSED ${url.slice('https://'.length)}`);
      return true;
    });
  });

  test('refuses an answer that is too large', async (t) => {
    const { url } = await serve(t, (_request, response) => json(response, { metadata: { name: 'x'.repeat(5000) } }));
    const { client } = await connect(t, access(url), { maxResponseBytes: 1000 });
    await assert.rejects(client.get(NAMESPACES, 'a'), {
      code: 'CLIENT_PROTOCOL',
      message: `Cannot read the answer of ${url}: more than 1000 bytes`,
    });
  });

  test('refuses calls once it is closed', async (t) => {
    const { url } = await serve(t, (_request, response) => json(response, {}));
    const { client, transport } = await connect(t, access(url));
    await transport.close();
    await transport.close();
    await assert.rejects(client.get(NAMESPACES, 'a'), { code: 'CLIENT_UNREACHABLE' });
  });
});

suite('network transport and trust', () => {
  const ok: Handler = (_request, response) => json(response, { metadata: { name: 'a' } });

  test('refuses a server whose certificate it does not trust', async (t) => {
    const { url } = await serve(t, ok);
    for (const caPem of [another.certificatePem, undefined]) {
      const { caPem: _, ...rest } = access(url);
      const { client } = await connect(t, caPem === undefined ? rest : { ...rest, caPem });
      await assert.rejects(client.get(NAMESPACES, 'a'), {
        code: 'CLIENT_UNREACHABLE',
        message: /self-signed certificate/,
      });
    }
  });

  test('refuses a server of another name, and takes the name it is told to expect', async (t) => {
    const { url } = await serve(t, ok);
    const wrong = await connect(t, access(url, {}, { tlsServerName: 'other.example.com' }));
    await assert.rejects(wrong.client.get(NAMESPACES, 'a'), { code: 'CLIENT_UNREACHABLE', message: /does not match/ });
    const right = await connect(t, access(url, {}, { tlsServerName: 'api.example.com' }));
    await right.client.get(NAMESPACES, 'a');
  });

  test('skips the check only where it is told to', async (t) => {
    const { url } = await serve(t, ok);
    const { caPem: _, ...rest } = access(url);
    const { client } = await connect(t, { ...rest, insecureSkipTlsVerify: true });
    await client.get(NAMESPACES, 'a');
  });
});

suite('network transport and credentials', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'countersign-client-'))));
  after(() => rm(folder, { recursive: true }));

  /** What the server sees of one call. */
  async function seenWith(t: TestContext, credentials: ServerCredentials): Promise<Readonly<Record<string, unknown>>> {
    let seen: Readonly<Record<string, unknown>> = {};
    const { url } = await serve(t, (request, response) => {
      // It came over the TLS server above.
      const socket = request.socket as unknown as { getPeerCertificate: () => { subject?: { CN?: string } } };
      seen = { ...request.headers, cn: socket.getPeerCertificate().subject?.CN };
      json(response, { metadata: {} });
    });
    const { client } = await connect(t, access(url, credentials));
    await client.get(NAMESPACES, 'a');
    return seen;
  }

  test('presents a client certificate', async (t) => {
    assert.equal((await seenWith(t, another))['cn'], 'another');
  });

  test('sends a token, or a name and password', async (t) => {
    assert.equal((await seenWith(t, { token: 'secret' }))['authorization'], 'Bearer secret');
    const basic = await seenWith(t, { basic: { username: 'me', password: 'pass:word' } });
    assert.equal(basic['authorization'], `Basic ${Buffer.from('me:pass:word').toString('base64')}`);
    assert.equal((await seenWith(t, {}))['authorization'], undefined);
  });

  test('acts as somebody else', async (t) => {
    const seen = await seenWith(t, {
      impersonate: { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { 'example.com/Scope': ['x'] } },
    });
    assert.equal(seen['impersonate-user'], 'jane');
    assert.equal(seen['impersonate-uid'], '7');
    assert.equal(seen['impersonate-group'], 'a, b');
    assert.equal(seen['impersonate-extra-example.com%2fscope'], 'x');
  });

  test('reads a token file again every minute, and goes on with the last token when it is away', async (t) => {
    const tokens: (string | undefined)[] = [];
    const { url } = await serve(t, (request, response) => {
      tokens.push(request.headers.authorization);
      json(response, { metadata: {} });
    });
    const tokenFile = join(folder, 'token');
    const clock = new FakeClock();
    const { client } = await connect(t, access(url, { tokenFile, token: 'old' }), { clock });
    await assert.rejects(client.get(NAMESPACES, 'a'), { code: 'CONFIG_INVALID' });
    await writeFile(tokenFile, ' one\n');
    await client.get(NAMESPACES, 'a');
    await writeFile(tokenFile, 'two');
    await client.get(NAMESPACES, 'a');
    clock.advance(60_000);
    await client.get(NAMESPACES, 'a');
    await rm(tokenFile);
    clock.advance(60_000);
    await client.get(NAMESPACES, 'a');
    assert.deepEqual(tokens, ['Bearer one', 'Bearer one', 'Bearer two', 'Bearer two']);
  });

  test('runs an exec plugin once and sends what it gives', async (t) => {
    const script = join(folder, 'plugin.sh');
    const calls = join(folder, 'calls');
    const status = { token: 'from-plugin', expirationTimestamp: '2999-01-01T00:00:00Z' };
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    await writeFile(script, `#!/bin/sh\necho x >> ${calls}\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: script, interactiveMode: 'Never' };
    const plugin = {
      description: 'exec plugin.sh',
      kubeconfig: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://x.invalid' } }],
        users: [{ name: 'u', user: { exec } }],
      }),
    };
    assert.equal((await seenWith(t, { plugin }))['authorization'], 'Bearer from-plugin');
  });

  test('says which plugin failed', async (t) => {
    const { url } = await serve(t, (_request, response) => json(response, {}));
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: join(folder, 'missing'),
      interactiveMode: 'Never',
    };
    const kubeconfig = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://x.invalid' } }],
      users: [{ name: 'u', user: { exec } }],
    });
    const { client } = await connect(t, access(url, { plugin: { description: 'exec missing', kubeconfig } }));
    await assert.rejects(client.get(NAMESPACES, 'a'), {
      code: 'CONFIG_INVALID',
      message: /^Cannot get credentials: exec missing: /,
    });
  });
});
