import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../kube/field-error.js';
import type { Binding } from './validate-binding.js';
import { setBindingDefaults, validateBinding, validateBindingUpdate } from './validate-binding.js';

const ADMIN = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
const binding = (part: Partial<Binding>): Binding => ({ metadata: { name: 'b' }, roleRef: ADMIN, ...part });

const refused: readonly { readonly name: string; readonly binding: Binding; readonly errors: readonly string[] }[] = [
  {
    name: 'a Role from a ClusterRoleBinding',
    binding: binding({ roleRef: { ...ADMIN, kind: 'Role' } }),
    errors: ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  },
  {
    name: 'no role name',
    binding: binding({ roleRef: { ...ADMIN, name: '' } }),
    errors: ['roleRef.name: Required value'],
  },
  {
    name: 'a role of another group',
    binding: binding({ roleRef: { ...ADMIN, apiGroup: 'x' } }),
    errors: ['roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"'],
  },
  {
    name: 'an unknown kind of subject',
    binding: binding({ subjects: [{ kind: 'Robot', name: 'x' }] }),
    errors: ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
  },
  {
    name: 'a service account without namespace',
    binding: binding({ subjects: [{ kind: 'ServiceAccount', name: 'x' }] }),
    errors: ['subjects[0].namespace: Required value'],
  },
  {
    name: 'a subject without name',
    binding: binding({ subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io' }] }),
    errors: ['subjects[0].name: Required value'],
  },
];

for (const row of refused) {
  test(`refuses ${row.name}`, () => {
    assert.deepEqual(validateBinding(row.binding, false).map(fieldErrorText), row.errors);
  });
}

test('refuses another role in an update, with the new one in the words of the API', () => {
  const next = binding({ roleRef: { ...ADMIN, name: 'other' } });
  assert.deepEqual(validateBindingUpdate(next, binding({}), false).map(fieldErrorText), [
    'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"other"}: cannot change roleRef',
  ]);
});

test('fills in the groups that follow from the kinds', () => {
  const filled = setBindingDefaults(
    binding({
      roleRef: { kind: 'ClusterRole', name: 'admin' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
      ],
    }),
  );
  assert.equal(filled.roleRef?.apiGroup, 'rbac.authorization.k8s.io');
  assert.equal(filled.subjects?.[0]?.apiGroup, 'rbac.authorization.k8s.io');
  assert.equal(filled.subjects[1]?.apiGroup, undefined);
});
