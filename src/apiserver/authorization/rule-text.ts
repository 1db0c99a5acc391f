import type { PolicyRule } from '../../registry/roles/validate-rules.js';

/** Joins single permissions on the same resource and name into one rule with all verbs; leaves the rest alone. */
export function compactRules(permissions: readonly PolicyRule[]): readonly PolicyRule[] {
  const others: PolicyRule[] = [];
  const byResource = new Map<string, PolicyRule>();
  for (const rule of permissions) {
    const key = simpleKey(rule);
    if (key === undefined) {
      others.push(rule);
      continue;
    }
    const known = byResource.get(key);
    byResource.set(key, known === undefined ? rule : withVerbsOf(known, rule));
  }
  return [...others, ...byResource.values()];
}

function withVerbsOf(rule: PolicyRule, other: PolicyRule): PolicyRule {
  return { ...rule, verbs: [...(rule.verbs ?? []), ...(other.verbs ?? [])] };
}

/** What makes two rules the same but for their verbs; undefined for a rule about several things. */
function simpleKey(rule: PolicyRule): string | undefined {
  const names = rule.resourceNames ?? [];
  if (rule.apiGroups?.length !== 1 || rule.resources?.length !== 1) return undefined;
  if (names.length > 1 || (rule.nonResourceURLs?.length ?? 0) > 0) return undefined;
  return JSON.stringify([rule.apiGroups, rule.resources, names]);
}

/** `{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`, as the server prints rules. */
export function ruleText(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | null | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = parts.flatMap(([label, values]) =>
    values === undefined || values === null || values.length === 0 ? [] : [`${label}:${quotedList(values)}`],
  );
  return `{${shown.join(', ')}}`;
}

/** `["a" "b"]`, as Go prints a list of quoted strings. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map((v) => JSON.stringify(v)).join(' ')}]`;
}
