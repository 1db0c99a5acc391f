import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyRule } from '../../../registry/roles/validate-rules.js';
import { openRbac } from '../open-rbac.js';
import { startRoleAggregation } from '../role-aggregation.js';
import { createRbacWorld } from '../testing/rbac-world.js';
import { approverRules, CLEANER_RULES, controllerPolicy, signerRules } from './controller-roles.js';
import { COUNTERSIGN_POLICY } from './countersign-roles.js';
import { DEFAULT_POLICY } from './default-roles.js';
import { ensureBootstrapPolicy } from './ensure-policy.js';
import { USER_POLICY } from './user-roles.js';

/** Every permission of some rules as `verb resource.group` or `verb resource.group/name`, sorted. */
function permissionsOf(rules: readonly PolicyRule[]): readonly string[] {
  return rules
    .flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [''] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.flatMap((name) =>
            (verbs ?? []).map((verb) => `${verb} ${resource}.${group}${name === '' ? '' : ` ${name}`}`),
          ),
        ),
      ),
    )
    .sort();
}

function reads(...resources: readonly string[]): readonly string[] {
  return resources.flatMap((resource) => ['get', 'list', 'watch'].map((verb) => `${verb} ${resource}`));
}

const FACTS = [
  ...reads('approvalpolicies.countersign.dev', 'endpointslices.discovery.k8s.io'),
  ...reads('namespaces.', 'nodes.', 'pods.', 'serviceaccounts.', 'services.'),
  'create subjectaccessreviews.authorization.k8s.io',
];
const EVENTS = ['create', 'patch', 'update'].flatMap((verb) => [`${verb} events.`, `${verb} events.events.k8s.io`]);
const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const RECORDS = 'certificaterecords.countersign.dev';

const exactly: readonly (readonly [string, readonly PolicyRule[], readonly string[]])[] = [
  [
    'an approver',
    approverRules(['example.com/serving']),
    [
      ...reads(REQUESTS, RECORDS),
      'update certificatesigningrequests/approval.certificates.k8s.io',
      'approve signers.certificates.k8s.io example.com/serving',
      'update approvalpolicies/status.countersign.dev',
      `create ${RECORDS}`,
      `delete ${RECORDS}`,
      'patch certificaterecords/status.countersign.dev',
      ...FACTS,
      ...EVENTS,
    ],
  ],
  [
    'a signer',
    signerRules(['example.com/serving']),
    [
      ...reads(REQUESTS, RECORDS),
      'patch certificatesigningrequests/status.certificates.k8s.io',
      'update certificatesigningrequests/status.certificates.k8s.io',
      'sign signers.certificates.k8s.io example.com/serving',
      'patch certificaterecords/status.countersign.dev',
      ...FACTS,
      ...EVENTS,
    ],
  ],
  ['the cleaner', CLEANER_RULES, [...reads(REQUESTS, RECORDS), `delete ${REQUESTS}`, `delete ${RECORDS}`]],
];

for (const [name, rules, expected] of exactly) {
  test(`${name} may do exactly this`, () => {
    assert.deepEqual(permissionsOf(rules), [...expected].sort());
  });
}

test('an approver without signers may approve for nobody', () => {
  assert.deepEqual(
    permissionsOf(approverRules([])).filter((permission) => permission.includes(' signers.')),
    [],
  );
});

test('no role that gathers others, and no default role but the superusers, holds kinds of ours', async () => {
  const world = createRbacWorld();
  const rbac = await openRbac(world);
  const policies = [DEFAULT_POLICY, USER_POLICY, COUNTERSIGN_POLICY, controllerPolicy(['example.com/serving'])];
  await ensureBootstrapPolicy({ ...world.stores, policies, clock: world.clock, signal: new AbortController().signal });
  const aggregation = startRoleAggregation({ ...world, rbac, store: world.stores.clusterRoles });
  await aggregation.settled();
  const holders: string[] = [];
  for (const { name } of policies.flatMap(({ roles }) => roles)) {
    const { rules = [] } = await world.stores.clusterRoles.get({ namespace: '', name });
    if ((rules ?? []).some(({ apiGroups = [] }) => apiGroups.some((group) => /^(\*|countersign\.dev)$/.test(group)))) {
      holders.push(name);
    }
  }
  assert.deepEqual(holders, [
    'cluster-admin',
    'system:kube-controller-manager',
    'countersign-policy-viewer',
    'countersign-policy-editor',
    'countersign-record-viewer',
    'system:controller:namespace-controller',
    'system:controller:generic-garbage-collector',
    'countersign-approver',
    'countersign-signer',
    'countersign-cleaner',
  ]);
  aggregation.close();
  rbac.close();
});

test('the roles for people read, or edit, and never write a status', () => {
  const [viewer, editor, records] = COUNTERSIGN_POLICY.roles.map(({ rules }) => permissionsOf(rules));
  assert.deepEqual(viewer, reads('approvalpolicies.countersign.dev'));
  assert.deepEqual(
    editor,
    ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'].map(
      (verb) => `${verb} approvalpolicies.countersign.dev`,
    ),
  );
  assert.deepEqual(records, reads('certificaterecords.countersign.dev'));
});
