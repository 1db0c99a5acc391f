import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ApiRequest, Headers } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { StatusError } from '../../kube/status.js';
import type { Attributes, Authorizer } from '../authorization/authorizer.js';
import { createRbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { RbacIndex } from '../authorization/rbac-index.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { createImpersonate, readImpersonation } from './impersonation.js';

function request(headers: Headers): ApiRequest {
  return {
    method: 'GET',
    target: '/version',
    headers,
    body: { kind: 'none' },
    signal: new AbortController().signal,
    peer: { kind: 'connection', address: '127.0.0.1' },
  };
}

const root: UserInfo = { username: 'root', groups: ['system:masters'] };
const imp: UserInfo = { username: 'conv-imp', groups: ['system:authenticated'] };

function authorizer(...rules: PolicyRule[]): Authorizer {
  const index = new RbacIndex();
  index.setRole('', 'r', { metadata: {}, rules });
  index.setBinding('', 'b', {
    metadata: {},
    roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'r' },
    subjects: [{ kind: 'User', name: 'conv-imp' }],
  });
  return createRbacAuthorizer(index);
}

function become(headers: Headers, user = root, by = authorizer()): Promise<UserInfo> {
  return Promise.resolve().then(() => createImpersonate(by)(request(headers), user));
}

const incomplete: readonly (readonly [string, Headers, string])[] = [
  ['a group', { 'impersonate-group': 'g' }, 'Impersonate-Group'],
  ['a uid', { 'impersonate-uid': '1' }, 'Impersonate-Uid'],
  ['extra', { 'impersonate-extra-scopes': 'a' }, 'Impersonate-Extra-scopes'],
  ['a group and an empty user', { 'impersonate-user': '', 'impersonate-group': ['a', 'b'] }, 'Impersonate-Group'],
];

for (const [name, headers, asked] of incomplete) {
  test(`refuses ${name} without a user with 400`, async () => {
    await assert.rejects(become(headers), (error: StatusError) => {
      assert.equal(error.httpCode, 400);
      assert.equal(error.message, `requested ${asked} without impersonating a user`);
      return true;
    });
  });
}

const impersonate = (resource: string, group = '', resourceNames?: string[]): PolicyRule => ({
  verbs: ['impersonate'],
  apiGroups: [group],
  resources: [resource],
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const target = impersonate('users', '', ['conv-target']);

const forbidden: readonly (readonly [string, Headers, string])[] = [
  [
    'a user',
    { 'impersonate-user': 'other' },
    'users "other" is forbidden: User "conv-imp" cannot impersonate resource "users" in API group "" at the cluster scope',
  ],
  [
    'a group',
    { 'impersonate-user': 'conv-target', 'impersonate-group': 'system:masters' },
    'groups "system:masters" is forbidden: User "conv-imp" cannot impersonate resource "groups" in API group "" at the cluster scope',
  ],
  [
    'a service account',
    { 'impersonate-user': 'system:serviceaccount:ns:a' },
    'serviceaccounts "a" is forbidden: User "conv-imp" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "ns"',
  ],
  [
    'a uid',
    { 'impersonate-user': 'conv-target', 'impersonate-uid': '7' },
    'uids.authentication.k8s.io "7" is forbidden: User "conv-imp" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
  ],
  [
    'extra',
    { 'impersonate-user': 'conv-target', 'impersonate-extra-a%2fb': 'v' },
    'userextras.authentication.k8s.io "v" is forbidden: User "conv-imp" cannot impersonate resource "userextras/a/b" in API group "authentication.k8s.io" at the cluster scope',
  ],
];

for (const [name, headers, message] of forbidden) {
  test(`refuses ${name} that the caller may not impersonate with 403`, async () => {
    await assert.rejects(become(headers, imp, authorizer(target)), { message });
  });
}

test('without headers the caller stays the caller', () => {
  assert.equal(createImpersonate(authorizer())(request({ accept: '*/*' }), imp), imp);
  assert.equal(readImpersonation({}), undefined);
});

const becomes: readonly (readonly [string, Headers, UserInfo])[] = [
  ['a user', { 'impersonate-user': 'a' }, { username: 'a', groups: ['system:authenticated'] }],
  [
    'a user with groups, in order, commas kept',
    { 'impersonate-user': 'a', 'impersonate-group': ['b,c', 'a'] },
    { username: 'a', groups: ['b,c', 'a', 'system:authenticated'] },
  ],
  [
    'a user who brings system:authenticated',
    { 'impersonate-user': 'a', 'impersonate-group': ['system:authenticated', 'b'] },
    { username: 'a', groups: ['system:authenticated', 'b'] },
  ],
  [
    'an unauthenticated user',
    { 'impersonate-user': 'a', 'impersonate-group': ['system:unauthenticated'] },
    { username: 'a', groups: ['system:unauthenticated'] },
  ],
  [
    'anonymous',
    { 'impersonate-user': 'system:anonymous' },
    { username: 'system:anonymous', groups: ['system:unauthenticated'] },
  ],
  [
    'a service account, which brings its groups',
    { 'impersonate-user': 'system:serviceaccount:ns:a' },
    {
      username: 'system:serviceaccount:ns:a',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    },
  ],
  [
    'a service account with other groups',
    { 'impersonate-user': 'system:serviceaccount:ns:a', 'impersonate-group': 'g' },
    { username: 'system:serviceaccount:ns:a', groups: ['g', 'system:authenticated'] },
  ],
  [
    'a user with uid and extra',
    {
      'impersonate-user': 'a',
      'impersonate-uid': '7',
      'impersonate-extra-a.b%2fC': ['1', '2'],
      'impersonate-extra-%zz': 'x',
    },
    { username: 'a', uid: '7', groups: ['system:authenticated'], extra: { 'a.b/c': ['1', '2'], '%zz': ['x'] } },
  ],
];

for (const [name, headers, expected] of becomes) {
  test(`becomes ${name}`, async () => {
    assert.deepEqual(await become(headers), expected);
  });
}

test('a name may be any UTF-8, as it comes over the wire', async () => {
  const wire = Buffer.from('josé ✓').toString('latin1');
  assert.equal((await become({ 'impersonate-user': wire })).username, 'josé ✓');
  assert.equal((await become({ 'impersonate-user': 'jos\xe9' })).username, 'jos\xe9');
});

test('nothing of the caller but the right to impersonate is used', async () => {
  const caller: UserInfo = { ...root, uid: '1', extra: { 'authentication.kubernetes.io/credential-id': ['x'] } };
  assert.deepEqual(await become({ 'impersonate-user': 'a' }, caller), {
    username: 'a',
    groups: ['system:authenticated'],
  });
});

test('keys of extra may be names that objects have by themselves', async () => {
  const headers = { 'impersonate-user': 'a', 'impersonate-extra-__proto__': '1', 'impersonate-extra-constructor': '2' };
  const asked: string[] = [];
  const watching: Authorizer = {
    authorize: (a: Attributes) => {
      if (a.kind === 'resource' && a.resource === 'userextras') asked.push(`${a.subresource}=${a.name}`);
      return { allowed: true, reason: '' };
    },
  };
  const user = await become(headers, imp, watching);
  assert.deepEqual(asked, ['__proto__=1', 'constructor=2']);
  assert.deepEqual(Object.keys(user.extra ?? {}), ['__proto__', 'constructor']);
});

test('an exact permission is enough', async () => {
  const by = authorizer(target, impersonate('userextras/scopes', 'authentication.k8s.io', ['view']));
  const headers = { 'impersonate-user': 'conv-target', 'impersonate-extra-scopes': 'view' };
  assert.equal((await become(headers, imp, by)).username, 'conv-target');
});
