import type { MetaLabelSelector } from '../../../kube/label-selector.js';
import type { Subject } from '../../../registry/rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../../../registry/roles/roles.js';
import type { PolicyRule } from '../../../registry/roles/validate-rules.js';

/** A ClusterRole that the server keeps in place. */
export interface BootstrapRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Besides the label of all bootstrap roles. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Gathers its rules from the roles with one of these labels; then `rules` is empty. */
  readonly aggregates?: readonly MetaLabelSelector[];
}

/** A ClusterRoleBinding that the server keeps in place; named as its role where not said otherwise. */
export interface BootstrapBinding {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
}

/** Roles and bindings that are there from the first start. */
export interface BootstrapPolicy {
  readonly roles: readonly BootstrapRole[];
  readonly bindings: readonly BootstrapBinding[];
}

/** A rule for resources of one or several groups. */
export function resourceRule(
  verbs: readonly string[],
  apiGroups: readonly string[],
  resources: readonly string[],
  resourceNames?: readonly string[],
): PolicyRule {
  return { verbs, apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

/** A rule for GET of paths. */
export function pathRule(nonResourceURLs: readonly string[]): PolicyRule {
  return { verbs: ['get'], nonResourceURLs };
}

/** Groups as subjects. */
export function groups(...names: readonly string[]): readonly Subject[] {
  return names.map((name) => ({ kind: 'Group', apiGroup: RBAC_GROUP, name }));
}

/** A user as subject. */
export function user(name: string): readonly Subject[] {
  return [{ kind: 'User', apiGroup: RBAC_GROUP, name }];
}

/** A service account as subject. */
export function serviceAccount(namespace: string, name: string): readonly Subject[] {
  return [{ kind: 'ServiceAccount', namespace, name }];
}

/** Verbs that read. */
export const READ: readonly string[] = ['get', 'list', 'watch'];

/** Verbs that write. */
export const WRITE: readonly string[] = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** What every writer of Events needs. */
export const EVENTS: PolicyRule = resourceRule(['create', 'patch', 'update'], ['', 'events.k8s.io'], ['events']);
