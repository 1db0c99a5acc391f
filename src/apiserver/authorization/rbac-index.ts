import type { UserInfo } from '../../kube/object-meta.js';
import { serviceAccountUsername } from '../authentication/service-account-name.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding, Subject } from '../../registry/rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../../registry/roles/roles.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';

/** A binding as one of its subjects meets it. */
export interface Grant {
  /** Of the binding; empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly binding: string;
  readonly roleKind: string;
  readonly roleName: string;
  readonly subject: Subject;
}

/** The rules of a role, or the error of a reference that leads nowhere. */
export type RoleRules =
  | { readonly kind: 'rules'; readonly rules: readonly PolicyRule[] }
  | { readonly kind: 'missing'; readonly error: string };

/** Grants by subject, in order of binding name. */
type GrantsBySubject = Map<string, Grant[]>;

const NO_RULES: readonly PolicyRule[] = [];
const NO_GRANTS: readonly Grant[] = [];

/**
 * Roles by name and bindings by the subjects they name, so that a decision looks only at the bindings of its user.
 * Kept current by whoever feeds it; all calls are synchronous.
 */
export class RbacIndex {
  readonly #roles = new Map<string, readonly PolicyRule[]>();
  /** By namespace; the empty one holds ClusterRoleBindings. */
  readonly #grants = new Map<string, GrantsBySubject>();
  /** What each binding put into `#grants`, to take it out again. */
  readonly #subjectsOf = new Map<string, readonly string[]>();

  /** Adds or replaces a Role, or a ClusterRole when `namespace` is empty; undefined removes it. */
  setRole(namespace: string, name: string, role: ClusterRole | undefined): void {
    const key = keyOf(namespace, name);
    if (role === undefined) this.#roles.delete(key);
    else this.#roles.set(key, role.rules ?? NO_RULES);
  }

  /** Adds or replaces a RoleBinding, or a ClusterRoleBinding when `namespace` is empty; undefined removes it. */
  setBinding(namespace: string, name: string, binding: Binding | undefined): void {
    this.#removeBinding(namespace, name);
    const ref = binding?.roleRef;
    if (binding === undefined || ref === undefined) return;
    const bySubject: GrantsBySubject = this.#grants.get(namespace) ?? new Map<string, Grant[]>();
    this.#grants.set(namespace, bySubject);
    const keys: string[] = [];
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, namespace);
      // A subject named twice grants nothing more, and its first mention is the one that explains the decision.
      if (key === undefined || keys.includes(key)) continue;
      keys.push(key);
      insertByName(bySubject, key, {
        namespace,
        binding: name,
        roleKind: ref.kind ?? '',
        roleName: ref.name ?? '',
        subject,
      });
    }
    if (keys.length > 0) this.#subjectsOf.set(keyOf(namespace, name), keys);
  }

  #removeBinding(namespace: string, name: string): void {
    const key = keyOf(namespace, name);
    const keys = this.#subjectsOf.get(key);
    const bySubject = this.#grants.get(namespace);
    if (keys === undefined || bySubject === undefined) return;
    this.#subjectsOf.delete(key);
    for (const subject of keys) {
      const left = (bySubject.get(subject) ?? []).filter((g) => g.binding !== name);
      if (left.length === 0) bySubject.delete(subject);
      else bySubject.set(subject, left);
    }
    if (bySubject.size === 0) this.#grants.delete(namespace);
  }

  /**
   * Calls `visit` with each grant that applies to the user: ClusterRoleBindings, then RoleBindings of `namespace`
   * where one is given; for the user's name first, then for each group. Stops when `visit` answers true.
   */
  visitGrants(user: UserInfo, namespace: string, visit: (grant: Grant) => boolean): void {
    if (this.#visitIn('', user, visit) || namespace === '') return;
    this.#visitIn(namespace, user, visit);
  }

  #visitIn(namespace: string, user: UserInfo, visit: (grant: Grant) => boolean): boolean {
    const bySubject = this.#grants.get(namespace);
    if (bySubject === undefined) return false;
    for (const grant of bySubject.get(USER + user.username) ?? NO_GRANTS) if (visit(grant)) return true;
    for (const group of user.groups) {
      for (const grant of bySubject.get(GROUP + group) ?? NO_GRANTS) if (visit(grant)) return true;
    }
    return false;
  }

  /** The rules that a grant gives. */
  rulesOf(grant: Grant): RoleRules {
    return this.roleRules(grant.roleKind, grant.roleName, grant.namespace);
  }

  /** The rules of a role, named as a binding in `namespace` names it. */
  roleRules(kind: string, name: string, namespace: string): RoleRules {
    if (kind !== 'Role' && kind !== 'ClusterRole') {
      return { kind: 'missing', error: `unsupported role reference kind: ${JSON.stringify(kind)}` };
    }
    if (kind === 'ClusterRole') return found(this.#roles.get(keyOf('', name)), 'clusterrole', name);
    return found(namespace === '' ? undefined : this.#roles.get(keyOf(namespace, name)), 'role', name);
  }
}

function found(rules: readonly PolicyRule[] | undefined, resource: string, name: string): RoleRules {
  if (rules !== undefined) return { kind: 'rules', rules };
  return { kind: 'missing', error: `${resource}.${RBAC_GROUP} ${JSON.stringify(name)} not found` };
}

const USER = 'u:';
const GROUP = 'g:';

/** What a user or group is looked up by; undefined for a subject that never matches. */
function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  const { kind, name = '', namespace = '' } = subject;
  switch (kind) {
    case 'User':
      return USER + name;
    case 'Group':
      return GROUP + name;
    case 'ServiceAccount': {
      const effective = namespace === '' ? bindingNamespace : namespace;
      return effective === '' ? undefined : USER + serviceAccountUsername(effective, name);
    }
    default:
      return undefined;
  }
}

function insertByName(bySubject: GrantsBySubject, key: string, grant: Grant): void {
  const grants = bySubject.get(key);
  if (grants === undefined) {
    bySubject.set(key, [grant]);
    return;
  }
  let at = grants.length;
  while (at > 0 && (grants[at - 1]?.binding ?? '') > grant.binding) at--;
  grants.splice(at, 0, grant);
}

/** Names hold no slash. */
function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
