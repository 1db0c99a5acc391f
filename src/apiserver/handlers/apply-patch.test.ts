import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBase64, REQUEST_PEM } from '../../certificates/testing/samples.js';
import type { KubeObject, ObjectMeta } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import { type Answer, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { assertRefused, type Refusal } from '../testing/refusal.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
});
after(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const NAMESPACES = '/api/v1/namespaces';
const HEADERS = { 'content-type': 'application/apply-patch+yaml' };

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const configMap = (name: string, data: object, metadata: ObjectMeta = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

const ask = (path: string, body: object | string): Refusal['ask'] => ({
  method: 'PATCH',
  path,
  body,
  headers: HEADERS,
});
const apply = (name: string, query: string, body: object | string): Promise<Answer> =>
  server.ask(ask(`${MAPS}/${name}?${query}`, body));

const REFUSALS: readonly Refusal[] = [
  {
    name: 'an apply in the name of nobody',
    ask: ask(`${MAPS}/x`, configMap('x', {})),
    code: 422,
    reason: 'Invalid',
    message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  },
  {
    name: 'a body that is no object',
    ask: ask(`${MAPS}/x?fieldManager=one`, '- a\n'),
    code: 400,
    reason: 'BadRequest',
    message:
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
  },
  {
    name: 'an empty body',
    ask: ask(`${MAPS}/x?fieldManager=one`, '\n'),
    code: 400,
    reason: 'BadRequest',
    message: 'invalid object type: /, Kind=',
  },
  {
    name: 'another name than that of the URL',
    ask: ask(`${MAPS}/x?fieldManager=one`, configMap('y', {})),
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (y) does not match the name on the URL (x)',
  },
  {
    name: 'the uid of an object that is not there',
    ask: ask(`${MAPS}/x?fieldManager=one`, configMap('x', {}, { uid: 'abc' })),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "x": uid mismatch: the provided object specified uid abc, and no existing object was found',
  },
  {
    name: 'doubled keys, when validation is strict',
    ask: ask(
      `${MAPS}/x?fieldManager=one&fieldValidation=Strict`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nmetadata: {name: x}\n',
    ),
    code: 400,
    reason: 'BadRequest',
    message:
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "metadata" already set in map',
  },
  {
    name: 'a subresource of an object that is not there',
    ask: ask(`${NAMESPACES}/x/status?fieldManager=one`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'x' },
    }),
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "x" not found',
  },
  {
    name: 'what the kind does not allow',
    ask: ask(`${MAPS}/x?fieldManager=one`, configMap('x', { '?': '' })),
    code: 422,
    reason: 'Invalid',
    message:
      "ConfigMap \"x\" is invalid: data[?]: Invalid value: \"?\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  },
];

for (const refusal of REFUSALS) {
  test(`refuses ${refusal.name}`, async () => {
    await assertRefused(server, refusal);
    assert.equal((await server.ask({ path: `${MAPS}/x` })).status, 404);
  });
}

test('an apply needs the permission to create what is not there', async () => {
  const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] };
  const metadata = { name: 'patcher' };
  await server.ask({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    body: { metadata, rules: [rule] },
  });
  await server.ask({
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    body: {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'patcher' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'pat' }],
    },
  });
  const asPat = {
    ...ask(`${MAPS}/pat?fieldManager=one`, configMap('pat', {})),
    headers: { ...HEADERS, 'impersonate-user': 'pat' },
  };
  const refused = (await server.ask(asPat)).json as Status;
  assert.match(refused.message ?? '', /User "pat" cannot create resource "configmaps"/);
  await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'pat' } } });
  assert.equal((await server.ask(asPat)).status, 200);
});

test('an apply that changes nothing keeps the version', async () => {
  const first = await apply('same', 'fieldManager=one', configMap('same', { a: '1' }));
  const again = await apply('same', 'fieldManager=one', configMap('same', { a: '1' }));
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.json, first.json);
});

test('YAML is read as well, and doubled keys are a warning', async () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n  a: "1"\n  a: "2"\n';
  const answer = await apply('yaml', 'fieldManager=one', body);
  assert.deepEqual((answer.json as ConfigMap).data, { a: '2' });
  assert.deepEqual(answer.headers['warning'], ['299 - "line 6: key \\"a\\" already set in map"']);
});

test('force is what its text says', async () => {
  await apply('force', 'fieldManager=one', configMap('force', { a: '1' }));
  for (const no of ['force=false', 'force=0']) {
    assert.equal((await apply('force', `fieldManager=two&${no}`, configMap('force', { a: '2' }))).status, 409);
  }
  assert.equal((await apply('force', 'fieldManager=two&force=true', configMap('force', { a: '2' }))).status, 200);
});

test('a dry run of an apply stores nothing', async () => {
  const answer = await apply('dry', 'fieldManager=one&dryRun=All', configMap('dry', { a: '1' }));
  assert.equal(answer.status, 201);
  assert.equal((await server.ask({ path: `${MAPS}/dry` })).status, 404);
});

test('who names no manager is known by the User-Agent, or not at all', async () => {
  const managers = async (name: string, headers: Record<string, string>): Promise<unknown> => {
    const made = await server.ask({
      method: 'POST',
      path: MAPS,
      body: { metadata: { name }, data: { a: '1' } },
      headers,
    });
    return (made.json as KubeObject).metadata.managedFields?.map(({ manager }) => manager);
  };
  assert.deepEqual(await managers('agent', { 'user-agent': 'kubectl/v1.36 (linux)' }), ['kubectl']);
  assert.deepEqual(await managers('nobody', {}), ['unknown']);
});

test('a writer ends tracking with an empty list of managed fields', async () => {
  await apply('end', 'fieldManager=one', configMap('end', { a: '1' }));
  const put = await server.ask({
    method: 'PUT',
    path: `${MAPS}/end`,
    body: configMap('end', { a: '1' }, { managedFields: [] }),
  });
  assert.equal((put.json as KubeObject).metadata.managedFields, undefined);
  const patched = await server.ask({
    method: 'PATCH',
    path: `${MAPS}/end`,
    body: { data: { a: '2' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  assert.equal((patched.json as KubeObject).metadata.managedFields, undefined);
});

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

test('of a certificate signing request, only metadata and what the approval decides has owners', async () => {
  const spec = { request: inBase64(REQUEST_PEM), signerName: 'example.com/a', usages: ['client auth'] };
  const made = await server.ask({ method: 'POST', path: CSRS, body: { metadata: { name: 'c' }, spec } });
  assert.equal((made.json as KubeObject).metadata.managedFields, undefined);
  const approval = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'c' },
    status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: 'm' }] },
  };
  const approved = await server.ask(ask(`${CSRS}/c/approval?fieldManager=boss`, approval));
  const { metadata } = approved.json as KubeObject;
  assert.deepEqual(
    metadata.managedFields?.map(({ manager, subresource, fieldsV1 }) => ({ manager, subresource, fieldsV1 })),
    [
      {
        manager: 'boss',
        subresource: 'approval',
        fieldsV1: {
          'f:status': {
            'f:conditions': {
              'k:{"type":"Approved"}': { '.': {}, 'f:message': {}, 'f:reason': {}, 'f:status': {}, 'f:type': {} },
            },
          },
        },
      },
    ],
  );
  const { status: _none, ...nothing } = approval;
  const withdrawn = (await server.ask(ask(`${CSRS}/c/approval?fieldManager=boss`, nothing))).json as Status;
  assert.equal(withdrawn.code, 422);
  assert.match(withdrawn.message ?? '', /may not remove/);
});
