/**
 * Whether two JSON values say the same: the order of names does not matter, and an undefined property is an absent one.
 */
export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => equalValues(item, b[i]));
  }
  return hasAllOf(a, b) && countOf(a) === countOf(b);
}

function hasAllOf(a: object, b: object): boolean {
  for (const [name, value] of Object.entries(a)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(b, name)) return false;
    // looked up by an own name: any JSON value
    if (!equalValues(value, (b as Readonly<Record<string, unknown>>)[name])) return false;
  }
  return true;
}

function countOf(object: object): number {
  let count = 0;
  for (const value of Object.values(object)) if (value !== undefined) count++;
  return count;
}
