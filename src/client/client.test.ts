import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8 } from '../base/bytes.js';
import { FakeClock } from '../base/fake-clock.js';
import { CountersignError, hasCode } from '../base/error.js';
import type { ApiRequest, ApiResponse, StreamSink } from '../kube/exchange.js';
import type { WatchEvent } from '../kube/object-meta.js';
import { StatusError } from '../kube/status.js';
import { createClient, type Client } from './client.js';
import { CERTIFICATE_SIGNING_REQUESTS, CONFIG_MAPS, NAMESPACES } from './resources.js';
import { createMemoryApi } from './testing/memory-api.js';

type Reply = ApiResponse | Error;

/** A client whose server answers with `replies`, in order; the requests it got. */
function scripted(replies: readonly Reply[], clock?: FakeClock): { client: Client; requests: ApiRequest[] } {
  const requests: ApiRequest[] = [];
  const rest = [...replies];
  const client = createClient(
    async (request) => {
      requests.push(request);
      const reply = rest.shift();
      if (reply === undefined) throw new Error('the script is at its end');
      if (reply instanceof Error) throw reply;
      return reply;
    },
    { userAgent: 'test/1', ...(clock === undefined ? {} : { clock }) },
  );
  return { client, requests };
}

function bytes(status: number, text: string, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers, body: { kind: 'bytes', bytes: utf8(text) } };
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): ApiResponse {
  return bytes(status, JSON.stringify(value), headers);
}

function chunked(...chunks: readonly string[]): ApiResponse {
  const start = (sink: StreamSink<Uint8Array | string>): void => {
    for (const chunk of chunks) sink.write(utf8(chunk));
    sink.end();
  };
  return { status: 200, headers: {}, body: { kind: 'stream', stream: { start, stop: () => undefined } } };
}

/** Lets promises settle. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const CSR = {
  metadata: { name: 'my-svc', resourceVersion: '7' },
  spec: { request: 'eA==', signerName: 'example.com/serving' },
  status: {},
};

suite('client requests', () => {
  const cases: readonly {
    readonly name: string;
    readonly call: (client: Client) => Promise<unknown>;
    readonly expect: readonly [method: string, target: string, contentType?: string];
  }[] = [
    {
      name: 'gets a cluster-scoped object',
      call: (c) => c.get(CERTIFICATE_SIGNING_REQUESTS, 'my svc'),
      expect: ['GET', '/apis/certificates.k8s.io/v1/certificatesigningrequests/my%20svc'],
    },
    {
      name: 'gets an object of a namespace',
      call: (c) => c.get(CONFIG_MAPS, 'cm', { namespace: 'ns' }),
      expect: ['GET', '/api/v1/namespaces/ns/configmaps/cm'],
    },
    {
      name: 'creates where the object says it lives',
      call: (c) => c.create(CONFIG_MAPS, { metadata: { namespace: 'ns', name: 'cm' } }, { fieldManager: 'me' }),
      expect: ['POST', '/api/v1/namespaces/ns/configmaps?fieldManager=me', 'application/json'],
    },
    {
      name: 'updates the status',
      call: (c) => c.updateStatus(CERTIFICATE_SIGNING_REQUESTS, CSR, { dryRun: true }),
      expect: [
        'PUT',
        '/apis/certificates.k8s.io/v1/certificatesigningrequests/my-svc/status?dryRun=All',
        'application/json',
      ],
    },
    {
      name: 'patches a subresource',
      call: (c) => c.patch(CERTIFICATE_SIGNING_REQUESTS, 'x', {}, { subresource: 'approval', kind: 'json' }),
      expect: [
        'PATCH',
        '/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval',
        'application/json-patch+json',
      ],
    },
    {
      name: 'applies by force',
      call: (c) => c.patch(NAMESPACES, 'n', {}, { kind: 'apply', force: true, fieldManager: 'me' }),
      expect: ['PATCH', '/api/v1/namespaces/n?fieldManager=me&force=true', 'application/apply-patch+yaml'],
    },
    {
      name: 'deletes with preconditions in the body',
      call: (c) => c.delete(NAMESPACES, 'n', { preconditions: { uid: 'u' } }),
      expect: ['DELETE', '/api/v1/namespaces/n', 'application/json'],
    },
    {
      name: 'deletes many by selector',
      call: (c) => c.deleteCollection(CONFIG_MAPS, { namespace: 'ns', labelSelector: 'a=b' }),
      expect: ['DELETE', '/api/v1/namespaces/ns/configmaps?labelSelector=a%3Db', 'application/json'],
    },
    {
      name: 'creates a subresource',
      call: (c) => c.createSubresource(CONFIG_MAPS, 'x', 'token', { metadata: {} }, { namespace: 'ns' }),
      expect: ['POST', '/api/v1/namespaces/ns/configmaps/x/token', 'application/json'],
    },
  ];
  for (const { name, call, expect } of cases) {
    test(name, async () => {
      const { client, requests } = scripted([json(200, { metadata: {} })]);
      await call(client);
      const [request] = requests;
      assert.deepEqual(
        [request?.method, request?.target, request?.headers['content-type']],
        [expect[0], expect[1], expect[2]],
      );
      assert.equal(request?.headers['user-agent'], 'test/1');
    });
  }

  test('sends kind and apiVersion, which the items of lists lack', async () => {
    const { client, requests } = scripted([json(200, CSR)]);
    await client.update(CERTIFICATE_SIGNING_REQUESTS, CSR);
    const body = requests[0]?.body;
    assert.deepEqual(body, {
      kind: 'object',
      value: { ...CSR, apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' },
    });
  });

  test('refuses a call without name or namespace before anything is sent', async () => {
    const { client, requests } = scripted([]);
    const usage = (error: unknown): boolean => hasCode(error, 'USAGE');
    assert.throws(() => client.get(CONFIG_MAPS, 'cm'), usage);
    assert.throws(() => client.get(NAMESPACES, ''), usage);
    assert.throws(() => client.create(CONFIG_MAPS, { metadata: { name: 'x' } }), usage);
    assert.equal(requests.length, 0);
  });
});

suite('client errors', () => {
  const status = { kind: 'Status', metadata: {}, status: 'Failure', reason: 'Conflict', message: 'no', code: 409 };
  const cases: readonly {
    readonly name: string;
    readonly reply: ApiResponse;
    readonly expect: readonly [number, string, string];
  }[] = [
    { name: 'takes the words of a Status', reply: json(409, status), expect: [409, 'Conflict', 'no'] },
    {
      name: 'takes a Status of this process as it is',
      reply: { status: 409, headers: {}, body: { kind: 'object', value: status } },
      expect: [409, 'Conflict', 'no'],
    },
    {
      name: 'takes the Status without kind that a timeout answers with',
      reply: json(504, { metadata: {}, status: 'Failure', message: 'Timeout: x', reason: 'Timeout', code: 504 }),
      expect: [504, 'Timeout', 'Timeout: x'],
    },
    {
      name: 'quotes plain text',
      reply: bytes(404, '404 page not found\n'),
      expect: [404, 'NotFound', '404 page not found'],
    },
    {
      name: 'makes up for an empty body',
      reply: bytes(503, ''),
      expect: [503, 'ServiceUnavailable', 'the server answered with status 503'],
    },
    {
      name: 'takes JSON that is no Status for none',
      reply: json(500, { a: 1 }),
      expect: [500, 'InternalError', 'the server answered with status 500'],
    },
  ];
  for (const { name, reply, expect } of cases) {
    test(name, async () => {
      const { client } = scripted([reply]);
      await assert.rejects(client.create(NAMESPACES, { metadata: { name: 'n' } }), (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.httpCode, error.reason, error.message], expect);
        return true;
      });
    });
  }

  test('says that an answer is no JSON object', async () => {
    for (const text of ['', 'hello', '[1', '7', 'null']) {
      const { client } = scripted([bytes(200, text)]);
      await assert.rejects(client.get(NAMESPACES, 'n'), {
        code: 'CLIENT_PROTOCOL',
        message: 'Cannot GET /api/v1/namespaces/n: the answer is no JSON object',
      });
    }
  });

  test('says that the server did not answer, and keeps the cause', async () => {
    const cause = new Error('ECONNREFUSED');
    const { client } = scripted([cause]);
    await assert.rejects(client.create(NAMESPACES, { metadata: { name: 'n' } }), (error: unknown) => {
      assert.ok(error instanceof CountersignError && error.code === 'CLIENT_UNREACHABLE');
      assert.equal(error.cause, cause);
      return true;
    });
  });

  test('says that the caller gave up', async () => {
    const { client } = scripted([new Error('aborted')]);
    await assert.rejects(client.get(NAMESPACES, 'n', { signal: AbortSignal.abort() }), { code: 'ABORTED' });
  });
});

suite('client repetitions', () => {
  const ok = json(200, { metadata: { name: 'n' } });
  const busy = bytes(429, 'Too many requests', { 'retry-after': '2' });

  test('repeats a write that was not begun, after the time the server asked for', async () => {
    const clock = new FakeClock();
    const { client, requests } = scripted([busy, ok], clock);
    const created = client.create(NAMESPACES, { metadata: { name: 'n' } });
    await settle();
    assert.equal(requests.length, 1);
    clock.advance(1999);
    await settle();
    assert.equal(requests.length, 1);
    clock.advance(1);
    await created;
    assert.equal(requests.length, 2);
  });

  test('never repeats a write of which nobody knows whether it was done', async () => {
    const clock = new FakeClock();
    for (const reply of [
      new Error('reset'),
      bytes(500, '', { 'retry-after': '0' }),
      bytes(503, '', { 'retry-after': '0' }),
    ]) {
      const { client, requests } = scripted([reply, ok], clock);
      const created = client.update(NAMESPACES, { metadata: { name: 'n' } });
      await assert.rejects(created);
      assert.equal(requests.length, 1);
    }
  });

  test('repeats a read after a broken connection once, and after 5xx when asked to', async () => {
    const clock = new FakeClock();
    const first = scripted([new Error('reset'), ok], clock);
    await first.client.get(NAMESPACES, 'n');
    const second = scripted([new Error('reset'), new Error('reset'), ok], clock);
    await assert.rejects(second.client.get(NAMESPACES, 'n'), { code: 'CLIENT_UNREACHABLE' });
    const third = scripted([bytes(503, '', { 'retry-after': '1' }), ok], clock);
    const read = third.client.get(NAMESPACES, 'n');
    await settle();
    clock.advance(1000);
    await read;
  });

  test('does not wait longer than it was told to, nor for ever', async () => {
    const clock = new FakeClock();
    const long = scripted([bytes(429, 'busy', { 'retry-after': '31' }), ok], clock);
    await assert.rejects(long.client.get(NAMESPACES, 'n'), { message: 'busy' });
    const always = scripted(
      Array.from({ length: 20 }, () => bytes(429, 'busy', { 'retry-after': '0' })),
      clock,
    );
    const read = assert.rejects(always.client.get(NAMESPACES, 'n'), { message: 'busy' });
    for (let i = 0; i < 12; i++) {
      await settle();
      clock.advance(0);
    }
    await read;
    assert.equal(always.requests.length, 11);
  });

  test('does not repeat without Retry-After, nor without a clock', async () => {
    const clock = new FakeClock();
    const silent = scripted([bytes(429, 'busy'), ok], clock);
    await assert.rejects(silent.client.get(NAMESPACES, 'n'));
    const timeless = scripted([busy, ok]);
    await assert.rejects(timeless.client.get(NAMESPACES, 'n'));
  });
});

suite('client lists', () => {
  test('reads every page of one snapshot', async () => {
    const api = createMemoryApi();
    for (let i = 0; i < 7; i++) api.put(`/api/v1/namespaces/n${i}`, { metadata: { name: `n${i}` } });
    const client = createClient(api.transport, { userAgent: 'test' });
    const list = await client.list(NAMESPACES, { pageSize: 3 });
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6'],
    );
    assert.equal(api.log.length, 3);
    assert.ok(!(api.log[1] ?? '').includes('resourceVersion'));
  });

  test('reads all at once when the snapshot has gone between pages', async () => {
    const page = {
      kind: 'NamespaceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '5', continue: 'more' },
      items: [],
    };
    const gone = json(410, { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, metadata: {} });
    const whole = { ...page, metadata: { resourceVersion: '9' }, items: [{ metadata: { name: 'n' } }] };
    const { client, requests } = scripted([json(200, page), gone, json(200, whole)]);
    const list = await client.list(NAMESPACES);
    assert.equal(list.metadata.resourceVersion, '9');
    assert.equal(requests[2]?.target, '/api/v1/namespaces');
  });

  test('takes null for no items', async () => {
    const { client } = scripted([json(200, { kind: 'NamespaceList', apiVersion: 'v1', metadata: {}, items: null })]);
    assert.deepEqual((await client.list(NAMESPACES)).items, []);
  });

  test('refuses a list without a list', async () => {
    const { client } = scripted([json(200, { metadata: {}, items: 'many' })]);
    await assert.rejects(client.list(NAMESPACES), { code: 'CLIENT_PROTOCOL' });
  });
});

suite('client watches', () => {
  const added = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a', resourceVersion: '1' } } });
  const watch = async (reply: Reply): Promise<readonly WatchEvent[]> => {
    const { client } = scripted([reply]);
    const events: WatchEvent[] = [];
    await client.watch(NAMESPACES, { resourceVersion: '1', allowWatchBookmarks: true }, (event) => events.push(event));
    return events;
  };

  test('delivers events however the chunks are cut', async () => {
    const text = `${added}\n\n${added}\n`;
    for (let cut = 0; cut <= text.length; cut++) {
      const events = await watch(chunked(text.slice(0, cut), text.slice(cut)));
      assert.deepEqual(
        events.map(({ object }) => object.metadata.name),
        ['a', 'a'],
      );
    }
  });

  test('drops an event whose end never came', async () => {
    assert.equal((await watch(chunked(`${added}\n`, added))).length, 1);
  });

  const refusals: readonly { readonly name: string; readonly line: string; readonly expect: object }[] = [
    {
      name: 'what is no JSON',
      line: '{',
      expect: { code: 'CLIENT_PROTOCOL', message: 'Cannot GET /api/v1/namespaces: an event is no JSON' },
    },
    {
      name: 'an unknown type',
      line: '{"type":"MOVED","object":{"metadata":{}}}',
      expect: { code: 'CLIENT_PROTOCOL', message: 'Cannot GET /api/v1/namespaces: an event has no known type' },
    },
    {
      name: 'an object without metadata',
      line: '{"type":"ADDED","object":{}}',
      expect: {
        code: 'CLIENT_PROTOCOL',
        message: 'Cannot GET /api/v1/namespaces: an event has no object with metadata',
      },
    },
    { name: 'no object', line: '{"type":"ADDED"}', expect: { code: 'CLIENT_PROTOCOL' } },
    { name: 'a list', line: '[]', expect: { code: 'CLIENT_PROTOCOL' } },
    {
      name: 'an ERROR event, as its Status',
      line: '{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old resource version: 1 (2)"}}',
      expect: { code: 'API_STATUS', message: 'too old resource version: 1 (2)' },
    },
  ];
  for (const { name, line, expect } of refusals) {
    test(`ends with an error at ${name}`, async () => {
      await assert.rejects(watch(chunked(`${line}\n`)), expect);
    });
  }

  test('refuses an endless line', async () => {
    const chunk = 'x'.repeat(1024 * 1024);
    await assert.rejects(watch(chunked(...Array.from({ length: 17 }, () => chunk))), { code: 'CLIENT_PROTOCOL' });
  });

  test('refuses an answer that is no stream', async () => {
    await assert.rejects(watch(json(200, { metadata: {} })), { code: 'CLIENT_PROTOCOL' });
  });

  test('throws a refusal before the stream', async () => {
    await assert.rejects(
      watch(json(403, { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message: 'no' })),
      { message: 'no' },
    );
  });

  test('works the same over events of this process, stops when its signal aborts, and passes on what the receiver throws', async () => {
    const api = createMemoryApi();
    const client = createClient(api.transport, { userAgent: 'test' });
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = client.watch(NAMESPACES, { signal: stop.signal, resourceVersion: '1' }, (event) =>
      seen.push(event.type),
    );
    await settle();
    api.put('/api/v1/namespaces/a', { metadata: { name: 'a' } });
    api.remove('/api/v1/namespaces/a');
    stop.abort();
    await watching;
    api.put('/api/v1/namespaces/b', { metadata: { name: 'b' } });
    assert.deepEqual(seen, ['ADDED', 'DELETED']);

    const bug = new Error('a bug of the receiver');
    await assert.rejects(
      client.watch(NAMESPACES, { resourceVersion: '1' }, () => {
        throw bug;
      }),
      bug,
    );
  });
});
