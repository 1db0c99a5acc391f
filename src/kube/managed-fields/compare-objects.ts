import { isJsonObject } from '../decode-json.js';
import { equalValues } from '../equal-values.js';
import { type FieldSet, FieldSetBuilder, NO_FIELDS } from './field-set.js';
import { fieldElement, type PathElement } from './path-element.js';
import { ANY_SHAPE, elementOf, hasParts, type ListShape, shapeBelow, type ValueShape } from './value-shape.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** In which paths two objects differ. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * Compares two states of an object. An object or list that is new, or gone, is a path of its own besides those within.
 * What is below a path of `ignored` is not looked at.
 */
export function compareObjects(
  shape: ValueShape,
  before: unknown,
  after: unknown,
  ignored: FieldSet = NO_FIELDS,
): Comparison {
  const walk = new ComparingWalk();
  walk.compare(shape, before, after, ignored);
  return walk;
}

class ComparingWalk implements Comparison {
  readonly added: FieldSetBuilder = new FieldSetBuilder();
  readonly modified: FieldSetBuilder = new FieldSetBuilder();
  readonly removed: FieldSetBuilder = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  compare(shape: ValueShape, before: unknown, after: unknown, ignored: FieldSet): void {
    if (before === after) return;
    if (!hasParts(shape)) this.#one(before, after);
    else if (shape.kind === 'list') {
      const old = Array.isArray(before) ? before : [];
      const next = Array.isArray(after) ? after : [];
      // what is empty on both sides may still be null on one, and absent on the other
      if (old.length === 0 && next.length === 0) this.#one(before, after);
      else {
        this.#items(shape, old, next);
        this.#itself(before, after);
      }
    } else {
      const old = isJsonObject(before) ? before : {};
      const next = isJsonObject(after) ? after : {};
      const names = namesOf(old, next);
      if (names.length === 0) this.#one(before, after);
      else {
        for (const name of names) {
          const below = shapeBelow(shape, name) ?? ANY_SHAPE;
          this.#below(fieldElement(name), below, ownValue(old, name), ownValue(next, name), ignored);
        }
        this.#itself(before, after);
      }
    }
  }

  #below(element: PathElement, shape: ValueShape, before: unknown, after: unknown, ignored: FieldSet): void {
    const skipped = ignored.children.get(element);
    if (skipped?.owned === true) return;
    this.#path.push(element);
    this.compare(shape, before, after, skipped ?? NO_FIELDS);
    this.#path.pop();
  }

  #items(shape: ListShape, before: readonly unknown[], after: readonly unknown[]): void {
    const old = byElement(shape, before);
    const next = byElement(shape, after);
    for (const element of new Set([...old.keys(), ...next.keys()])) {
      const was = old.get(element) ?? [];
      const is = next.get(element) ?? [];
      if (was.length <= 1 && is.length <= 1) this.#below(element, shape.item, was[0], is[0], NO_FIELDS);
      else {
        // what stands more than once is compared as a whole
        this.#path.push(element);
        this.#one(was.length === 0 ? undefined : was, is.length === 0 ? undefined : is);
        this.#path.pop();
      }
    }
  }

  #one(before: unknown, after: unknown): void {
    if (before !== undefined && after !== undefined) {
      if (!equalValues(before, after)) this.modified.insert(this.#path);
    } else this.#itself(before, after);
  }

  #itself(before: unknown, after: unknown): void {
    if (before === undefined && after !== undefined) this.added.insert(this.#path);
    else if (after === undefined && before !== undefined) this.removed.insert(this.#path);
  }
}

function byElement(shape: ListShape, list: readonly unknown[]): ReadonlyMap<PathElement, readonly unknown[]> {
  const items = new Map<PathElement, unknown[]>();
  list.forEach((item, i) => {
    const element = elementOf(shape, item, i);
    const twins = items.get(element);
    if (twins === undefined) items.set(element, [item]);
    else twins.push(item);
  });
  return items;
}

/** The names that have a value in either. */
function namesOf(a: JsonObject, b: JsonObject): readonly string[] {
  const names = Object.keys(a).filter((name) => a[name] !== undefined);
  for (const name of Object.keys(b)) {
    if (b[name] !== undefined && ownValue(a, name) === undefined) names.push(name);
  }
  return names;
}

function ownValue(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
