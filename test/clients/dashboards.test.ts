import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type ServerProcess, startServer } from '../server-process.js';
import { SharedConnection } from './shared-connection.js';

const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

interface Table {
  readonly kind: string;
  readonly columnDefinitions: readonly { readonly name: string }[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: { readonly kind: string } }[];
}

suite('what dashboards ask', () => {
  let server: ServerProcess;
  let connection: SharedConnection;
  before(async () => {
    server = await startServer(['--in-memory']);
    connection = await SharedConnection.to(server);
  });
  after(async () => {
    await connection[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('version, the identity of the cluster, and metrics that are not there', async () => {
    assert.match((await connection.json<{ gitVersion: string }>('GET', '/version')).gitVersion, /^v1\.36\./);
    const system = await connection.json<{ metadata: { uid: string } }>('GET', '/api/v1/namespaces/kube-system');
    assert.match(system.metadata.uid, /^[0-9a-f-]{36}$/);
    const metrics = await connection.ask('GET', '/apis/metrics.k8s.io/v1beta1', 'application/json');
    assert.equal(metrics.status, 404);
    const { groups } = await connection.json<{ groups: readonly { name: string }[] }>('GET', '/apis');
    assert.ok(!groups.some(({ name }) => name === 'metrics.k8s.io'));
  });

  test('whether the user may see each kind, and all that the user may do', async () => {
    for (const [resource, group] of [
      ['pods', ''],
      ['certificatesigningrequests', 'certificates.k8s.io'],
      ['customresourcedefinitions', 'apiextensions.k8s.io'],
    ] as const) {
      const spec = { resourceAttributes: { verb: 'list', group, resource } };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const answer = await connection.json<{ status: { allowed: boolean } }>('POST', path, { spec });
      assert.equal(answer.status.allowed, true, resource);
    }
    const rules = await connection.json<{ status: { resourceRules: readonly object[]; incomplete: boolean } }>(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      { spec: { namespace: 'default' } },
    );
    assert.ok(rules.status.resourceRules.length > 0);
  });

  test('the same as somebody else, by impersonation', async () => {
    const answer = await connection.send({
      ':method': 'GET',
      ':path': '/api/v1/secrets',
      'impersonate-user': 'jane',
      'impersonate-group': 'system:authenticated',
      accept: 'application/json',
    });
    assert.equal(answer.status, 403);
    assert.match(answer.body.toString(), /User \\"jane\\" cannot list resource \\"secrets\\"/);
  });

  test('a Table for each view, and its changes as rows', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    const table = await connection.ask('GET', `${path}?limit=500&includeObject=Object`, TABLE);
    const first = JSON.parse(table.body.toString()) as Table;
    assert.deepEqual(
      first.columnDefinitions?.map(({ name }) => name),
      ['Name', 'Data', 'Age'],
    );
    assert.equal(first.rows[0]?.object.kind, 'ConfigMap');

    const stream = connection.request({
      ':method': 'GET',
      ':path': `${path}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dviewed`,
      accept: TABLE,
    });
    stream.setEncoding('utf8');
    stream.on('error', () => undefined);
    await connection.json('POST', path, { metadata: { name: 'viewed' }, data: { a: '1' } });
    await connection.json('DELETE', `${path}/viewed`);
    const events: { readonly type: string; readonly object: Table }[] = [];
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line) as (typeof events)[number]));
      if (events.length >= 2) break;
    }
    assert.deepEqual(
      events.map(({ type, object }) => [type, object.kind, object.rows[0]?.cells[0]]),
      [
        ['ADDED', 'Table', 'viewed'],
        ['DELETED', 'Table', 'viewed'],
      ],
    );
    assert.equal(events[1]?.object.columnDefinitions, null);
  });

  test('a watch for each open view, all on one connection', async () => {
    const views = ['/api/v1/pods', '/api/v1/services', '/api/v1/events', '/api/v1/namespaces', '/api/v1/nodes'];
    const streams = views.map((path) => {
      const stream = connection.request({
        ':method': 'GET',
        ':path': `${path}?watch=true&allowWatchBookmarks=true`,
        accept: 'application/json',
      });
      stream.on('error', () => undefined);
      return stream;
    });
    const statuses = await Promise.all(
      streams.map(
        (stream) => new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status']))),
      ),
    );
    assert.deepEqual(new Set(statuses), new Set([200]));
    for (const stream of streams) stream.destroy();
    assert.equal(connection.made, 1);
  });
});
