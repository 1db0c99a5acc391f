import { required } from '../../kube/field-error.js';
import type { FieldError } from '../../kube/field-error.js';
import type { MetaLabelSelector } from '../../kube/label-selector.js';
import { validateLabelSelector } from '../../kube/validate-object-meta.js';
import type { Resource } from '../resource.js';
import { RBAC_GROUP, ROLE_COLUMNS, roleCells, roleStrategy } from '../roles/roles.js';
import type { Role } from '../roles/validate-rules.js';
import { clusterRoleSchema } from './schema.js';

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export interface ClusterRole extends Role {
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly MetaLabelSelector[] };
}

function validateAggregation(role: ClusterRole): readonly FieldError[] {
  if (role.aggregationRule === undefined) return [];
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0)
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return selectors.flatMap((selector, i) => validateLabelSelector(selector, `${path}[${i}]`));
}

/** rbac.authorization.k8s.io/v1 clusterroles. */
export const clusterRoles: Resource<ClusterRole> = {
  group: RBAC_GROUP,
  version: 'v1',
  kind: 'ClusterRole',
  resource: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  storageVersionHash: 'bYE5ZWDrJ44=',
  schema: clusterRoleSchema,
  keyPrefix: '/registry/clusterroles/',
  strategy: roleStrategy<ClusterRole>(false, validateAggregation),
  unknownFieldText: 'known',
  columns: ROLE_COLUMNS,
  cells: roleCells,
  deleteAnswer: 'status',
};
