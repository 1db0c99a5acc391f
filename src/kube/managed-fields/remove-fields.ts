import { isJsonObject } from '../decode-json.js';
import { fieldNamed } from '../schema.js';
import { setOwn } from '../unset-values.js';
import { type FieldSet, isEmptySet, nodeOf } from './field-set.js';
import { fieldElement, type PathElement } from './path-element.js';
import { ANY_SHAPE, elementOf, hasParts, shapeBelow, type ValueShape } from './value-shape.js';

/** A value without the paths of a set and all that is below of them; undefined where nothing is left. */
export function removeFields(shape: ValueShape, value: unknown, fields: FieldSet): unknown {
  if (isEmptySet(fields) || !hasParts(shape)) return value;
  if (shape.kind === 'list') {
    if (!Array.isArray(value) || value.length === 0) return value;
    const kept: unknown[] = [];
    value.forEach((item: unknown, i) => {
      const below = fields.children.get(elementOf(shape, item, i));
      if (below?.owned === true) return;
      const rest = below === undefined ? item : removeFields(shape.item, item, below);
      if (rest !== undefined) kept.push(rest);
    });
    return kept.length === 0 ? undefined : kept;
  }
  if (!isJsonObject(value) || Object.keys(value).length === 0) return value;
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const below = fields.children.get(fieldElement(name));
    if (below?.owned === true) continue;
    const rest =
      below === undefined ? value[name] : removeFields(shapeBelow(shape, name) ?? ANY_SHAPE, value[name], below);
    if (rest !== undefined) setOwn(kept, name, rest);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The set, and the named fields of messages on the way to its paths: whoever owns `.data.k` also holds `.data`. */
export function withNamedFields(shape: ValueShape, set: FieldSet): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const below = withNamedFields(shapeAt(shape, element), child);
    const named =
      shape.kind === 'message' && element.startsWith('f:') && fieldNamed(shape.message, element.slice(2)) !== undefined;
    children.set(element, named ? nodeOf(true, below.children) : below);
  }
  return nodeOf(set.owned, children);
}

function shapeAt(shape: ValueShape, element: PathElement): ValueShape {
  if (shape.kind === 'scalar') return ANY_SHAPE;
  if (shape.kind === 'list') return shape.item;
  return shapeBelow(shape, element.slice(2)) ?? ANY_SHAPE;
}
