import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import { type Answer, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { patchOf } from '../testing/refusal.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
});
after(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

async function create(name: string, body: object = {}): Promise<ConfigMap> {
  const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name }, ...body } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json as ConfigMap;
}

async function read(name: string): Promise<Answer> {
  return server.ask({ path: `${MAPS}/${name}` });
}

test('a dry run answers as if, and stores nothing', async () => {
  const answer = await server.ask({ method: 'POST', path: `${MAPS}?dryRun=All`, body: { metadata: { name: 'dry' } } });
  const { metadata } = answer.json as KubeObject;
  assert.equal(answer.status, 201);
  assert.ok(metadata.uid !== undefined && metadata.creationTimestamp !== undefined);
  assert.equal(metadata.resourceVersion, undefined);
  assert.equal((await read('dry')).status, 404);
});

test('an unknown field is a warning by default, and nothing at all when it is to be ignored', async () => {
  const body = { metadata: { name: 'warned' }, dta: {} };
  const warned = await server.ask({ method: 'POST', path: MAPS, body });
  assert.deepEqual(warned.headers['warning'], ['299 - "unknown field \\"dta\\""']);
  const ignored = await server.ask({ method: 'PUT', path: `${MAPS}/warned?fieldValidation=Ignore`, body });
  assert.deepEqual([ignored.status, ignored.headers['warning']], [200, undefined]);
});

test('YAML is read, and its kind may be left out', async () => {
  const answer = await server.ask({
    method: 'POST',
    path: MAPS,
    body: 'metadata:\n  name: yaml\ndata:\n  a: "1"\n',
    headers: { 'content-type': 'application/yaml' },
  });
  assert.deepEqual([answer.status, (answer.json as ConfigMap).data], [201, { a: '1' }]);
});

test('an update without version overwrites, one with a stale version does not', async () => {
  const { metadata } = await create('versions');
  const put = (resourceVersion: string | undefined, a: string): Promise<Answer> =>
    server.ask({
      method: 'PUT',
      path: `${MAPS}/versions`,
      body: { metadata: { name: 'versions', resourceVersion }, data: { a } },
    });
  assert.equal((await put(metadata.resourceVersion, '1')).status, 200);
  assert.equal((await put(metadata.resourceVersion, '2')).status, 409);
  assert.equal((await put(undefined, '3')).status, 200);
});

test('a PUT creates where its resource lets it, for those who may create', async () => {
  const body = { metadata: { name: 'elect' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } };
  const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update'] };
  await server.ask({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: { metadata: { name: 'up' }, rules: [rule] },
  });
  await server.ask({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    body: {
      metadata: { name: 'up' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'up' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'updater' }],
    },
  });
  const refused = await server.ask({ method: 'PUT', path: `${LEASES}/elect`, body, as: 'updater' });
  assert.equal(
    (refused.json as Status).message,
    'leases.coordination.k8s.io "elect" is forbidden: User "updater" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"',
  );
  assert.equal((await server.ask({ method: 'PUT', path: `${LEASES}/elect`, body })).status, 201);
});

test('every kind of patch is applied to what is stored', async () => {
  await create('patched', { data: { a: '1', b: '2' } });
  const path = `${MAPS}/patched`;
  await server.ask(patchOf(path, 'merge-patch', { data: { a: null, c: '3' } }));
  await server.ask(patchOf(path, 'json-patch', [{ op: 'add', path: '/data/d', value: '4' }]));
  const answer = await server.ask(
    patchOf(path, 'strategic-merge-patch', { data: { b: null }, metadata: { finalizers: ['example.com/x'] } }),
  );
  const map = answer.json as ConfigMap;
  assert.deepEqual(map.data, { c: '3', d: '4' });
  assert.deepEqual(map.metadata.finalizers, ['example.com/x']);
});

test('patches without a version never conflict with each other', async () => {
  await create('raced');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      server.ask(patchOf(`${MAPS}/raced`, 'merge-patch', { data: { [`k${i}`]: 'x' } })),
    ),
  );
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
  assert.equal(Object.keys(((await read('raced')).json as ConfigMap).data ?? {}).length, 20);
});

test('a patch that changes nothing writes nothing', async () => {
  const { metadata } = await create('same', { data: { a: '1' } });
  const answer = await server.ask(patchOf(`${MAPS}/same`, 'merge-patch', { data: { a: '1' } }));
  assert.equal((answer.json as ConfigMap).metadata.resourceVersion, metadata.resourceVersion);
});

test('what an object owns can be left in the words of old, and the next delete says otherwise', async () => {
  await create('owner');
  const path = `${MAPS}/owner`;
  const dry = await server.ask({ method: 'DELETE', path: `${path}?orphanDependents=true&dryRun=All` });
  assert.deepEqual((dry.json as ConfigMap).metadata.finalizers, ['orphan']);
  assert.equal(((await read('owner')).json as ConfigMap).metadata.finalizers, undefined);
  const leaving = await server.ask({ method: 'DELETE', path, body: { orphanDependents: true } });
  assert.deepEqual([leaving.status, (leaving.json as ConfigMap).metadata.finalizers], [200, ['orphan']]);
  const foreground = await server.ask({ method: 'DELETE', path: `${path}?propagationPolicy=Foreground` });
  assert.deepEqual((foreground.json as ConfigMap).metadata.finalizers, ['foregroundDeletion']);
  const gone = await server.ask({ method: 'DELETE', path, body: { orphanDependents: false } });
  assert.deepEqual([gone.status, (gone.json as Status).kind], [200, 'Status']);
  assert.equal((await read('owner')).status, 404);
});

test('a delete answers a Status when the object is gone, and the object while something holds it', async () => {
  const gone = await create('gone');
  const answer = await server.ask({
    method: 'DELETE',
    path: `${MAPS}/gone`,
    body: { propagationPolicy: 'Background' },
  });
  assert.deepEqual(answer.json, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'gone', kind: 'configmaps', uid: gone.metadata.uid },
  });
  await create('held', { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
  const held = await server.ask({ method: 'DELETE', path: `${MAPS}/held?orphanDependents=false` });
  assert.deepEqual([held.status, (held.json as KubeObject).kind], [202, 'ConfigMap']);
  assert.ok((held.json as KubeObject).metadata.deletionTimestamp !== undefined);
});

test('a delete of a collection answers what it deleted', async () => {
  await create('sel-1', { metadata: { name: 'sel-1', labels: { sel: 'x' } } });
  await create('sel-2', { metadata: { name: 'sel-2', labels: { sel: 'x' } } });
  const answer = await server.ask({ method: 'DELETE', path: `${MAPS}?labelSelector=sel%3Dx` });
  const { kind, items } = answer.json as { kind: string; items: KubeObject[] };
  assert.deepEqual([kind, items.map((item) => item.metadata.name)], ['ConfigMapList', ['sel-1', 'sel-2']]);
  assert.equal((await read('sel-1')).status, 404);
});

test('a delete dry run deletes nothing', async () => {
  await create('kept');
  assert.equal((await server.ask({ method: 'DELETE', path: `${MAPS}/kept`, body: { dryRun: ['All'] } })).status, 200);
  assert.equal((await read('kept')).status, 200);
});

test('a review answers 201 and stores nothing', async () => {
  const answer = await server.ask({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { spec: { resourceAttributes: { verb: 'get', resource: 'secrets' } } },
    as: 'nobody',
  });
  assert.deepEqual([answer.status, (answer.json as { status: { allowed: boolean } }).status.allowed], [201, false]);
});

test('a caller of the same process passes objects, which stay as they are', async () => {
  const body = Object.freeze({ metadata: Object.freeze({ name: 'direct' }), data: Object.freeze({ a: '1' }) });
  const response = await server.api.handle({
    method: 'POST',
    target: MAPS,
    headers: {},
    body: { kind: 'object', value: body },
    signal: new AbortController().signal,
    peer: { kind: 'in-process', user: { username: 'x', groups: ['system:masters'] } },
  });
  assert.ok(response.status === 201 && response.body.kind === 'object');
  assert.deepEqual((response.body.value as ConfigMap).data, { a: '1' });
});
