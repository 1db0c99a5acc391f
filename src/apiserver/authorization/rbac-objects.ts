import type { MetaLabelSelector } from '../../kube/label-selector.js';
import type { KubeObject } from '../../kube/object-meta.js';

/**
 * rbac.authorization.k8s.io/v1 PolicyRule: what may be done to what. Every list may be absent: rules reach the
 * escalation check before validation.
 */
export interface PolicyRule {
  readonly verbs?: readonly string[] | null;
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** rbac.authorization.k8s.io/v1 Subject. */
export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

/** rbac.authorization.k8s.io/v1 RoleRef. */
export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

/** What this folder reads of a Role or ClusterRole. Lists come absent or null where they are empty. */
export interface RoleObject extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly MetaLabelSelector[] };
}

/** What this folder reads of a RoleBinding or ClusterRoleBinding. */
export interface BindingObject extends KubeObject {
  readonly subjects?: readonly Subject[] | null;
  readonly roleRef?: RoleRef;
}

/** The group of roles and bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** The group whose members may do everything. */
export const MASTERS = 'system:masters';
