import type { UserInfo } from '../../kube/object-meta.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';
import type { Grant, RbacIndex } from './rbac-index.js';
import type { Subject } from '../../registry/rolebindings/validate-binding.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { MASTERS } from './superusers.js';
import { ruleAllowsPath, ruleAllowsResource } from './rule-match.js';

/** Every rule that applies to a user, one after the other, and the errors of bindings that lead nowhere. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

/** Tells which rules a user holds: for access reviews and for the check that nobody grants more than they have. */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): UserRules;
}

const SUPERUSER: Decision = { allowed: true, reason: '' };
const NO_OPINION: Decision = { allowed: false, reason: '' };

/** RBAC over an index, with members of `system:masters` allowed everything before it is asked. */
export function createRbacAuthorizer(index: RbacIndex): Authorizer & RuleResolver {
  return {
    authorize: (attributes) => authorize(index, attributes),
    rulesFor: (user, namespace) => rulesFor(index, user, namespace),
  };
}

function authorize(index: RbacIndex, attributes: Attributes): Decision {
  if (attributes.user.groups.includes(MASTERS)) return SUPERUSER;
  let allowing: Grant | undefined;
  let errors: string[] | undefined;
  const namespace = attributes.kind === 'resource' ? attributes.namespace : '';
  index.visitGrants(attributes.user, namespace, (grant) => {
    const role = index.rulesOf(grant);
    if (role.kind === 'missing') (errors ??= []).push(role.error);
    else if (anyRuleAllows(role.rules, attributes)) allowing = grant;
    return allowing !== undefined;
  });
  if (allowing !== undefined) return { allowed: true, reason: `RBAC: allowed by ${grantText(allowing)}` };
  return errors === undefined ? NO_OPINION : { allowed: false, reason: `RBAC: ${aggregateText(errors)}` };
}

function anyRuleAllows(rules: readonly PolicyRule[], a: Attributes): boolean {
  for (const rule of rules) {
    if (a.kind === 'resource' ? ruleAllowsResource(rule, a) : ruleAllowsPath(rule, a)) return true;
  }
  return false;
}

function rulesFor(index: RbacIndex, user: UserInfo, namespace: string): UserRules {
  const rules: PolicyRule[] = [];
  const errors: string[] = [];
  const seen = new Set<string>(); // one binding may name the user and several of the user's groups
  index.visitGrants(user, namespace, (grant) => {
    const binding = `${grant.namespace}/${grant.binding}`;
    if (seen.has(binding)) return false;
    seen.add(binding);
    const role = index.rulesOf(grant);
    if (role.kind === 'missing') errors.push(role.error);
    else rules.push(...role.rules);
    return false;
  });
  return { rules, errors };
}

function grantText(grant: Grant): string {
  const binding =
    grant.namespace === ''
      ? `ClusterRoleBinding ${JSON.stringify(grant.binding)}`
      : `RoleBinding ${JSON.stringify(`${grant.binding}/${grant.namespace}`)}`;
  return `${binding} of ${grant.roleKind} ${JSON.stringify(grant.roleName)} to ${subjectText(grant.subject, grant.namespace)}`;
}

function subjectText({ kind = '', name = '', namespace = '' }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${JSON.stringify(name)}`;
  return `ServiceAccount ${JSON.stringify(`${name}/${namespace === '' ? bindingNamespace : namespace}`)}`;
}

/** Several errors as one text: one as itself, more in brackets, none twice. */
export function aggregateText(errors: readonly string[]): string {
  const texts = [...new Set(errors)];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
