import { isJsonObject } from '../decode-json.js';
import { sortedJson } from './sorted-json.js';

/**
 * One step of a path, as FieldsV1 spells it: `f:name` for a field or an entry of a map, `k:{"name":"a"}` for an item of
 * a list that is told apart by keys, `v:"x"` for an item of a set, `i:0` for an item that has only its place.
 */
export type PathElement = string;

/** A field of a message, or an entry of a map. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** An item of a list by the values of its keys. */
export function keyElement(keys: Readonly<Record<string, unknown>>): PathElement {
  return `k:${sortedJson(keys)}`;
}

/** An item of a set. */
export function valueElement(value: unknown): PathElement {
  return `v:${sortedJson(value)}`;
}

/** An item of a list by its place. */
export function indexElement(index: number): PathElement {
  return `i:${index}`;
}

/**
 * An element as a client wrote it, in the one form in which it is compared. `malformed` for what cannot be read,
 * `unknown` for a type of element that a later version may know.
 */
export function parsePathElement(
  text: string,
): { readonly kind: 'element'; readonly element: PathElement } | { readonly kind: 'malformed' | 'unknown' } {
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return { kind: 'element', element: text };
    case 'i:':
      return /^-?[0-9]{1,15}$/.test(rest) ? { kind: 'element', element: indexElement(Number(rest)) } : MALFORMED;
    case 'k:': {
      const keys = parsed(rest);
      return isJsonObject(keys) ? { kind: 'element', element: keyElement(keys) } : MALFORMED;
    }
    case 'v:': {
      const value = parsed(rest);
      return value === undefined ? MALFORMED : { kind: 'element', element: valueElement(value) };
    }
    default:
      return text[1] === ':' ? { kind: 'unknown' } : MALFORMED;
  }
}

const MALFORMED = { kind: 'malformed' } as const;

/** The order of elements within a set: fields, keys, values, places; each by its text. */
export function compareElements(a: PathElement, b: PathElement): number {
  const kinds = 'fkvi';
  const byKind = kinds.indexOf(a.charAt(0)) - kinds.indexOf(b.charAt(0));
  if (byKind !== 0) return byKind;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A path as conflicts and refusals print it: `.spec.ports[port=80,protocol="TCP"].name`, `.metadata.finalizers[="x"]`. */
export function showPath(path: readonly PathElement[]): string {
  return path.map(shown).join('');
}

function shown(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`;
    case 'k:': {
      const keys = parsed(rest);
      const pairs = isJsonObject(keys) ? Object.keys(keys).map((name) => `${name}=${sortedJson(keys[name])}`) : [];
      return `[${pairs.join(',')}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: the caller says so
  }
}
