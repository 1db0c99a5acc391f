import { isJsonObject } from '../decode-json.js';
import { setOwn } from '../unset-values.js';
import { type FieldSet, nodeOf, sortedChildren, union } from './field-set.js';
import { parsePathElement, type PathElement } from './path-element.js';

/** FieldsV1: a set of paths as JSON. An empty object is a path that ends there, `.` one that others go on from. */
export type FieldsV1 = Readonly<Record<string, unknown>>;

/** Reads a set; undefined for what is none. Elements of types that nobody knows are left out. */
export function parseFieldsV1(json: unknown): FieldSet | undefined {
  return isJsonObject(json) ? parseNode(json, false) : undefined;
}

function parseNode(json: FieldsV1, owned: boolean): FieldSet | undefined {
  const children = new Map<PathElement, FieldSet>();
  for (const name of Object.keys(json)) {
    if (name === '.') continue;
    const found = parsePathElement(name);
    const below = json[name];
    if (!isJsonObject(below)) return undefined;
    if (found.kind !== 'element') {
      if (found.kind === 'malformed') return undefined;
      continue;
    }
    const ends = Object.hasOwn(below, '.') || Object.keys(below).length === 0;
    const child = parseNode(below, ends);
    if (child === undefined) return undefined;
    if (!child.owned && child.children.size === 0) continue;
    const twin = children.get(found.element);
    children.set(found.element, twin === undefined ? child : union(twin, child));
  }
  return nodeOf(owned, children);
}

/** Writes a set, its elements sorted. */
export function formatFieldsV1(set: FieldSet): FieldsV1 {
  const json: Record<string, unknown> = {};
  for (const [element, child] of sortedChildren(set)) {
    const below = formatFieldsV1(child);
    const ends = child.owned && child.children.size > 0;
    setOwn(json, element, ends ? { '.': {}, ...below } : below);
  }
  return json;
}
