import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { KubeList, KubeObject } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const MAPS = '/api/v1/namespaces/default/configmaps';

async function filled(t: TestContext, count: number): Promise<TestServer> {
  const server = await openTestServer();
  t.after(() => server.close());
  for (let i = 0; i < count; i++) {
    const metadata = { name: `c${i}`, labels: { odd: String(i % 2) } };
    assert.equal((await server.ask({ method: 'POST', path: MAPS, body: { metadata } })).status, 201);
  }
  return server;
}

async function left(server: TestServer): Promise<string> {
  const { json } = await server.ask({ path: MAPS });
  return (json as KubeList).items.map((item) => item.metadata.name).join(' ');
}

const refused: readonly (readonly [string, object | undefined, number, string])[] = [
  ['limit=x', undefined, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [
    'fieldSelector=x%3D1',
    undefined,
    400,
    '"x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  [
    'dryRun=Some',
    undefined,
    422,
    'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ],
  [
    'resourceVersionMatch=Exact',
    undefined,
    422,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  ],
  [
    '',
    { kind: 'Pod', apiVersion: 'v1' },
    400,
    'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:100"',
  ],
];

for (const [query, body, code, message] of refused) {
  test(`refuses the delete of a collection with ${query}${body === undefined ? '' : JSON.stringify(body)}, and deletes nothing`, async (t) => {
    const server = await filled(t, 2);
    const ask = { method: 'DELETE', path: `${MAPS}?${query}`, headers: { 'content-type': 'application/json' } };
    const answer = await server.ask({ ...ask, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([answer.status, (answer.json as Status).message], [code, message]);
    assert.equal(await left(server), 'c0 c1');
  });
}

test('a collection is deleted by what its selectors and its limit leave of it', async (t) => {
  const server = await filled(t, 7);
  const remove = async (query: string): Promise<KubeList> => {
    const { status, json, text } = await server.ask({ method: 'DELETE', path: `${MAPS}?${query}` });
    assert.equal(status, 200, text);
    return json as KubeList;
  };
  const names = (list: KubeList): string => list.items.map((item) => item.metadata.name).join(' ');
  assert.equal(names(await remove('labelSelector=odd%3D1&dryRun=All')), 'c1 c3 c5');
  assert.equal(await left(server), 'c0 c1 c2 c3 c4 c5 c6');
  assert.equal(names(await remove('fieldSelector=metadata.name%3Dc4')), 'c4');
  const page = await remove('limit=2');
  assert.deepEqual([page.kind, names(page), page.metadata.remainingItemCount], ['ConfigMapList', 'c0 c1', 4]);
  assert.equal(await left(server), 'c2 c3 c5 c6', 'a limit is one page, and no more');
  assert.equal(names(await remove('labelSelector=odd%3D1')), 'c3 c5');
  assert.equal(names(await remove('')), 'c2 c6');
  assert.equal(names(await remove('')), '');
});

test('a delete for another uid or version is 409 in the name of the kind, and one for the right ones is done', async (t) => {
  const server = await filled(t, 1);
  const { metadata } = (await server.ask({ path: `${MAPS}/c0` })).json as KubeObject;
  const { uid = '', resourceVersion = '' } = metadata;
  const remove = (preconditions: object) =>
    server.ask({ method: 'DELETE', path: `${MAPS}/c0`, body: { preconditions } });
  for (const [preconditions, why] of [
    [
      { uid: 'x' },
      `the UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    ],
    [
      { uid, resourceVersion: '1' },
      `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    ],
  ] as const) {
    const { code, reason, message, details } = (await remove(preconditions)).json as Status;
    assert.deepEqual([code, reason], [409, 'Conflict']);
    assert.equal(message, `Operation cannot be fulfilled on ConfigMap "c0": ${why}`);
    assert.deepEqual([details?.name, details?.kind], ['c0', 'ConfigMap']);
  }
  const done = (await remove({ uid, resourceVersion })).json as Status;
  assert.deepEqual(
    [done.status, done.code, done.details],
    ['Success', undefined, { name: 'c0', kind: 'configmaps', uid }],
  );
});

test('whoever says that nothing is orphaned learns by 202 that it is not yet gone', async (t) => {
  const server = await filled(t, 1);
  const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } };
  await server.ask({ method: 'POST', path: MAPS, body: held });
  const remove = (name: string) => server.ask({ method: 'DELETE', path: `${MAPS}/${name}?orphanDependents=false` });
  const [gone, kept] = [await remove('c0'), await remove('held')];
  assert.deepEqual([gone.status, kept.status], [200, 202]);
  const { metadata } = kept.json as KubeObject;
  assert.deepEqual([metadata.deletionGracePeriodSeconds, metadata.finalizers], [0, ['example.com/hold']]);
  const again = await server.ask({ method: 'DELETE', path: `${MAPS}/held` });
  assert.deepEqual([again.status, again.json], [200, kept.json], 'and again nothing changes');
});
