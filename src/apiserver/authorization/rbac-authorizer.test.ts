import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Attributes } from './authorizer.js';
import { createRbacAuthorizer } from './rbac-authorizer.js';
import { RbacIndex } from './rbac-index.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding, Subject } from '../../registry/rolebindings/validate-binding.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';

const RBAC = 'rbac.authorization.k8s.io';
const readPods: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };

function role(rules: readonly PolicyRule[]): ClusterRole {
  return { metadata: {}, rules };
}

function binding(kind: string, name: string, ...subjects: Subject[]): Binding {
  return { metadata: {}, roleRef: { apiGroup: RBAC, kind, name }, subjects };
}

const alice: Subject = { kind: 'User', apiGroup: RBAC, name: 'alice' };
const devs: Subject = { kind: 'Group', apiGroup: RBAC, name: 'devs' };

function asks(username: string, groups: readonly string[], namespace: string, verb = 'get'): Attributes {
  return {
    kind: 'resource',
    user: { username, groups },
    verb,
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace,
    name: '',
  };
}

async function decide(index: RbacIndex, attributes: Attributes): Promise<string> {
  const decision = await createRbacAuthorizer(index).authorize(attributes);
  return `${decision.allowed ? 'yes' : 'no'} ${decision.reason}`.trim();
}

test('without a binding nothing is allowed, and there is nothing to say about it', async () => {
  assert.equal(await decide(new RbacIndex(), asks('alice', ['devs'], 'ns')), 'no');
});

test('members of system:masters are allowed everything, without a reason', async () => {
  assert.equal(await decide(new RbacIndex(), asks('x', ['system:masters'], '', 'anything')), 'yes');
  const path: Attributes = {
    kind: 'path',
    user: { username: 'x', groups: ['system:masters'] },
    verb: 'get',
    path: '/',
  };
  assert.equal(await decide(new RbacIndex(), path), 'yes');
});

test('a ClusterRoleBinding allows in every namespace, and says so', async () => {
  const index = new RbacIndex();
  index.setRole('', 'reader', role([readPods]));
  index.setBinding('', 'readers', binding('ClusterRole', 'reader', devs));
  const because = 'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "devs"';
  assert.equal(await decide(index, asks('bob', ['devs'], 'ns')), `yes ${because}`);
  assert.equal(await decide(index, asks('bob', ['devs'], '')), `yes ${because}`);
  assert.equal(await decide(index, asks('bob', ['ops'], 'ns')), 'no');
});

test('a RoleBinding allows in its namespace only, and is printed name first', async () => {
  const index = new RbacIndex();
  index.setRole('ns', 'reader', role([readPods]));
  index.setBinding('ns', 'readers', binding('Role', 'reader', alice));
  const because = 'RBAC: allowed by RoleBinding "readers/ns" of Role "reader" to User "alice"';
  assert.equal(await decide(index, asks('alice', [], 'ns')), `yes ${because}`);
  assert.equal(await decide(index, asks('alice', [], 'other')), 'no');
  assert.equal(await decide(index, asks('alice', [], '')), 'no');
});

test('a RoleBinding to a ClusterRole gives its rules in the namespace, but no paths', async () => {
  const index = new RbacIndex();
  index.setRole('', 'reader', role([readPods, { verbs: ['get'], nonResourceURLs: ['*'] }]));
  index.setBinding('ns', 'readers', binding('ClusterRole', 'reader', alice));
  assert.match(await decide(index, asks('alice', [], 'ns')), /^yes/);
  const path: Attributes = { kind: 'path', user: { username: 'alice', groups: [] }, verb: 'get', path: '/metrics' };
  assert.equal(await decide(index, path), 'no');
});

test('a service account is meant by namespace and name; without a namespace, by that of the binding', async () => {
  const index = new RbacIndex();
  index.setRole('', 'reader', role([readPods]));
  index.setBinding(
    '',
    'named',
    binding('ClusterRole', 'reader', { kind: 'ServiceAccount', namespace: 'ns', name: 'a' }),
  );
  index.setBinding('', 'lost', binding('ClusterRole', 'reader', { kind: 'ServiceAccount', name: 'b' }));
  index.setBinding('ns', 'local', binding('ClusterRole', 'reader', { kind: 'ServiceAccount', name: 'c' }));
  const because = 'RBAC: allowed by ClusterRoleBinding "named" of ClusterRole "reader" to ServiceAccount "a/ns"';
  assert.equal(await decide(index, asks('system:serviceaccount:ns:a', [], 'x')), `yes ${because}`);
  assert.equal(await decide(index, asks('system:serviceaccount:other:a', [], 'x')), 'no');
  assert.equal(await decide(index, asks('system:serviceaccount::b', [], 'x')), 'no');
  assert.match(await decide(index, asks('system:serviceaccount:ns:c', [], 'ns')), /ServiceAccount "c\/ns"$/);
});

test('bindings to roles that are not there are told when nothing else allows', async () => {
  const index = new RbacIndex();
  index.setBinding('ns', 'one', binding('Role', 'nope', alice));
  assert.equal(await decide(index, asks('alice', [], 'ns')), `no RBAC: role.${RBAC} "nope" not found`);
  index.setBinding('', 'two', binding('ClusterRole', 'gone', devs, alice));
  const both = `no RBAC: [clusterrole.${RBAC} "gone" not found, role.${RBAC} "nope" not found]`;
  assert.equal(await decide(index, asks('alice', ['devs'], 'ns')), both);
  index.setRole('ns', 'nope', role([readPods]));
  assert.match(await decide(index, asks('alice', ['devs'], 'ns')), /^yes/);
});

test('a ClusterRoleBinding that names a Role finds no ClusterRole of that name', async () => {
  const index = new RbacIndex();
  index.setRole('', 'reader', role([readPods]));
  index.setBinding('', 'odd', binding('Role', 'reader', alice));
  assert.equal(await decide(index, asks('alice', [], '')), `no RBAC: role.${RBAC} "reader" not found`);
});

test('changes of roles and bindings take effect at once', async () => {
  const index = new RbacIndex();
  index.setBinding('', 'b', binding('ClusterRole', 'reader', alice));
  index.setRole('', 'reader', role([readPods]));
  assert.match(await decide(index, asks('alice', [], 'ns')), /^yes/);
  index.setRole('', 'reader', role([]));
  assert.equal(await decide(index, asks('alice', [], 'ns')), 'no');
  index.setRole('', 'reader', role([readPods]));
  index.setBinding('', 'b', binding('ClusterRole', 'reader', devs));
  assert.equal(await decide(index, asks('alice', [], 'ns')), 'no');
  index.setBinding('', 'b', undefined);
  assert.equal(await decide(index, asks('bob', ['devs'], 'ns')), 'no');
});

test('a user who is named twice in a binding holds its rules once', () => {
  const index = new RbacIndex();
  index.setRole('', 'reader', role([readPods]));
  index.setBinding('', 'b', binding('ClusterRole', 'reader', devs, alice, alice));
  const held = createRbacAuthorizer(index).rulesFor({ username: 'alice', groups: ['devs'] }, 'ns');
  assert.deepEqual(held, { rules: [readPods], errors: [] });
});

// A second implementation, as plain as can be, decides the same.

interface World {
  readonly roles: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly rules: readonly PolicyRule[];
  }[];
  readonly bindings: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly kind: string;
    readonly role: string;
    readonly subjects: readonly Subject[];
  }[];
}

function naively(world: World, a: Attributes): boolean {
  if (a.user.groups.includes('system:masters')) return true;
  return world.bindings.some((b) => {
    if (b.namespace !== '' && (a.kind === 'path' || a.namespace === '' || a.namespace !== b.namespace)) return false;
    const applies = b.subjects.some((s) =>
      s.kind === 'User'
        ? s.name === a.user.username
        : s.kind === 'Group'
          ? a.user.groups.includes(s.name ?? '')
          : a.user.username === `system:serviceaccount:${s.namespace ?? b.namespace}:${s.name ?? ''}` &&
            (s.namespace ?? b.namespace) !== '',
    );
    if (!applies || (b.kind === 'Role' && b.namespace === '')) return false;
    const where = b.kind === 'Role' ? b.namespace : '';
    const found = world.roles.find((r) => r.namespace === where && r.name === b.role);
    return found !== undefined && found.rules.some((rule) => matches(rule, a));
  });
}

function matches(rule: PolicyRule, a: Attributes): boolean {
  const has = (list: readonly string[] | null | undefined, ...values: string[]): boolean =>
    (list ?? []).some((item) => values.includes(item));
  if (!has(rule.verbs, a.verb, '*')) return false;
  if (a.kind === 'path') {
    return (rule.nonResourceURLs ?? []).some((url) =>
      url.endsWith('*') ? a.path.startsWith(url.replace(/\*+$/, '')) : url === a.path,
    );
  }
  const wanted = a.subresource === '' ? [a.resource] : [`${a.resource}/${a.subresource}`, `*/${a.subresource}`];
  const anyName = rule.resourceNames === undefined || rule.resourceNames.length === 0;
  return (
    has(rule.apiGroups, a.group, '*') &&
    has(rule.resources, '*', ...wanted) &&
    (anyName || has(rule.resourceNames, a.name))
  );
}

const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const lists = (values: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> => fc.array(values, { maxLength: 3 });
const rules: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    verbs: lists(some('get', 'list', '*')),
    apiGroups: lists(some('', 'apps', '*')),
    resources: lists(some('pods', 'pods/log', '*/log', '*', 'log')),
    resourceNames: lists(some('', 'a', 'b')),
  }),
  fc.record({ verbs: lists(some('get', '*')), nonResourceURLs: lists(some('/a', '/a/*', '/a*', '*', '/a**')) }),
);
const namespaces = some('', 'n1', 'n2');
const subjects: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({ kind: some('User', 'Group', 'Robot'), name: some('u1', 'u2', 'g1', 'system:serviceaccount:n1:s') }),
  fc.record({ kind: some('ServiceAccount'), name: some('s'), namespace: some('n1', 'n2') }),
  fc.record({ kind: some('ServiceAccount'), name: some('s') }),
);
const worlds: fc.Arbitrary<World> = fc.record({
  roles: fc.uniqueArray(
    fc.record({ namespace: namespaces, name: some('r1', 'r2'), rules: fc.array(rules, { maxLength: 3 }) }),
    { selector: (r) => `${r.namespace}/${r.name}`, maxLength: 6 },
  ),
  bindings: fc.uniqueArray(
    fc.record({
      namespace: namespaces,
      name: some('b1', 'b2', 'b3'),
      kind: some('Role', 'ClusterRole'),
      role: some('r1', 'r2'),
      subjects: fc.array(subjects, { maxLength: 3 }),
    }),
    { selector: (b) => `${b.namespace}/${b.name}`, maxLength: 6 },
  ),
});
const users = fc.record({
  username: some('u1', 'u2', 'system:serviceaccount:n1:s', 'system:serviceaccount:n2:s', 'system:serviceaccount::s'),
  groups: fc.array(some('g1', 'u1', 'system:masters2'), { maxLength: 2 }),
});
const questions: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({
    kind: fc.constant('resource' as const),
    user: users,
    verb: some('get', 'list', 'delete'),
    group: some('', 'apps', 'x'),
    version: fc.constant('v1'),
    resource: some('pods', 'log'),
    subresource: some('', 'log', 'status'),
    namespace: namespaces,
    name: some('', 'a', 'c'),
  }),
  fc.record({
    kind: fc.constant('path' as const),
    user: users,
    verb: some('get', 'post'),
    path: some('/a', '/a/b', '/ab', '/b'),
  }),
);

test('decides as a naive reading of the rules does, whatever was there before', async () => {
  await fc.assert(
    fc.asyncProperty(
      worlds,
      worlds,
      fc.array(questions, { minLength: 1, maxLength: 8 }),
      async (before, world, asked) => {
        const index = new RbacIndex();
        for (const { roles, bindings } of [before, world]) {
          for (const r of roles) index.setRole(r.namespace, r.name, role(r.rules));
          for (const b of bindings) index.setBinding(b.namespace, b.name, binding(b.kind, b.role, ...b.subjects));
        }
        const stays = <T extends { namespace: string; name: string }>(now: readonly T[], old: T): boolean =>
          now.some((n) => n.namespace === old.namespace && n.name === old.name);
        for (const r of before.roles) if (!stays(world.roles, r)) index.setRole(r.namespace, r.name, undefined);
        for (const b of before.bindings)
          if (!stays(world.bindings, b)) index.setBinding(b.namespace, b.name, undefined);
        for (const a of asked) {
          const decision = await createRbacAuthorizer(index).authorize(a);
          assert.equal(decision.allowed, naively(world, a));
        }
      },
    ),
    { numRuns: 500 },
  );
});
