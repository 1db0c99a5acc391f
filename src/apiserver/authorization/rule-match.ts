import type { PathAttributes, ResourceAttributes } from './authorizer.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';

const ALL = '*';

/** Whether a rule allows a request for a resource (spec of RBAC: each dimension must match; names only if listed). */
export function ruleAllowsResource(rule: PolicyRule, a: ResourceAttributes): boolean {
  return (
    names(rule.verbs, a.verb) &&
    names(rule.apiGroups, a.group) &&
    namesResource(rule.resources, a.resource, a.subresource) &&
    namesObject(rule.resourceNames, a.name)
  );
}

/** Whether a rule allows a request for a path: by its exact name, `*`, or a prefix with `*` behind it. */
export function ruleAllowsPath(rule: PolicyRule, a: PathAttributes): boolean {
  return names(rule.verbs, a.verb) && namesPath(rule.nonResourceURLs, a.path);
}

function names(list: readonly string[] | null | undefined, value: string): boolean {
  if (list === undefined || list === null) return false;
  for (const item of list) if (item === value || item === ALL) return true;
  return false;
}

/** `pods` does not grant `pods/log`; `*` grants every subresource; `*\/log` grants that one of every resource. */
function namesResource(list: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (list === undefined) return false;
  for (const item of list) {
    if (item === ALL) return true;
    if (subresource === '' ? item === resource : isSubresource(item, resource, subresource)) return true;
  }
  return false;
}

/** Whether `item` is `resource/subresource` or `*\/subresource`, without building either. */
function isSubresource(item: string, resource: string, subresource: string): boolean {
  const slash = item.length - subresource.length - 1;
  if (slash < 1 || item[slash] !== '/' || !item.endsWith(subresource)) return false;
  return slash === resource.length ? item.startsWith(resource) : slash === 1 && item[0] === ALL;
}

function namesObject(list: readonly string[] | undefined, name: string): boolean {
  return list === undefined || list.length === 0 || list.includes(name);
}

function namesPath(list: readonly string[] | undefined, path: string): boolean {
  if (list === undefined) return false;
  for (const item of list) {
    if (item === ALL || item === path) return true;
    if (item.endsWith(ALL) && path.startsWith(withoutStars(item))) return true;
  }
  return false;
}

/** A pattern without the stars at its end. */
export function withoutStars(pattern: string): string {
  let end = pattern.length;
  while (end > 0 && pattern[end - 1] === ALL) end--;
  return pattern.slice(0, end);
}
