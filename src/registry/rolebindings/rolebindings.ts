import type { UnixSeconds } from '../../base/clock.js';
import { pathSegmentProblems } from '../../kube/names.js';
import { AGE_COLUMN, ageCell, NAME_COLUMN, textColumn } from '../columns.js';
import type { Cell, Column, Resource, Strategy } from '../resource.js';
import { RBAC_GROUP } from '../roles/roles.js';
import { roleBindingSchema } from './schema.js';
import type { Binding, Subject } from './validate-binding.js';
import { setBindingDefaults, validateBinding, validateBindingUpdate } from './validate-binding.js';

/** Columns of bindings. */
export const BINDING_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Role', 'The role that is granted.'),
  AGE_COLUMN,
  textColumn('Users', 'Users to whom the role is granted.', 1),
  textColumn('Groups', 'Groups to whom the role is granted.', 1),
  textColumn('ServiceAccounts', 'Service accounts to whom the role is granted.', 1),
];

/** Cells of bindings. */
export function bindingCells(binding: Binding, now: UnixSeconds): readonly Cell[] {
  const names = (kind: string, text: (subject: Subject) => string): string =>
    (binding.subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map(text)
      .join(', ');
  return [
    binding.metadata.name ?? '',
    `${binding.roleRef?.kind ?? ''}/${binding.roleRef?.name ?? ''}`,
    ageCell(binding, now),
    names('User', (subject) => subject.name ?? ''),
    names('Group', (subject) => subject.name ?? ''),
    names('ServiceAccount', (subject) => `${subject.namespace ?? ''}/${subject.name ?? ''}`),
  ];
}

/** The strategy of both kinds of binding. Whether the writer may grant the role is asked by admission. */
export function bindingStrategy(namespaced: boolean): Strategy<Binding> {
  return {
    nameProblems: pathSegmentProblems,
    createOnUpdate: true,
    unconditionalUpdate: true,
    setDefaults: setBindingDefaults,
    prepareForCreate: (binding) => binding,
    validate: (binding) => validateBinding(binding, namespaced),
    prepareForUpdate: (next) => next,
    validateUpdate: (next, previous) => validateBindingUpdate(next, previous, namespaced),
  };
}

/** rbac.authorization.k8s.io/v1 rolebindings. */
export const roleBindings: Resource<Binding> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'RoleBinding',
  resource: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  storageVersionHash: 'eGsCzGH6b1g=',
  schema: roleBindingSchema,
  keyPrefix: '/registry/rolebindings/',
  strategy: bindingStrategy(true),
  unknownFieldText: 'known',
  columns: BINDING_COLUMNS,
  cells: bindingCells,
  deleteAnswer: 'status',
};
