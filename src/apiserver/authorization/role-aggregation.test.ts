import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { openRbac } from './open-rbac.js';
import { aggregatedRules, startRoleAggregation } from './role-aggregation.js';
import { createRbacWorld, type RbacWorld } from './testing/rbac-world.js';

const get = (resource: string): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });

function role(name: string, label: string, ...rules: PolicyRule[]): ClusterRole {
  return { metadata: { name, ...(label === '' ? {} : { labels: { [label]: 'true' } }) }, rules };
}

function gathers(name: string, selected: string, label = ''): ClusterRole {
  return {
    ...role(name, label),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [selected]: 'true' } }] },
  };
}

async function rulesOf({ stores }: RbacWorld, name: string): Promise<readonly PolicyRule[]> {
  return (await stores.clusterRoles.get({ namespace: '', name })).rules ?? [];
}

test('gathers rules in order of role name, each once, and not its own', () => {
  const roles = [
    role('a', 'x', get('pods'), get('secrets')),
    gathers('all', 'x', 'x'),
    role('b', 'x', get('pods'), get('jobs')),
    role('c', 'y', get('nodes')),
  ];
  assert.deepEqual(aggregatedRules(gathers('all', 'x', 'x'), roles), [get('pods'), get('secrets'), get('jobs')]);
});

test('selects nothing by a selector that is wrong or by none', () => {
  const roles = [role('a', 'x', get('pods'))];
  const wrong = { clusterRoleSelectors: [{ matchExpressions: [{ key: 'x', operator: 'Near' }] }] };
  assert.deepEqual(aggregatedRules({ ...role('r', ''), aggregationRule: wrong }, roles), []);
  assert.deepEqual(aggregatedRules({ ...role('r', ''), aggregationRule: {} }, roles), []);
});

test('aggregates what is there, also through other aggregated roles', async () => {
  const world = createRbacWorld();
  const { clusterRoles } = world.stores;
  for (const r of [
    role('part', 'to-view', get('pods')),
    gathers('view', 'to-view', 'to-admin'),
    gathers('admin', 'to-admin'),
  ]) {
    await clusterRoles.create(r, world);
  }
  const rbac = await openRbac(world);
  const aggregation = startRoleAggregation({ ...world, rbac, store: clusterRoles });
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'view'), [get('pods')]);
  assert.deepEqual(await rulesOf(world, 'admin'), [get('pods')]);
  aggregation.close();
  rbac.close();
});

test('follows changes, and puts back what somebody wrote into an aggregated role', async () => {
  const world = createRbacWorld();
  const { clusterRoles } = world.stores;
  const rbac = await openRbac(world);
  const aggregation = startRoleAggregation({ ...world, rbac, store: clusterRoles });
  await clusterRoles.create(gathers('view', 'to-view'), world);
  await clusterRoles.create(role('part', 'to-view', get('pods')), world);
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'view'), [get('pods')]);
  const key = { namespace: '', name: 'view' };
  await clusterRoles.update(key, (now) => ({ ...(now ?? gathers('view', 'to-view')), rules: [get('secrets')] }), world);
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'view'), [get('pods')]);
  await clusterRoles.delete({ namespace: '', name: 'part' }, world);
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'view'), []);
  aggregation.close();
  rbac.close();
});

test('after it is closed it writes nothing', async () => {
  const world = createRbacWorld();
  const { clusterRoles } = world.stores;
  const rbac = await openRbac(world);
  const aggregation = startRoleAggregation({ ...world, rbac, store: clusterRoles });
  await aggregation.settled();
  aggregation.close();
  await clusterRoles.create(gathers('view', 'to-view'), world);
  await clusterRoles.create(role('part', 'to-view', get('pods')), world);
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'view'), []);
  rbac.close();
});

test('gives no rules to a role that gathers none any more, and no life to one that is gone', async () => {
  const world = createRbacWorld();
  const { clusterRoles } = world.stores;
  await clusterRoles.create(role('own', '', get('nodes')), world);
  // what was known before the roles changed
  const known = [role('part', 'to-view', get('pods')), gathers('own', 'to-view'), gathers('gone', 'to-view')];
  const rbac = {
    clusterRoles: { get: () => undefined, values: () => known, close: () => undefined },
    onClusterRole: () => () => undefined,
  };
  const aggregation = startRoleAggregation({ ...world, rbac, store: clusterRoles });
  await aggregation.settled();
  assert.deepEqual(await rulesOf(world, 'own'), [get('nodes')]);
  await assert.rejects(rulesOf(world, 'gone'), /not found/);
  aggregation.close();
});
