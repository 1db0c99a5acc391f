import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestServer, type TestServer } from './testing/open-test-server.js';
import { assertRefused, patchOf, type Refusal } from './testing/refusal.js';

let server: TestServer;
before(async () => {
  server = await openTestServer();
  await server.ask({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    body: { metadata: { name: 'there' }, data: { a: '1' } },
  });
});
after(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const THERE = `${MAPS}/there`;
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const NO_METHOD = 'the server does not allow this method on the requested resource';
const NO_RESOURCE = 'the server could not find the requested resource';

const REFUSALS: readonly Refusal[] = [
  // who asks
  {
    name: 'a bearer token that nobody knows',
    ask: { path: MAPS, headers: { authorization: 'Bearer nope' } },
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  },
  {
    name: 'a stranger',
    ask: { path: MAPS, anonymous: true },
    code: 403,
    reason: 'Forbidden',
    message:
      'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"',
  },
  {
    name: 'a stranger at a path',
    ask: { path: '/metrics', anonymous: true },
    code: 403,
    reason: 'Forbidden',
    message: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
  },
  {
    name: 'a stranger at a resource that is not there',
    ask: { path: '/apis/nope.example.com/v1/things', anonymous: true },
    code: 403,
    reason: 'Forbidden',
    message:
      'things.nope.example.com is forbidden: User "system:anonymous" cannot list resource "things" in API group "nope.example.com" at the cluster scope',
  },
  {
    name: 'one object',
    ask: { path: THERE, as: 'alice' },
    code: 403,
    reason: 'Forbidden',
    message:
      'configmaps "there" is forbidden: User "alice" cannot get resource "configmaps" in API group "" in the namespace "default"',
  },
  {
    name: 'a subresource',
    ask: { method: 'PUT', path: `${CSRS}/x/approval`, as: 'alice' },
    code: 403,
    reason: 'Forbidden',
    message:
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: User "alice" cannot update resource "certificatesigningrequests/approval" in API group "certificates.k8s.io" at the cluster scope',
  },
  {
    name: 'groups without a user',
    ask: { path: MAPS, groups: ['x'] },
    code: 400,
    reason: 'BadRequest',
    message: 'requested Impersonate-Group without impersonating a user',
  },
  // what is not there
  { name: 'an unknown resource', ask: { path: '/api/v1/nope' }, code: 404, reason: 'NotFound', message: NO_RESOURCE },
  {
    name: 'an unknown version',
    ask: { path: '/apis/certificates.k8s.io/v9/certificatesigningrequests' },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'an unknown version in discovery',
    ask: { path: '/apis/certificates.k8s.io/v9' },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'an unknown subresource',
    ask: { path: `${THERE}/status` },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'a path beyond a subresource',
    ask: { path: `${CSRS}/x/status/y` },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'a namespaced object without namespace',
    ask: { path: '/api/v1/configmaps/there' },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'a cluster-scoped resource in a namespace',
    ask: { path: '/apis/certificates.k8s.io/v1/namespaces/default/certificatesigningrequests' },
    code: 404,
    reason: 'NotFound',
    message: NO_RESOURCE,
  },
  {
    name: 'an unknown object',
    ask: { path: `${MAPS}/nope` },
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "nope" not found',
  },
  {
    name: 'a PATCH of an unknown object',
    ask: patchOf(`${MAPS}/nope`, 'merge-patch', {}),
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "nope" not found',
  },
  // methods
  {
    name: 'OPTIONS of a resource',
    ask: { method: 'OPTIONS', path: THERE },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'POST to an object',
    ask: { method: 'POST', path: THERE, body: {} },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'POST to all namespaces',
    ask: { method: 'POST', path: '/api/v1/configmaps', body: {} },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'DELETE of all namespaces',
    ask: { method: 'DELETE', path: '/api/v1/namespaces' },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'POST to a status',
    ask: { method: 'POST', path: `${CSRS}/x/status`, body: {} },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'GET of a review',
    ask: { path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  {
    name: 'POST to a document',
    ask: { method: 'POST', path: '/version', body: {} },
    code: 405,
    reason: 'MethodNotAllowed',
    message: NO_METHOD,
  },
  // forms
  {
    name: 'an unknown type for an answer',
    ask: { path: MAPS, headers: { accept: 'image/png' } },
    code: 406,
    reason: 'NotAcceptable',
    message:
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  },
  {
    name: 'an unknown type for a body',
    ask: { method: 'POST', path: MAPS, body: {}, headers: { 'content-type': 'text/plain' } },
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  },
  {
    name: 'a patch without type',
    ask: { method: 'PATCH', path: THERE, body: {} },
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
  },
  {
    name: 'a patch of an unknown type',
    ask: patchOf(THERE, 'x-patch', {}),
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
  },
  {
    name: 'an unknown includeObject',
    ask: { path: `${THERE}?includeObject=Some`, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    code: 400,
    reason: 'BadRequest',
    message: 'unrecognized includeObject value: "Some"',
  },
  // bodies
  {
    name: 'a body over the limit',
    ask: { method: 'POST', path: MAPS, body: 'x'.repeat(3 * 1024 * 1024 + 1) },
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: limit is 3145728',
  },
  {
    name: 'another namespace in the body',
    ask: { method: 'POST', path: MAPS, body: { metadata: { name: 'a', namespace: 'other' } } },
    code: 400,
    reason: 'BadRequest',
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  },
  {
    name: 'another name in the body',
    ask: { method: 'PUT', path: THERE, body: { metadata: { name: 'other' } } },
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (other) does not match the name on the URL (there)',
  },
  {
    name: 'no name in the body',
    ask: { method: 'PUT', path: THERE, body: { metadata: {} } },
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (there based on URL) was undeterminable: name must be provided',
  },
  {
    name: 'a namespace that is not there',
    ask: { method: 'POST', path: '/api/v1/namespaces/none/configmaps', body: { metadata: { name: 'a' } } },
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "none" not found',
  },
];

for (const refusal of REFUSALS) {
  test(`refuses ${refusal.name}`, () => assertRefused(server, refusal));
}

test('what nobody serves is 404 in plain text', async () => {
  for (const path of [
    '/nope',
    '/apis/nope.example.com/v1/things',
    '/apis/nope.example.com',
    '/api/v1//configmaps',
    '/livez/nope',
    '/openapi/v9',
    '//version',
    '/version//',
  ]) {
    const answer = await server.ask({ path });
    assert.deepEqual(
      [answer.status, answer.text, answer.headers['content-type']],
      [404, '404 page not found\n', 'text/plain; charset=utf-8'],
      path,
    );
  }
});

test('a target that cannot be decoded is 400 before anything else', async () => {
  const answer = await server.ask({ path: '/api/v1/%zz', anonymous: true });
  assert.deepEqual([answer.status, answer.text], [400, '400 Bad Request']);
});

test('nothing that was refused has changed anything', async () => {
  const { json } = await server.ask({ path: MAPS });
  assert.deepEqual(
    (json as { items: { metadata: { name: string } }[] }).items.map((item) => item.metadata.name),
    ['there'],
  );
});
