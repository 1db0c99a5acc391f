import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ResourceAttributes } from './authorizer.js';
import { forbiddenRequest } from './forbidden-message.js';

const no = { allowed: false, reason: '' };

function asks(more: Partial<ResourceAttributes>): ResourceAttributes {
  return {
    kind: 'resource',
    user: { username: 'conv-nobody', groups: [] },
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    subresource: '',
    namespace: '',
    name: '',
    ...more,
  };
}

const certificates = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };

const messages: readonly (readonly [string, Partial<ResourceAttributes>, string])[] = [
  [
    'at the cluster scope, without a name',
    { ...certificates, verb: 'create' },
    'certificatesigningrequests.certificates.k8s.io is forbidden: User "conv-nobody" cannot create resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope',
  ],
  [
    'a subresource of an object',
    { ...certificates, verb: 'get', subresource: 'approval', name: 'conv-z' },
    'certificatesigningrequests.certificates.k8s.io "conv-z" is forbidden: User "conv-nobody" cannot get resource "certificatesigningrequests/approval" in API group "certificates.k8s.io" at the cluster scope',
  ],
  [
    'in a namespace',
    { namespace: 'default' },
    'configmaps is forbidden: User "conv-nobody" cannot list resource "configmaps" in API group "" in the namespace "default"',
  ],
  [
    'a user name that could be HTML',
    { user: { username: '<b>&', groups: [] } },
    'configmaps is forbidden: User "&lt;b&gt;&amp;" cannot list resource "configmaps" in API group "" at the cluster scope',
  ],
];

for (const [name, attributes, message] of messages) {
  test(`says what is forbidden: ${name}`, () => {
    assert.equal(forbiddenRequest(asks(attributes), no).message, message);
  });
}

test('details name the resource, and the object where there is one', () => {
  assert.deepEqual(forbiddenRequest(asks({}), no).status.details, { kind: 'configmaps' });
  assert.deepEqual(forbiddenRequest(asks({ ...certificates, name: 'x' }), no).status.details, {
    name: 'x',
    group: 'certificates.k8s.io',
    kind: 'certificatesigningrequests',
  });
});

test('the reason of the authorizer stands at the end', () => {
  const reason = 'RBAC: role.rbac.authorization.k8s.io "nope" not found';
  assert.match(
    forbiddenRequest(asks({}), { allowed: false, reason }).message,
    /at the cluster scope: RBAC: role\.rbac.*not found$/,
  );
});

test('a path has no details', () => {
  const user = { username: 'conv-sub', groups: [] };
  const { status } = forbiddenRequest({ kind: 'path', user, verb: 'get', path: '/metrics' }, no);
  assert.deepEqual(status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'forbidden: User "conv-sub" cannot get path "/metrics"',
    reason: 'Forbidden',
    details: {},
    code: 403,
  });
});
