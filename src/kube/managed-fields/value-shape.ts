import { isJsonObject } from '../decode-json.js';
import { fieldNamed, messageOfField, type FieldSchema, type MessageSchema, type ScalarType } from '../schema.js';
import { indexElement, keyElement, type PathElement, valueElement } from './path-element.js';

/** How server-side apply sees a value: what it consists of, and what of it has owners of its own. */
export type ValueShape =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'message'; readonly message: MessageSchema; readonly atomic: boolean }
  | { readonly kind: 'map'; readonly item: ValueShape; readonly atomic: boolean }
  | ListShape;

/** A list: of one owner as a whole, a set of values, or items told apart by keys. */
export interface ListShape {
  readonly kind: 'list';
  readonly item: ValueShape;
  readonly identity: 'atomic' | 'set' | 'keys';
  readonly keys: readonly string[];
}

/** What is known of a value that no schema names: it is one value. */
export const ANY_SHAPE: ValueShape = { kind: 'scalar', type: 'any' };

/** The shape of a whole object. */
export function shapeOfObject(schema: MessageSchema): ValueShape {
  return { kind: 'message', message: schema, atomic: false };
}

const shapes = new WeakMap<FieldSchema, ValueShape>();

/** The shape of a field's value. */
export function shapeOfField(field: FieldSchema): ValueShape {
  let shape = shapes.get(field);
  if (shape === undefined) {
    shape = makeShape(field);
    shapes.set(field, shape);
  }
  return shape;
}

function makeShape(field: FieldSchema): ValueShape {
  const single = shapeOfSingle(field);
  if (field.map === true) {
    const item: ValueShape =
      field.repeated === true ? { kind: 'list', item: single, identity: 'atomic', keys: [] } : single;
    return { kind: 'map', item, atomic: field.mapType === 'atomic' };
  }
  if (field.repeated !== true) return single;
  const { listType = 'atomic', listMapKeys: keys = [] } = field;
  return { kind: 'list', item: single, identity: listType === 'map' ? 'keys' : listType, keys };
}

function shapeOfSingle(field: FieldSchema): ValueShape {
  if (typeof field.type === 'string') return { kind: 'scalar', type: field.type };
  const message = messageOfField(field);
  if (message === undefined) return ANY_SHAPE;
  return { kind: 'message', message, atomic: message.mapType === 'atomic' || field.mapType === 'atomic' };
}

/** The shape of what stands under a name; undefined where the schema knows no such field. */
export function shapeBelow(
  shape: Extract<ValueShape, { kind: 'message' | 'map' }>,
  name: string,
): ValueShape | undefined {
  if (shape.kind === 'map') return shape.item;
  const field = fieldNamed(shape.message, name);
  return field === undefined ? undefined : shapeOfField(field);
}

/** Whether there are parts of a value that may have owners of their own. */
export function hasParts(shape: ValueShape): shape is Exclude<ValueShape, { kind: 'scalar' }> {
  if (shape.kind === 'scalar') return false;
  return shape.kind === 'list' ? shape.identity !== 'atomic' : !shape.atomic;
}

/** How an item of a list is told from the others, or what is wrong with it. */
export type ItemIdentity =
  { readonly kind: 'element'; readonly element: PathElement } | { readonly kind: 'problem'; readonly text: string };

/** The identity of an item of a set, or of a list with keys; a key that is not there may have a default. */
export function identityOf(shape: ListShape, item: unknown): ItemIdentity {
  if (shape.identity === 'set') {
    if (typeof item === 'object') return problem('associative list without keys has an element that is no scalar');
    return { kind: 'element', element: valueElement(item) };
  }
  if (!isJsonObject(item)) return problem('associative list with keys may not have non-map elements');
  const keys: Record<string, unknown> = {};
  for (const key of shape.keys) {
    const value = item[key] ?? defaultOf(shape.item, key);
    if (value === undefined) {
      return problem(
        `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
      );
    }
    keys[key] = value;
  }
  return { kind: 'element', element: keyElement(keys) };
}

/** The same for what is stored: an item without an identity has its place. */
export function elementOf(shape: ListShape, item: unknown, index: number): PathElement {
  const identity = identityOf(shape, item);
  return identity.kind === 'element' ? identity.element : indexElement(index);
}

function defaultOf(shape: ValueShape, key: string): unknown {
  return shape.kind === 'message' ? fieldNamed(shape.message, key)?.default : undefined;
}

function problem(text: string): ItemIdentity {
  return { kind: 'problem', text };
}
