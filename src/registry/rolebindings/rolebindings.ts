import type { UnixSeconds } from '../../base/clock.js';
import { humanDuration } from '../../kube/human-duration.js';
import { pathSegmentProblems } from '../../kube/names.js';
import { parseTime } from '../../kube/time.js';
import type { Cell, Column, Resource, Strategy } from '../resource.js';
import { RBAC_GROUP } from '../roles/roles.js';
import { roleBindingSchema } from './schema.js';
import type { Binding, Subject } from './validate-binding.js';
import { setBindingDefaults, validateBinding, validateBindingUpdate } from './validate-binding.js';

function column(name: string, priority: 0 | 1, description: string): Column {
  return { name, type: 'string', format: name === 'Name' ? 'name' : '', priority, description };
}

/** Columns of bindings. */
export const BINDING_COLUMNS: readonly Column[] = [
  column('Name', 0, 'Name of the binding.'),
  column('Role', 0, 'The role that is granted.'),
  column('Age', 0, 'Time since the binding was made.'),
  column('Users', 1, 'Users to whom the role is granted.'),
  column('Groups', 1, 'Groups to whom the role is granted.'),
  column('ServiceAccounts', 1, 'Service accounts to whom the role is granted.'),
];

/** Cells of bindings. */
export function bindingCells(binding: Binding, now: UnixSeconds): readonly Cell[] {
  const created = parseTime(binding.metadata.creationTimestamp ?? '');
  const names = (kind: string, text: (subject: Subject) => string): string =>
    (binding.subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map(text)
      .join(', ');
  return [
    binding.metadata.name ?? '',
    `${binding.roleRef?.kind ?? ''}/${binding.roleRef?.name ?? ''}`,
    created === undefined ? '<unknown>' : humanDuration((now - created) * 1000),
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
