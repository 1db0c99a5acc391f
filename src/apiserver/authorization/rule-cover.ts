import { badRequest } from '../../kube/status.js';
import { withoutStars } from './rule-match.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';

const ALL = '*';

/** Single permissions that are looked at in one write; a few hundred words can stand for billions. */
export const MAX_PERMISSIONS = 50_000;

/**
 * What `wanted` grants beyond `held`, as single permissions (one verb on one resource or URL each), in order of the
 * wanted rules; empty when everything is held. A wanted permission is held when one held rule covers all of it. Throws
 * 400 where more than `MAX_PERMISSIONS` would have to be looked at one by one.
 */
export function missingPermissions(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  const missing: PolicyRule[] = [];
  let left = MAX_PERMISSIONS;
  for (const rule of wanted) {
    if (held.some((h) => covers(h, rule))) continue;
    left -= countOf(rule);
    if (left < 0) throw badRequest(`rules must not stand for more than ${MAX_PERMISSIONS} single permissions`);
    for (const permission of permissionsOf(rule)) {
      if (!held.some((h) => covers(h, permission))) missing.push(permission);
    }
  }
  return missing;
}

/** How many single permissions a rule stands for. */
function countOf({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): number {
  const objects = apiGroups.length * resources.length * Math.max(1, resourceNames.length);
  return (verbs ?? []).length * (objects + nonResourceURLs.length);
}

/** A rule taken apart: one verb, one group, one resource, at most one name each; or one verb and one URL. */
export function permissionsOf(rule: PolicyRule): readonly PolicyRule[] {
  const permissions: PolicyRule[] = [];
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs ?? []) {
        const whole: PolicyRule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        const names = rule.resourceNames ?? [];
        if (names.length === 0) permissions.push(whole);
        for (const name of names) permissions.push({ ...whole, resourceNames: [name] });
      }
    }
  }
  for (const url of rule.nonResourceURLs ?? []) {
    for (const verb of rule.verbs ?? []) permissions.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return permissions;
}

function covers(held: PolicyRule, permission: PolicyRule): boolean {
  return (
    hasEach(held.verbs ?? [], permission.verbs ?? []) &&
    hasEach(held.apiGroups, permission.apiGroups) &&
    coversResources(held.resources, permission.resources) &&
    coversNames(held.resourceNames, permission.resourceNames) &&
    coversUrls(held.nonResourceURLs, permission.nonResourceURLs)
  );
}

function hasEach(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return held.includes(ALL) || wanted.every((value) => held.includes(value));
}

function coversResources(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (held.includes(ALL)) return true;
  return wanted.every((resource) => {
    if (held.includes(resource)) return true;
    const slash = resource.indexOf('/');
    return slash >= 0 && held.includes(`*${resource.slice(slash)}`);
  });
}

/** No names means every object, so named rights never cover an unnamed one. */
function coversNames(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (held.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => held.includes(name));
}

function coversUrls(held: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return wanted.every((url) => held.some((h) => h === url || (h.endsWith(ALL) && url.startsWith(withoutStars(h)))));
}
