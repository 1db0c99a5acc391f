import type { FieldError } from '../../kube/field-error.js';
import { checkEach, invalid, required } from '../../kube/field-error.js';
import type { KubeObject } from '../../kube/object-meta.js';

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export interface PolicyRule {
  readonly verbs?: readonly string[] | null;
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** rbac.authorization.k8s.io/v1 Role. */
export interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
}

/**
 * What is wrong with rules: each needs verbs, and either resources with their groups or paths, never both; paths only
 * where `namespaced` is false (pkg/apis/rbac/validation).
 */
export function validateRules(
  rules: readonly PolicyRule[] | null | undefined,
  namespaced: boolean,
): readonly FieldError[] {
  return checkEach(rules ?? [], (rule, i) => validateRule(rule, `rules[${i}]`, namespaced));
}

function validateRule(rule: PolicyRule, path: string, namespaced: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if ((verbs ?? []).length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    if (namespaced) {
      errors.push(
        invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      );
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}
