/**
 * Whether two JSON values mean the same to the API machinery: absent, null, and empty lists and maps are equal
 * (Kubernetes' semantic equality); everything else is compared by value, the order of keys aside.
 */
export function equalSemantically(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && equalLists(a, b);
  // Neither is null nor a list, so both are plain objects of JSON.
  return equalMaps(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => equalSemantically(item, b[i]));
}

function equalMaps(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const key of Object.keys(a)) if (!equalSemantically(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !isEmpty(b[key])) return false;
  return true;
}

function isEmpty(value: unknown): value is undefined | null | object {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
