import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { UserInfo } from '../../kube/object-meta.js';
import { requestInfo } from '../routing/request-info.js';
import { matchingRule } from './audit-policy.js';
import { DEFAULT_AUDIT_POLICY } from './default-audit-policy.js';
import { parseAuditPolicy } from './parse-audit-policy.js';

const alice: UserInfo = { username: 'alice', groups: ['ops', 'system:authenticated'] };

function levelOf(policy: typeof DEFAULT_AUDIT_POLICY, user: UserInfo | undefined, method: string, path: string) {
  const info = requestInfo(method, path);
  assert.ok(info !== undefined);
  return matchingRule(policy, user, info)?.level ?? 'none matches';
}

const POD = '/api/v1/namespaces/default/pods/web';

/** Each rule by itself, against a GET by alice. */
const cases: readonly {
  readonly name: string;
  readonly rule: object;
  readonly path: string;
  readonly matches: boolean;
}[] = [
  { name: 'another user', rule: { users: ['bob'] }, path: POD, matches: false },
  { name: 'a group that the user is not in', rule: { userGroups: ['dev'] }, path: POD, matches: false },
  { name: 'another verb', rule: { verbs: ['list'] }, path: POD, matches: false },
  { name: 'another namespace', rule: { namespaces: ['kube-system'] }, path: POD, matches: false },
  { name: 'a namespace, for a path', rule: { namespaces: [''] }, path: '/version', matches: false },
  { name: 'another group', rule: { resources: [{ group: 'apps' }] }, path: POD, matches: false },
  { name: 'another resource', rule: { resources: [{ resources: ['nodes'] }] }, path: POD, matches: false },
  {
    name: 'the resource, for its subresource',
    rule: { resources: [{ resources: ['pods'] }] },
    path: `${POD}/log`,
    matches: false,
  },
  {
    name: 'the subresource of another',
    rule: { resources: [{ resources: ['nodes/status'] }] },
    path: `${POD}/status`,
    matches: false,
  },
  {
    name: 'a subresource of all, for the resource',
    rule: { resources: [{ resources: ['*/status'] }] },
    path: POD,
    matches: false,
  },
  {
    name: 'another name',
    rule: { resources: [{ resources: ['pods'], resourceNames: ['db'] }] },
    path: POD,
    matches: false,
  },
  {
    name: 'a name, for a list',
    rule: { resources: [{ resources: ['pods'], resourceNames: ['web'] }] },
    path: '/api/v1/namespaces/default/pods',
    matches: false,
  },
  { name: 'paths, for a resource', rule: { nonResourceURLs: ['*'] }, path: POD, matches: false },
  { name: 'another path', rule: { nonResourceURLs: ['/healthz'] }, path: '/healthz/ping', matches: false },
  { name: 'nothing in particular', rule: {}, path: POD, matches: true },
  {
    name: 'the user, and one of the groups',
    rule: { users: ['alice'], userGroups: ['dev', 'ops'] },
    path: POD,
    matches: true,
  },
  { name: 'the namespace', rule: { namespaces: ['default'] }, path: POD, matches: true },
  { name: 'no namespace, for a resource without', rule: { namespaces: [''] }, path: '/api/v1/nodes/n', matches: true },
  { name: 'the group', rule: { resources: [{ group: '' }] }, path: `${POD}/log`, matches: true },
  { name: 'the subresource', rule: { resources: [{ resources: ['pods/log'] }] }, path: `${POD}/log`, matches: true },
  {
    name: 'every subresource of it',
    rule: { resources: [{ resources: ['pods/*'] }] },
    path: `${POD}/log`,
    matches: true,
  },
  { name: 'a subresource of all', rule: { resources: [{ resources: ['*/log'] }] }, path: `${POD}/log`, matches: true },
  { name: 'every resource', rule: { resources: [{ resources: ['*'] }] }, path: `${POD}/log`, matches: true },
  {
    name: 'the name',
    rule: { resources: [{ resources: ['pods'], resourceNames: ['web'] }] },
    path: POD,
    matches: true,
  },
  {
    name: 'the name that a selector pins',
    rule: { resources: [{ resources: ['pods'], resourceNames: ['web'] }] },
    path: '/api/v1/namespaces/default/pods?fieldSelector=metadata.name%3Dweb',
    matches: true,
  },
  { name: 'the path', rule: { nonResourceURLs: ['/version'] }, path: '/version', matches: true },
  { name: 'the beginning of a path', rule: { nonResourceURLs: ['/healthz*'] }, path: '/healthz/ping', matches: true },
];

suite('a rule', () => {
  for (const { name, rule, path, matches } of cases) {
    test(`${matches ? 'takes' : 'lets go by'} a request when it names ${name}`, () => {
      const policy = parseAuditPolicy(
        { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata', ...rule }] },
        'test',
      );
      assert.equal(levelOf(policy, alice, 'GET', path), matches ? 'Metadata' : 'none matches');
    });
  }

  test('that names users or groups lets go by who was not recognised', () => {
    for (const rule of [{ users: ['alice'] }, { userGroups: ['ops'] }]) {
      const policy = parseAuditPolicy(
        { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata', ...rule }] },
        'test',
      );
      assert.equal(levelOf(policy, undefined, 'GET', POD), 'none matches');
    }
  });

  test('that comes first wins', () => {
    const policy = parseAuditPolicy(
      {
        apiVersion: 'audit.k8s.io/v1',
        kind: 'Policy',
        rules: [{ level: 'None', users: ['bob'] }, { level: 'Request' }, { level: 'Metadata', users: ['alice'] }],
      },
      'test',
    );
    assert.equal(levelOf(policy, alice, 'GET', POD), 'Request');
  });
});

const signer: UserInfo = {
  username: 'system:serviceaccount:countersign-system:countersign-signer',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:countersign-system', 'system:authenticated'],
};
const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

suite('without a policy', () => {
  const expected: readonly (readonly [user: UserInfo | undefined, method: string, path: string, level: string])[] = [
    [alice, 'GET', '/healthz', 'None'],
    [alice, 'GET', '/openapi/v3', 'None'],
    [alice, 'GET', '/apis/apps', 'None'],
    [alice, 'POST', '/healthz', 'Metadata'],
    [alice, 'POST', '/api/v1/namespaces/default/events', 'None'],
    [alice, 'PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/b', 'None'],
    [alice, 'DELETE', '/apis/coordination.k8s.io/v1/namespaces/a/leases/b', 'Request'],
    [alice, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'None'],
    [signer, 'GET', CSRS, 'None'],
    [signer, 'PUT', `${CSRS}/a/status`, 'RequestResponse'],
    [signer, 'GET', '/api/v1/secrets', 'Metadata'],
    [alice, 'PUT', '/api/v1/namespaces/default/secrets/a', 'Metadata'],
    [alice, 'PATCH', '/api/v1/namespaces/default/configmaps/a', 'Metadata'],
    [alice, 'POST', '/api/v1/namespaces/default/serviceaccounts/a/token', 'Metadata'],
    [alice, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', 'Metadata'],
    [alice, 'POST', CSRS, 'RequestResponse'],
    [alice, 'PUT', `${CSRS}/a/approval`, 'RequestResponse'],
    [alice, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', 'RequestResponse'],
    [alice, 'DELETE', '/api/v1/namespaces/default/pods', 'Request'],
    [alice, 'GET', '/api/v1/namespaces/default/pods', 'Metadata'],
    [undefined, 'GET', '/api/v1/namespaces/default/pods', 'Metadata'],
  ];
  for (const [user, method, path, level] of expected) {
    test(`${method} ${path} of ${user?.username ?? 'nobody'} is kept at ${level}`, () => {
      assert.equal(levelOf(DEFAULT_AUDIT_POLICY, user, method, path), level);
    });
  }
});
