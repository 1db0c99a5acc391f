import { isJsonObject } from './decode-json.js';

/** What a JSON value must be; an object lists its fields, those that may be absent with `?`, and has no others. */
export type JsonShape =
  | 'string'
  | 'integer'
  | 'boolean'
  | { readonly oneOf: readonly string[] }
  | { readonly list: JsonShape }
  | { readonly map: JsonShape }
  | { readonly fields: Readonly<Record<string, JsonShape>> };

/** Where a value does not have its shape, and how: `spec.names[2].type: it is missing`. Undefined where it has. */
export function shapeProblem(value: unknown, shape: JsonShape, path: string): string | undefined {
  if (typeof shape === 'string') {
    const fits = shape === 'integer' ? Number.isSafeInteger(value) : typeof value === shape;
    return fits ? undefined : mustBe(value, path, WORDS[shape]);
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) return mustBe(value, path, 'a list');
    return firstOf(value.entries(), ([i, entry]) => shapeProblem(entry, shape.list, `${path}[${i}]`));
  }
  if ('map' in shape) {
    if (!isJsonObject(value)) return mustBe(value, path, 'an object');
    return firstOf(Object.entries(value), ([name, entry]) =>
      shapeProblem(entry, shape.map, `${path}[${JSON.stringify(name)}]`),
    );
  }
  if ('fields' in shape) return fieldsProblem(value, shape.fields, path);
  return typeof value === 'string' && shape.oneOf.includes(value)
    ? undefined
    : mustBe(value, path, `one of ${shape.oneOf.join(', ')}`);
}

const WORDS = { string: 'text', integer: 'an integer', boolean: 'true or false' } as const;

function fieldsProblem(value: unknown, fields: Readonly<Record<string, JsonShape>>, path: string): string | undefined {
  if (!isJsonObject(value)) return mustBe(value, path, 'an object');
  const known = new Set<string>();
  for (const [key, shape] of Object.entries(fields)) {
    const optional = key.endsWith('?');
    const name = optional ? key.slice(0, -1) : key;
    known.add(name);
    if (!Object.hasOwn(value, name)) {
      if (!optional) return `${path}.${name}: it is missing`;
      continue;
    }
    const problem = shapeProblem(value[name], shape, `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  const unknown = Object.keys(value).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `${path}: it has an unknown field ${shownValue(unknown)}`;
}

function firstOf<T>(items: Iterable<T>, problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function mustBe(value: unknown, path: string, what: string): string {
  return `${path}: it is ${shownValue(value)}, and must be ${what}`;
}

/** A value for a message: short, and never a whole object. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object') return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
