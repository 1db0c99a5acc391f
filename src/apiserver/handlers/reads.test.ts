import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import type { Table } from '../negotiation/table.js';
import { decodeProtobuf } from '../protobuf/envelope.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
  for (const name of ['a', 'b']) {
    await server.ask({
      method: 'POST',
      path: MAPS,
      body: { metadata: { name, labels: { app: name } }, data: { k: name } },
    });
  }
});
after(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';

interface Named {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: { readonly name: string };
}
interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly items: readonly Named[];
}

async function names(query: string): Promise<readonly string[]> {
  const { json, status, text } = await server.ask({ path: `${MAPS}?${query}` });
  assert.equal(status, 200, text);
  return (json as List).items.map((item) => item.metadata.name);
}

test('an answer is JSON with one newline, and carries its headers', async () => {
  const { headers, text } = await server.ask({ path: `${MAPS}/a`, headers: { 'audit-id': 'mine' } });
  assert.ok(text.startsWith('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a",'), text);
  assert.ok(text.endsWith('}\n'));
  assert.equal(text.indexOf('\n'), text.length - 1);
  assert.equal(headers['audit-id'], 'mine');
  assert.equal(headers['cache-control'], 'no-cache, private');
});

test('an audit id that does not fit a header is replaced', async () => {
  const { headers } = await server.ask({ path: `${MAPS}/a`, headers: { 'audit-id': 'a\r\nb' } });
  assert.match(String(headers['audit-id']), /^[0-9a-f-]{36}$/);
});

test('people with curl get indented JSON, and whoever asks gets what they ask for', async () => {
  const indented = (text: string): boolean => text.includes('\n  "metadata"');
  assert.equal(indented((await server.ask({ path: `${MAPS}/a`, headers: { 'user-agent': 'curl/8' } })).text), true);
  assert.equal(
    indented((await server.ask({ path: `${MAPS}/a?pretty=false`, headers: { 'user-agent': 'curl/8' } })).text),
    false,
  );
  assert.equal(indented((await server.ask({ path: `${MAPS}/a?pretty=true` })).text), true);
});

test('a list names its kind, and its items do not', async () => {
  const { json } = await server.ask({ path: MAPS });
  const list = json as List;
  assert.deepEqual([list.kind, list.apiVersion], ['ConfigMapList', 'v1']);
  assert.deepEqual(
    list.items.map((item) => item.kind),
    [undefined, undefined],
  );
});

test('selectors choose by label, by field and by both', async () => {
  assert.deepEqual(await names('labelSelector=app%3Da'), ['a']);
  assert.deepEqual(await names('labelSelector=app%20notin%20(a)'), ['b']);
  assert.deepEqual(await names('fieldSelector=metadata.name%3Db'), ['b']);
  assert.deepEqual(await names('fieldSelector=metadata.namespace%3Ddefault'), ['a', 'b']);
  assert.deepEqual(await names('fieldSelector=metadata.name%3Db&labelSelector=app%3Da'), []);
  assert.deepEqual(await names('fieldSelector=metadata.name%3Db,metadata.name%3Da'), []);
});

test('a page says how to get the next one, and all pages are one list', async () => {
  const first = await server.ask({ path: `${MAPS}?limit=1` });
  const { metadata } = first.json as { metadata: { continue: string; remainingItemCount: number } };
  assert.equal(metadata.remainingItemCount, 1);
  assert.deepEqual(await names(`limit=1&continue=${metadata.continue}`), ['b']);
});

test('a Table has the columns of its kind, and of its objects what was asked for', async () => {
  const accept =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  const table = async (query: string): Promise<Table> =>
    (await server.ask({ path: `${MAPS}?${query}`, headers: { accept } })).json as Table;
  const byDefault = await table('');
  assert.deepEqual([byDefault.kind, byDefault.apiVersion], ['Table', 'meta.k8s.io/v1']);
  assert.deepEqual(
    (byDefault.columnDefinitions ?? []).map((column) => column.name),
    ['Name', 'Data', 'Age'],
  );
  const [first] = byDefault.rows;
  assert.deepEqual(first?.cells, ['a', 1, '0s']);
  assert.equal((first.object as Named).kind, 'PartialObjectMetadata');
  assert.equal((await table('includeObject=None')).rows[0]?.object, null);
  const [row] = (await table('includeObject=Object')).rows;
  assert.ok(row?.object !== null && row?.object !== undefined);
  assert.deepEqual(row.object, (await server.ask({ path: `${MAPS}/a` })).json);
});

test('an empty Table has rows, and none of them', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const { json } = await server.ask({ path: `${MAPS}?labelSelector=none`, headers: { accept } });
  assert.deepEqual((json as Table).rows, []);
});

test('metadata alone, of one object and of a list', async () => {
  const one = await server.ask({
    path: `${MAPS}/a`,
    headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
  });
  const object = one.json as Named & { data?: unknown };
  assert.deepEqual(
    [object.kind, object.apiVersion, object.data],
    ['PartialObjectMetadata', 'meta.k8s.io/v1', undefined],
  );
  const many = await server.ask({
    path: MAPS,
    headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
  });
  const list = many.json as List;
  assert.deepEqual([list.kind, list.items[0]?.kind], ['PartialObjectMetadataList', 'PartialObjectMetadata']);
});

test('YAML and protobuf for those who prefer them', async () => {
  const yaml = await server.ask({ path: `${MAPS}/a`, headers: { accept: 'application/yaml' } });
  assert.equal(yaml.headers['content-type'], 'application/yaml');
  assert.match(yaml.text, /^apiVersion: v1|^kind: ConfigMap/m);
  const response = await server.send({
    path: `${MAPS}/a`,
    headers: { accept: 'application/vnd.kubernetes.protobuf,application/json' },
  });
  assert.equal(response.headers['content-type'], 'application/vnd.kubernetes.protobuf');
  assert.ok(response.body.kind === 'bytes');
  const { kind, apiVersion } = decodeProtobuf(response.body.bytes);
  assert.deepEqual([kind, apiVersion], ['ConfigMap', 'v1']);
});

test('a refusal comes in the form of the answer', async () => {
  const response = await server.send({
    path: `${MAPS}/nope`,
    headers: { accept: 'application/vnd.kubernetes.protobuf' },
  });
  assert.equal(response.status, 404);
  assert.ok(response.body.kind === 'bytes');
  assert.equal(decodeProtobuf(response.body.bytes).kind, 'Status');
});

test('a large answer is compressed for those who take it, a small one is not', async () => {
  const data = { k: 'x'.repeat(200_000) };
  await server.ask({
    method: 'POST',
    path: '/api/v1/namespaces/default/secrets',
    body: { metadata: { name: 'big' }, stringData: data },
  });
  const path = '/api/v1/namespaces/default/secrets/big';
  const gzip = { 'accept-encoding': 'gzip, deflate' };
  const encodingFor = async (taken: string) =>
    (await server.send({ path, headers: { 'accept-encoding': taken } })).headers['content-encoding'];
  const large = await server.send({ path, headers: gzip });
  assert.deepEqual([large.headers['content-encoding'], large.headers['vary']], ['gzip', 'Accept-Encoding']);
  assert.ok(large.body.kind === 'bytes' && large.body.bytes.length < 10_000);
  assert.match(gunzipSync(large.body.bytes).toString(), /^\{"kind":"Secret"/);
  assert.equal((await server.send({ path })).headers['content-encoding'], undefined);
  for (const taken of ['', 'deflate', 'gzip;q=0', 'gzip; q=0.000', 'x-gzip', 'gzipped']) {
    assert.equal(await encodingFor(taken), undefined, taken);
  }
  for (const taken of ['gzip', 'GZIP', 'br, gzip;q=0.5', 'deflate,gzip;q=1.0']) {
    assert.equal(await encodingFor(taken), 'gzip', taken);
  }
  assert.equal((await server.send({ path: `${MAPS}/a`, headers: gzip })).headers['content-encoding'], undefined);
});

test('a caller of the same process gets the stored object itself', async () => {
  const ask = (target: string) =>
    server.api.handle({
      method: 'GET',
      target,
      headers: {},
      body: { kind: 'none' },
      signal: new AbortController().signal,
      peer: { kind: 'in-process', user: { username: 'x', groups: ['system:masters'] } },
    });
  const [first, second] = [await ask(`${MAPS}/a`), await ask(`${MAPS}/a`)];
  assert.ok(first.body.kind === 'object' && second.body.kind === 'object');
  assert.equal(first.body.value, second.body.value);
  const missing = await ask(`${MAPS}/nope`);
  assert.ok(missing.body.kind === 'object');
  assert.equal((missing.body.value as { reason: string }).reason, 'NotFound');
});

test('a caller of the same process may do what its user may', async () => {
  const response = await server.api.handle({
    method: 'GET',
    target: MAPS,
    headers: {},
    body: { kind: 'none' },
    signal: new AbortController().signal,
    peer: { kind: 'in-process', user: { username: 'x', groups: [] } },
  });
  assert.equal(response.status, 403);
});
