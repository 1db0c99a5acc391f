import type { UserInfo } from '../../kube/object-meta.js';
import type { RequestInfo, ResourceRequest } from '../routing/request-info.js';

/** How much of a request is written down, from nothing to the objects sent both ways. */
export const AUDIT_LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;

/** One of `AUDIT_LEVELS`. */
export type AuditLevel = (typeof AUDIT_LEVELS)[number];

/** Moments of a request that are events. ResponseStarted is only of watches, and of refused credentials. */
export const AUDIT_STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

/** One of `AUDIT_STAGES`. */
export type AuditStage = (typeof AUDIT_STAGES)[number];

/** Resources of one group. Without `resources` all of them; `*`, `pods/log`, `*` + `/scale`, `pods/*` are patterns. */
export interface GroupResources {
  readonly group: string;
  readonly resources: readonly string[];
  /** Without names, every object. */
  readonly resourceNames: readonly string[];
}

/** One rule of a policy. An empty list means "any"; what is named must match. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  /** The empty string is the namespace of what has none. */
  readonly namespaces: readonly string[];
  /** Exact, `*`, or with a `*` at the end. */
  readonly nonResourceURLs: readonly string[];
  /** What the policy omits, too. */
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** Rules in order: the first that matches a request decides. What none matches is not written down. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
}

/** The first rule that matches; `user` is undefined where the credential was refused. */
export function matchingRule(
  policy: AuditPolicy,
  user: UserInfo | undefined,
  info: RequestInfo,
): AuditRule | undefined {
  for (const rule of policy.rules) if (matches(rule, user, info)) return rule;
  return undefined;
}

function matches(rule: AuditRule, user: UserInfo | undefined, info: RequestInfo): boolean {
  const { users, userGroups, verbs } = rule;
  if (users.length > 0 && (user === undefined || !users.includes(user.username))) return false;
  if (userGroups.length > 0 && user?.groups.some((group) => userGroups.includes(group)) !== true) return false;
  if (verbs.length > 0 && !verbs.includes(info.verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) {
    return info.kind === 'resource' && matchesResource(rule, info);
  }
  if (rule.nonResourceURLs.length === 0) return true;
  return info.kind === 'path' && rule.nonResourceURLs.some((pattern) => matchesPath(pattern, info.path));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

function matchesResource({ namespaces, resources }: AuditRule, info: ResourceRequest): boolean {
  if (namespaces.length > 0 && !namespaces.includes(info.namespace)) return false;
  return resources.length === 0 || resources.some((of) => of.group === info.group && matchesOne(of, info));
}

function matchesOne({ resources, resourceNames }: GroupResources, info: ResourceRequest): boolean {
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(info.authorizedName)) return false;
  const { resource, subresource } = info;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (pattern) =>
      pattern === '*' ||
      pattern === whole ||
      pattern === `${resource}/*` ||
      (subresource !== '' && pattern === `*/${subresource}`),
  );
}
