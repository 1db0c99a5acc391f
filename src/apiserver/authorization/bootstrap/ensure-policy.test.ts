import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serviceAccountUser } from '../../authentication/service-account-name.js';
import type { UserInfo } from '../../../kube/object-meta.js';
import type { ClusterRole } from '../../../registry/clusterroles/clusterroles.js';
import type { Binding } from '../../../registry/rolebindings/validate-binding.js';
import type { Attributes } from '../authorizer.js';
import { openRbac, type Rbac } from '../open-rbac.js';
import { startRoleAggregation } from '../role-aggregation.js';
import { createRbacWorld, type RbacWorld } from '../testing/rbac-world.js';
import { controllerPolicy, COUNTERSIGN_NAMESPACE, COUNTERSIGN_SIGNER } from './controller-roles.js';
import { DEFAULT_POLICY } from './default-roles.js';
import { ensureBootstrapPolicy } from './ensure-policy.js';
import { USER_POLICY } from './user-roles.js';

const policies = [DEFAULT_POLICY, USER_POLICY, controllerPolicy(['example.com/serving'])];

async function ensure({ stores, clock }: RbacWorld): Promise<void> {
  await ensureBootstrapPolicy({ ...stores, policies, clock, signal: new AbortController().signal });
}

async function roleNamed({ stores }: RbacWorld, name: string): Promise<ClusterRole> {
  return stores.clusterRoles.get({ namespace: '', name });
}

async function bindingNamed({ stores }: RbacWorld, name: string): Promise<Binding> {
  return stores.clusterRoleBindings.get({ namespace: '', name });
}

async function changeRole(
  { stores, context }: RbacWorld,
  name: string,
  change: (role: ClusterRole) => ClusterRole,
): Promise<void> {
  await stores.clusterRoles.update({ namespace: '', name }, (now) => change(now ?? { metadata: { name } }), {
    context,
  });
}

async function changeBinding(
  { stores, context }: RbacWorld,
  name: string,
  change: (b: Binding) => Binding,
): Promise<void> {
  const key = { namespace: '', name };
  await stores.clusterRoleBindings.update(key, (now) => change(now ?? { metadata: { name } }), { context });
}

test('creates every role and binding, labelled and annotated', async () => {
  const world = createRbacWorld();
  await ensure(world);
  const { kind, apiVersion, metadata, rules } = await roleNamed(world, 'cluster-admin');
  assert.deepEqual([kind, apiVersion], ['ClusterRole', 'rbac.authorization.k8s.io/v1']);
  assert.deepEqual(metadata.labels, { 'kubernetes.io/bootstrapping': 'rbac-defaults' });
  assert.deepEqual(metadata.annotations, { 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
  assert.deepEqual(rules, [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]);
  const { roleRef, subjects } = await bindingNamed(world, 'cluster-admin');
  assert.deepEqual(roleRef, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' });
  assert.deepEqual(subjects, [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:masters' }]);
});

test('names stand once, and every binding has its role', () => {
  const roles = policies.flatMap((policy) => policy.roles.map((role) => role.name));
  const bindings = policies.flatMap((policy) => policy.bindings.map((binding) => binding.name));
  assert.equal(new Set(roles).size, roles.length);
  assert.equal(new Set(bindings).size, bindings.length);
  for (const { bindings: all } of policies) for (const { role } of all) assert.ok(roles.includes(role), role);
});

test('a second start writes nothing', async () => {
  const world = createRbacWorld();
  await ensure(world);
  const before = await roleNamed(world, 'system:discovery');
  const bound = await bindingNamed(world, 'system:discovery');
  await ensure(world);
  assert.equal((await roleNamed(world, 'system:discovery')).metadata.resourceVersion, before.metadata.resourceVersion);
  assert.equal(
    (await bindingNamed(world, 'system:discovery')).metadata.resourceVersion,
    bound.metadata.resourceVersion,
  );
});

test('gives back what was taken away, and keeps what was added', async () => {
  const world = createRbacWorld();
  await ensure(world);
  const extra = { verbs: ['get'], nonResourceURLs: ['/extra'] };
  await changeRole(world, 'system:basic-user', (role) => ({
    ...role,
    metadata: { ...role.metadata, labels: { mine: 'yes' } },
    rules: [extra, ...(role.rules ?? []).slice(1)],
  }));
  await changeBinding(world, 'system:basic-user', (binding) => ({
    ...binding,
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
  }));
  await ensure(world);
  const role = await roleNamed(world, 'system:basic-user');
  assert.deepEqual(role.metadata.labels, { mine: 'yes', 'kubernetes.io/bootstrapping': 'rbac-defaults' });
  assert.deepEqual(role.rules, [
    extra,
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'] },
  ]);
  const { subjects = [] } = await bindingNamed(world, 'system:basic-user');
  assert.deepEqual(
    subjects.map((subject) => subject.name),
    ['eve', 'system:authenticated'],
  );
});

test('leaves alone what says that it must not be updated', async () => {
  const world = createRbacWorld();
  await ensure(world);
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  await changeRole(world, 'system:basic-user', (role) => ({
    ...role,
    metadata: { ...role.metadata, annotations },
    rules: [],
  }));
  await changeBinding(world, 'system:basic-user', (binding) => ({
    ...binding,
    metadata: { ...binding.metadata, annotations },
    subjects: [],
  }));
  await ensure(world);
  assert.deepEqual((await roleNamed(world, 'system:basic-user')).rules ?? [], []);
  assert.deepEqual((await bindingNamed(world, 'system:basic-user')).subjects ?? [], []);
});

test('replaces a binding to another role', async () => {
  const world = createRbacWorld();
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'other' };
  await world.stores.clusterRoleBindings.create({ metadata: { name: 'system:discovery' }, roleRef }, world);
  await ensure(world);
  assert.equal((await bindingNamed(world, 'system:discovery')).roleRef?.name, 'system:discovery');
});

interface Question {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

async function allows(rbac: Rbac, user: UserInfo, asked: Question | string): Promise<boolean> {
  const attributes: Attributes =
    typeof asked === 'string'
      ? { kind: 'path', user, verb: 'get', path: asked }
      : {
          kind: 'resource',
          user,
          version: 'v1',
          namespace: '',
          name: '',
          ...asked,
          resource: asked.resource.split('/')[0] ?? '',
          subresource: asked.resource.split('/')[1] ?? '',
        };
  return (await rbac.authorize(attributes)).allowed;
}

const someone: UserInfo = { username: 'someone', groups: ['system:authenticated'] };
const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
const signer = serviceAccountUser(COUNTERSIGN_NAMESPACE, COUNTERSIGN_SIGNER);
const cleaner = serviceAccountUser(COUNTERSIGN_NAMESPACE, 'countersign-cleaner');
const CSR = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };

const permissions: readonly (readonly [string, UserInfo, Question | string, boolean])[] = [
  ['anybody may see the version', anonymous, '/version', true],
  ['anybody may see whether the server lives', anonymous, '/livez', true],
  ['nobody unknown may see what is served', anonymous, '/apis', false],
  ['nobody unknown may see metrics', anonymous, '/metrics', false],
  ['everybody known may see what is served', someone, '/apis/certificates.k8s.io/v1', true],
  ['everybody known may see the OpenAPI documents', someone, '/openapi/v3', true],
  ['nobody may see metrics just so', someone, '/metrics', false],
  ['nobody may create requests just so', someone, { ...CSR, verb: 'create' }, false],
  [
    'everybody known may ask what they may',
    someone,
    { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
    true,
  ],
  [
    'nobody may ask what others may just so',
    someone,
    { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
    false,
  ],
  ['service accounts may see the keys of their tokens', signer, '/openid/v1/jwks', true],
  ['the signer may watch requests', signer, { ...CSR, verb: 'watch' }, true],
  [
    'the signer may write status',
    signer,
    { ...CSR, resource: `${CSR.resource}/status`, verb: 'update', name: 'x' },
    true,
  ],
  [
    'the signer may not approve',
    signer,
    { ...CSR, resource: `${CSR.resource}/approval`, verb: 'update', name: 'x' },
    false,
  ],
  [
    'the signer may sign for its signer',
    signer,
    { ...CSR, resource: 'signers', verb: 'sign', name: 'example.com/serving' },
    true,
  ],
  [
    'the signer may not sign for another',
    signer,
    { ...CSR, resource: 'signers', verb: 'sign', name: 'example.com/client' },
    false,
  ],
  ['the signer may not delete requests', signer, { ...CSR, verb: 'delete', name: 'x' }, false],
  [
    'the signer may not read secrets',
    signer,
    { verb: 'get', group: '', resource: 'secrets', namespace: 'default' },
    false,
  ],
  ['the cleaner may delete requests', cleaner, { ...CSR, verb: 'delete', name: 'x' }, true],
  [
    'the cleaner may not sign',
    cleaner,
    { ...CSR, resource: 'signers', verb: 'sign', name: 'example.com/serving' },
    false,
  ],
  ['the cleaner may not write status', cleaner, { ...CSR, resource: `${CSR.resource}/status`, verb: 'update' }, false],
];

test('the bootstrap policy, aggregated, allows what it should and nothing more', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  await ensure(world);
  for (const [name, user, asked, expected] of permissions)
    assert.equal(await allows(rbac, user, asked), expected, name);
  rbac.close();
});

test('view is in edit, edit is in admin, and only these read secrets', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  await ensure(world);
  const aggregation = startRoleAggregation({ ...world, rbac, store: world.stores.clusterRoles });
  await aggregation.settled();
  for (const name of ['view', 'edit', 'admin']) {
    await world.stores.clusterRoleBindings.create(
      {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }],
      },
      world,
    );
  }
  const table: readonly (readonly [Question, readonly boolean[]])[] = [
    [{ verb: 'list', group: '', resource: 'configmaps' }, [true, true, true]],
    [{ verb: 'get', group: '', resource: 'secrets' }, [false, true, true]],
    [{ verb: 'update', group: '', resource: 'configmaps' }, [false, true, true]],
    [{ verb: 'create', group: '', resource: 'serviceaccounts/token' }, [false, true, true]],
    [{ verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' }, [false, false, true]],
    [{ verb: 'create', group: 'certificates.k8s.io', resource: 'certificatesigningrequests' }, [false, false, false]],
  ];
  for (const [asked, expected] of table) {
    const users = ['view', 'edit', 'admin'].map((username): UserInfo => ({ username, groups: [] }));
    assert.deepEqual(await Promise.all(users.map((user) => allows(rbac, user, asked))), expected, asked.resource);
  }
  aggregation.close();
  rbac.close();
});

test('a signer without names may sign for nobody', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  await ensureBootstrapPolicy({
    ...world.stores,
    policies: [controllerPolicy([])],
    clock: world.clock,
    signal: new AbortController().signal,
  });
  const asked = { ...CSR, resource: 'signers', verb: 'sign', name: 'example.com/serving' };
  assert.equal(await allows(rbac, signer, asked), false);
  rbac.close();
});
