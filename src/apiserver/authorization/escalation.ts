import type { UserInfo } from '../../kube/object-meta.js';
import { forbidden, notFound, type QualifiedResource } from '../../kube/status.js';
import type { AdmissionOperation } from '../admission/admission.js';
import { onlyGarbageCollected } from '../admission/only-garbage-collected.js';
import type { Authorizer } from './authorizer.js';
import type { RbacIndex } from './rbac-index.js';
import type { ClusterRole } from '../../registry/clusterroles/clusterroles.js';
import type { Binding } from '../../registry/rolebindings/validate-binding.js';
import { RBAC_GROUP } from '../../registry/roles/roles.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { MASTERS } from './superusers.js';
import { aggregateText, type RuleResolver } from './rbac-authorizer.js';
import { missingPermissions } from './rule-cover.js';
import { compactRules, quotedList, ruleText } from './rule-text.js';

/** What the escalation check asks. */
export interface EscalationDeps {
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  readonly index: RbacIndex;
}

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody grants more than they have: refuses a role or binding that gives what its writer does not hold, unless the
 * writer may `escalate` (roles) or `bind` (bindings), or is in `system:masters`. Runs before validation.
 */
export async function refuseEscalation(operation: AdmissionOperation, deps: EscalationDeps): Promise<void> {
  const { resource, object, previous, user, verb } = operation;
  if (resource.group !== RBAC_GROUP || operation.subresource !== '' || object === undefined) return;
  if (verb !== 'create' && verb !== 'update') return;
  if (user.groups.includes(MASTERS)) return;
  switch (resource.resource) {
    case 'roles':
    case 'clusterroles':
      if (await mayEscalate(operation, deps)) return;
      if (previous !== undefined && onlyGarbageCollected(object, previous)) return;
      // The path says that these are roles, and decoding against their schema has made them so.
      refuseRole(operation, object, previous, deps);
      return;
    case 'rolebindings':
    case 'clusterrolebindings':
      if (previous !== undefined && onlyGarbageCollected(object, previous)) return;
      // As above: decoding has made this a binding.
      await refuseBinding(operation, object, deps);
      return;
    default:
      return;
  }
}

async function mayEscalate(operation: AdmissionOperation, { authorizer }: EscalationDeps): Promise<boolean> {
  const decision = await authorizer.authorize({
    kind: 'resource',
    user: operation.user,
    verb: 'escalate',
    group: RBAC_GROUP,
    version: '*',
    resource: operation.resource.resource,
    subresource: '',
    namespace: operation.namespace,
    // A create has no name in its path, so names in a rule do not allow it.
    name: operation.verb === 'create' ? '' : operation.name,
  });
  return decision.allowed;
}

function refuseRole(
  operation: AdmissionOperation,
  role: ClusterRole,
  previous: ClusterRole | undefined,
  deps: EscalationDeps,
): void {
  const why = escalationText(deps.rules, operation.user, operation.namespace, role.rules ?? []);
  if (why !== undefined) throw forbidden(operation.resource, nameOf(operation), why);
  // Whoever may write selectors may gather any rule, now or later.
  if (role.aggregationRule === undefined && previous?.aggregationRule === undefined) return;
  if (escalationText(deps.rules, operation.user, operation.namespace, EVERYTHING) === undefined) return;
  throw forbidden(
    operation.resource,
    nameOf(operation),
    'must have cluster-admin privileges to use the aggregationRule',
  );
}

async function refuseBinding(operation: AdmissionOperation, binding: Binding, deps: EscalationDeps): Promise<void> {
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  const roles = roleResource(kind);
  if (roles !== undefined) {
    const decision = await deps.authorizer.authorize({
      kind: 'resource',
      user: operation.user,
      verb: 'bind',
      group: apiGroup === '' ? RBAC_GROUP : apiGroup, // as defaulting will fill it in
      version: '*',
      resource: roles.resource,
      subresource: '',
      namespace: operation.namespace,
      name,
    });
    if (decision.allowed) return;
  }
  const role = deps.index.roleRules(kind, name, operation.namespace);
  // An unknown kind of role is for validation to refuse; nothing can be granted by it.
  if (role.kind === 'missing' && roles === undefined) return;
  if (role.kind === 'missing') throw notFound(roles ?? operation.resource, name);
  const why = escalationText(deps.rules, operation.user, operation.namespace, role.rules);
  if (why !== undefined) throw forbidden(operation.resource, nameOf(operation), why);
}

function roleResource(kind: string): QualifiedResource | undefined {
  if (kind === 'ClusterRole') return { group: RBAC_GROUP, resource: 'clusterroles' };
  return kind === 'Role' ? { group: RBAC_GROUP, resource: 'roles' } : undefined;
}

/** The text of the refusal; undefined when the user holds everything that `wanted` grants. */
function escalationText(
  resolver: RuleResolver,
  user: UserInfo,
  namespace: string,
  wanted: readonly PolicyRule[],
): string | undefined {
  const held = resolver.rulesFor(user, namespace);
  const missing = missingPermissions(held.rules, wanted);
  if (missing.length === 0) return undefined;
  const lines = [...new Set(compactRules(missing).map(ruleText))].sort(byBytes);
  const who = `user ${JSON.stringify(user.username)} (groups=${quotedList(user.groups)})`;
  const text = `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`;
  return held.errors.length === 0 ? text : `${text}; resolution errors: [${aggregateText(held.errors)}]`;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nameOf(operation: AdmissionOperation): string {
  return operation.object?.metadata.name ?? operation.name;
}
