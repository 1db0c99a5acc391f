import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import type { AdmissionOperation } from '../admission/admission.js';
import { refuseEscalation } from './escalation.js';
import { createRbacAuthorizer } from './rbac-authorizer.js';
import { RbacIndex } from './rbac-index.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding } from '../../registry/rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../../registry/roles/roles.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { missingPermissions, permissionsOf } from './rule-cover.js';

const esc: UserInfo = { username: 'conv-esc', groups: ['system:authenticated'] };
const getSecrets: PolicyRule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };

/** An index in which `conv-esc` holds these rules in the whole cluster, and `cluster-admin` is there to be bound. */
function world(...held: PolicyRule[]): RbacIndex {
  const index = new RbacIndex();
  index.setRole('', 'held', { metadata: {}, rules: held });
  index.setBinding('', 'held', binding('ClusterRole', 'held'));
  index.setRole('', 'cluster-admin', {
    metadata: {},
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  });
  return index;
}

function binding(kind: string, name: string, ...users: string[]): Binding {
  return {
    metadata: { name: 'conv-esc2' },
    roleRef: { apiGroup: RBAC_GROUP, kind, name },
    subjects: ['conv-esc', ...users].map((user) => ({ kind: 'User', name: user })),
  };
}

function role(...rules: PolicyRule[]): ClusterRole {
  return { metadata: { name: 'conv-esc2' }, rules };
}

function writes(resource: string, object: KubeObject, more: Partial<AdmissionOperation> = {}): AdmissionOperation {
  return {
    verb: 'create',
    resource: { group: RBAC_GROUP, resource },
    subresource: '',
    namespace: '',
    name: '',
    object,
    previous: undefined,
    user: esc,
    dryRun: false,
    ...more,
  };
}

async function refusalOf(index: RbacIndex, operation: AdmissionOperation): Promise<StatusError['status'] | undefined> {
  const rbac = createRbacAuthorizer(index);
  try {
    await refuseEscalation(operation, { authorizer: rbac, rules: rbac, index });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.status;
  }
}

test('a role with rights that its writer has not is refused, naming them', async () => {
  assert.deepEqual(await refusalOf(world(), writes('clusterroles', role(getSecrets))), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message:
      'clusterroles.rbac.authorization.k8s.io "conv-esc2" is forbidden: user "conv-esc" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    reason: 'Forbidden',
    details: { name: 'conv-esc2', group: 'rbac.authorization.k8s.io', kind: 'clusterroles' },
    code: 403,
  });
});

test('a binding to a role with more rights than its writer has is refused, naming them', async () => {
  const status = await refusalOf(world(), writes('clusterrolebindings', binding('ClusterRole', 'cluster-admin')));
  assert.equal(
    status?.message,
    'clusterrolebindings.rbac.authorization.k8s.io "conv-esc2" is forbidden: user "conv-esc" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
  );
});

test('missing rights are joined by resource, sorted, and said once', async () => {
  const wanted: PolicyRule[] = [
    { verbs: ['get'], nonResourceURLs: ['/x'] },
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets', 'pods'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'] },
  ];
  const user: UserInfo = { username: 'alice', groups: ['devs', 'ops', 'system:authenticated'] };
  const status = await refusalOf(world(), writes('clusterroles', role(...wanted), { user }));
  assert.equal(
    status?.message,
    'clusterroles.rbac.authorization.k8s.io "conv-esc2" is forbidden: user "alice" (groups=["devs" "ops" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n' +
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}\n' +
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]}\n' +
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n' +
      '{NonResourceURLs:["/x"], Verbs:["get"]}',
  );
});

test('bindings of the writer that lead nowhere are told', async () => {
  const index = world();
  index.setBinding('', 'lost', binding('ClusterRole', 'gone'));
  const status = await refusalOf(index, writes('clusterroles', role(getSecrets)));
  assert.match(
    status?.message ?? '',
    /; resolution errors: \[clusterrole\.rbac\.authorization\.k8s\.io "gone" not found\]$/,
  );
});

const aggregating: ClusterRole = {
  metadata: { name: 'conv-esc2' },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
};

const refused: readonly (readonly [string, RbacIndex, AdmissionOperation, number, RegExp])[] = [
  [
    'a Role in a namespace where the rights are not held',
    world(),
    writes('roles', role(getSecrets), { namespace: 'ns' }),
    403,
    /^roles\.rbac/,
  ],
  [
    'an update that keeps what the writer may not grant',
    world(),
    writes(
      'clusterroles',
      { ...role(getSecrets), metadata: { name: 'conv-esc2', labels: { a: 'b' } } },
      {
        verb: 'update',
        name: 'conv-esc2',
        previous: role(getSecrets),
      },
    ),
    403,
    /not currently held/,
  ],
  [
    'a right on everything where only a named object is held',
    world({ ...getSecrets, resourceNames: ['a'] }),
    writes('clusterroles', role(getSecrets)),
    403,
    /not currently held/,
  ],
  [
    'an aggregating role by anybody but a cluster admin',
    world(getSecrets),
    writes('clusterroles', aggregating),
    403,
    /is forbidden: must have cluster-admin privileges to use the aggregationRule$/,
  ],
  [
    'the removal of an aggregationRule by anybody but a cluster admin',
    world(getSecrets),
    writes('clusterroles', role(), { verb: 'update', previous: aggregating }),
    403,
    /must have cluster-admin privileges/,
  ],
  [
    'a binding to a role that is not there',
    world(),
    writes('clusterrolebindings', binding('ClusterRole', 'nope')),
    404,
    /^clusterroles\.rbac\.authorization\.k8s\.io "nope" not found$/,
  ],
  [
    'a RoleBinding to a Role that is not there',
    world(),
    writes('rolebindings', binding('Role', 'nope'), { namespace: 'ns' }),
    404,
    /^roles\.rbac\.authorization\.k8s\.io "nope" not found$/,
  ],
  [
    'escalate for a named role where the role is being created',
    world({ verbs: ['escalate'], apiGroups: [RBAC_GROUP], resources: ['clusterroles'], resourceNames: ['conv-esc2'] }),
    writes('clusterroles', role(getSecrets)),
    403,
    /not currently held/,
  ],
  [
    'bind on another role',
    world({ verbs: ['bind'], apiGroups: [RBAC_GROUP], resources: ['clusterroles'], resourceNames: ['view'] }),
    writes('clusterrolebindings', binding('ClusterRole', 'cluster-admin')),
    403,
    /not currently held/,
  ],
];

for (const [name, index, operation, code, message] of refused) {
  test(`refuses ${name}`, async () => {
    const status = await refusalOf(index, operation);
    assert.equal(status?.code, code);
    assert.match(status.message ?? '', message);
  });
}

const masters: UserInfo = { username: 'root', groups: ['system:masters'] };
const allowed: readonly (readonly [string, RbacIndex, AdmissionOperation])[] = [
  ['a role with rights that its writer has', world(getSecrets), writes('clusterroles', role(getSecrets))],
  ['a role with fewer rights', world({ ...getSecrets, verbs: ['*'] }), writes('clusterroles', role(getSecrets))],
  ['anything by system:masters', world(), writes('clusterroles', aggregating, { user: masters })],
  [
    'a binding to a role that is not there, by system:masters',
    world(),
    writes('clusterrolebindings', binding('ClusterRole', 'nope'), { user: masters }),
  ],
  [
    'a role by who may escalate',
    world({ verbs: ['escalate'], apiGroups: [RBAC_GROUP], resources: ['clusterroles'] }),
    writes('clusterroles', role(getSecrets)),
  ],
  [
    'a binding by who may bind that role',
    world({ verbs: ['bind'], apiGroups: [RBAC_GROUP], resources: ['clusterroles'], resourceNames: ['cluster-admin'] }),
    writes('clusterrolebindings', binding('ClusterRole', 'cluster-admin')),
  ],
  [
    'an update that only removes finalizers and owners',
    world(),
    writes('clusterroles', role(getSecrets), {
      verb: 'update',
      previous: { ...role(getSecrets), metadata: { name: 'conv-esc2', finalizers: ['example.com/a'] } },
    }),
  ],
  ['a role without rules', world(), writes('clusterroles', { metadata: { name: 'x' } })],
  ['a role whose rules are for validation to refuse', world(), writes('clusterroles', role({ resources: ['a'] }))],
  ['a binding without a role, which validation refuses', world(), writes('clusterrolebindings', { metadata: {} })],
  ['a binding to another kind, which validation refuses', world(), writes('rolebindings', binding('Robot', 'x'))],
  ['a delete', world(), writes('clusterroles', role(getSecrets), { verb: 'delete', object: undefined })],
  [
    'other resources',
    world(),
    writes('clusterroles', role(getSecrets), { resource: { group: '', resource: 'roles' } }),
  ],
];

for (const [name, index, operation] of allowed) {
  test(`lets through ${name}`, async () => {
    assert.equal(await refusalOf(index, operation), undefined);
  });
}

const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const lists = (values: fc.Arbitrary<string>, minLength = 0): fc.Arbitrary<readonly string[]> =>
  fc.array(values, { minLength, maxLength: 3 });
const rules: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    verbs: lists(some('get', 'list', '*'), 1),
    apiGroups: lists(some('', 'apps', '*'), 1),
    resources: lists(some('pods', 'pods/log', '*/log', '*'), 1),
    resourceNames: lists(some('a', 'b')),
  }),
  fc.record({ verbs: lists(some('get', '*'), 1), nonResourceURLs: lists(some('/a', '/a/*', '*'), 1) }),
);

test('whoever is granted a rule is missing nothing of it, and nothing of its parts', () => {
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 4 }), (held) => {
      assert.deepEqual(missingPermissions(held, held), []);
      assert.deepEqual(missingPermissions(held, held.flatMap(permissionsOf)), []);
    }),
  );
});

test('granting what is missing leaves nothing missing', () => {
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 4 }), fc.array(rules, { maxLength: 4 }), (held, wanted) => {
      const missing = missingPermissions(held, wanted);
      assert.deepEqual(missingPermissions([...held, ...missing], wanted), []);
    }),
  );
});

test('refuses rules that stand for billions of permissions before taking them apart', async () => {
  const many = (letter: string): string[] => Array.from({ length: 400 }, (_, i) => `${letter}${i}`);
  const rule = { verbs: many('v'), apiGroups: many('g'), resources: many('r'), resourceNames: many('n') };
  const index = world(getSecrets);
  const rbac = createRbacAuthorizer(index);
  await assert.rejects(
    async () => refuseEscalation(writes('clusterroles', role(rule)), { authorizer: rbac, rules: rbac, index }),
    { message: 'rules must not stand for more than 50000 single permissions' },
  );
  const all = world({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  const holder = createRbacAuthorizer(all);
  await refuseEscalation(writes('clusterroles', role(rule)), { authorizer: holder, rules: holder, index: all });
});
