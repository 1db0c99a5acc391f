import { isJsonObject } from '../decode-json.js';
import { type FieldSet, LEAF, nodeOf, NO_FIELDS, union } from './field-set.js';
import { fieldElement, type PathElement } from './path-element.js';
import { ANY_SHAPE, elementOf, hasParts, shapeBelow, type ValueShape } from './value-shape.js';

/**
 * The paths that somebody owns who applies `value`: of every single value, every item of a list with identities, every
 * entry of a map, and of objects that are empty. What is below a path of `ignored` is left out.
 */
export function extractFields(shape: ValueShape, value: unknown, ignored: FieldSet = NO_FIELDS): FieldSet {
  if (!hasParts(shape)) return LEAF;
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return NO_FIELDS;
    const items = new Map<PathElement, FieldSet>();
    value.forEach((item: unknown, i) => {
      const element = elementOf(shape, item, i);
      const below = union(LEAF, extractFields(shape.item, item));
      const twin = items.get(element);
      items.set(element, twin === undefined ? below : union(twin, below));
    });
    return nodeOf(false, items);
  }
  if (!isJsonObject(value)) return NO_FIELDS;
  const fields = new Map<PathElement, FieldSet>();
  for (const name of Object.keys(value)) {
    const below = value[name];
    const element = fieldElement(name);
    const skipped = ignored.children.get(element);
    if (below === undefined || skipped?.owned === true) continue;
    const set = extractFields(shapeBelow(shape, name) ?? ANY_SHAPE, below, skipped);
    const ends = shape.kind === 'map' || below === null || (isJsonObject(below) && Object.keys(below).length === 0);
    const whole = ends ? union(LEAF, set) : set;
    if (whole.owned || whole.children.size > 0) fields.set(element, whole);
  }
  return nodeOf(false, fields);
}
