import { pathSegmentProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { NAME_COLUMN } from '../columns.js';
import type { Column, Resource, Strategy } from '../resource.js';
import { roleSchema } from './schema.js';
import type { Role } from './validate-rules.js';
import { validateRules } from './validate-rules.js';

/** The group of roles and bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Columns of roles: when they were made, as a date. */
export const ROLE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  { name: 'Created At', type: 'date', format: '', priority: 0, description: 'When the role was made.' },
];

/** Cells of roles. */
export function roleCells(role: KubeObject): readonly [string, string] {
  return [role.metadata.name ?? '', role.metadata.creationTimestamp ?? ''];
}

/**
 * The strategy of roles and cluster roles. Whether the writer may grant what the rules say is asked by admission, not
 * here.
 */
export function roleStrategy<T extends Role>(
  namespaced: boolean,
  more: (role: T) => ReturnType<typeof validateRules>,
): Strategy<T> {
  const validate = (role: T): ReturnType<typeof validateRules> => [
    ...validateRules(role.rules, namespaced),
    ...more(role),
  ];
  return {
    nameProblems: pathSegmentProblems,
    createOnUpdate: true,
    unconditionalUpdate: true,
    prepareForCreate: (role) => role,
    validate,
    prepareForUpdate: (next) => next,
    validateUpdate: validate,
  };
}

/** rbac.authorization.k8s.io/v1 roles. */
export const roles: Resource<Role> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'Role',
  resource: 'roles',
  singular: 'role',
  namespaced: true,
  storageVersionHash: '7FuwZcIIItM=',
  schema: roleSchema,
  keyPrefix: '/registry/roles/',
  strategy: roleStrategy(true, () => []),
  unknownFieldText: 'known',
  columns: ROLE_COLUMNS,
  cells: roleCells,
  deleteAnswer: 'status',
};
