import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding } from '../../registry/rolebindings/validate-binding.js';
import { openRbac, type Rbac } from './open-rbac.js';
import { createRbacWorld } from './testing/rbac-world.js';

const role: ClusterRole = {
  metadata: { name: 'reader' },
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
};
const binding: Binding = {
  metadata: { name: 'readers' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
  subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }],
};

async function mayRead(rbac: Rbac, namespace = 'ns'): Promise<boolean> {
  const decision = await rbac.authorize({
    kind: 'resource',
    user: { username: 'alice', groups: [] },
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace,
    name: '',
  });
  return decision.allowed;
}

test('decides by what is stored before it opens', async () => {
  const world = createRbacWorld();
  await world.stores.clusterRoles.create(role, world);
  await world.stores.clusterRoleBindings.create(binding, world);
  const rbac = await openRbac(world);
  assert.equal(await mayRead(rbac), true);
  rbac.close();
});

test('a write is in force when it is answered', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  const { clusterRoles, clusterRoleBindings } = world.stores;
  await clusterRoles.create(role, world);
  await clusterRoleBindings.create(binding, world);
  assert.equal(await mayRead(rbac), true);
  await clusterRoles.update({ namespace: '', name: 'reader' }, (now) => ({ ...(now ?? role), rules: [] }), world);
  assert.equal(await mayRead(rbac), false);
  await clusterRoles.update(
    { namespace: '', name: 'reader' },
    (now) => ({ ...(now ?? role), rules: role.rules ?? [] }),
    world,
  );
  assert.equal(await mayRead(rbac), true);
  await clusterRoleBindings.delete({ namespace: '', name: 'readers' }, world);
  assert.equal(await mayRead(rbac), false);
  rbac.close();
});

test('roles and bindings of namespaces count there', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  const metadata = { name: 'x', namespace: 'ns' };
  const { aggregationRule: _none, ...local } = role;
  await world.stores.roles.create({ ...local, metadata: { name: 'reader', namespace: 'ns' } }, world);
  await world.stores.roleBindings.create(
    { ...binding, metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' } },
    world,
  );
  assert.deepEqual([await mayRead(rbac), await mayRead(rbac, 'other'), await mayRead(rbac, '')], [true, false, false]);
  await world.stores.roles.delete({ namespace: 'ns', name: 'reader' }, world);
  assert.equal(await mayRead(rbac), false);
  rbac.close();
});

test('after it is closed nothing changes any more', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  rbac.close();
  await world.stores.clusterRoles.create(role, world);
  await world.stores.clusterRoleBindings.create(binding, world);
  assert.equal(await mayRead(rbac), false);
});
