import { isJsonObject } from './decode-json.js';
import { goFormat, goTypeName } from './go-format.js';
import { fieldNamed, messageOfField, type FieldSchema, type MessageSchema } from './schema.js';
import { badRequest, failure, StatusError } from './status.js';
import { orderLists } from './strategic-order.js';
import { setOwn } from './unset-values.js';

type JsonObject = Readonly<Record<string, unknown>>;

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const SET_ORDER = '$setElementOrder';

/**
 * Applies a strategic merge patch to an object of `schema`, in its JSON shape: objects are merged, null deletes, lists
 * are replaced or merged as the schema says, and the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and
 * `$deleteFromPrimitiveList/…` are followed, also inside of what is new. Neither argument is changed; the result may
 * share parts of both. Throws StatusError for a patch that cannot be followed: 400 for a malformed one, 422 for lists of
 * lists, else 500 with the API server's text.
 */
export function strategicMerge(schema: MessageSchema, target: object, patch: object): object {
  if (!isJsonObject(patch)) {
    throw badRequest('json: cannot unmarshal array into Go value of type map[string]interface {}');
  }
  return mergeObjects({ message: schema, retainKeys: false }, isJsonObject(target) ? target : {}, patch);
}

/** What is known of an object: its message, or nothing for a map and free-form JSON. */
interface Shape {
  readonly message: MessageSchema | undefined;
  readonly retainKeys: boolean;
}

function shapeOf(field: FieldSchema | undefined): Shape {
  return {
    message: field === undefined || field.map === true ? undefined : messageOfField(field),
    retainKeys: field?.patchStrategy?.includes('retainKeys') === true,
  };
}

function mergeObjects(shape: Shape, target: JsonObject, patch: JsonObject): JsonObject {
  if (Object.hasOwn(patch, PATCH)) {
    const directive = patch[PATCH];
    if (directive === 'delete') return {};
    if (directive === 'replace') return mergeObjects(shape, {}, without(patch, PATCH));
    if (directive !== 'merge') throw unknownDirective(directive, patch);
    return mergeObjects(shape, target, without(patch, PATCH));
  }
  const retained = shape.retainKeys ? retainedNames(patch) : undefined;
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(target)) {
    if (retained?.has(name) !== false) setOwn(merged, name, target[name]);
  }
  const done = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (key === RETAIN_KEYS && retained !== undefined) continue;
    const name = fieldOf(key);
    if (done.has(name)) continue;
    done.add(name);
    const field = shape.message === undefined ? undefined : fieldNamed(shape.message, name);
    const value = mergeField(field, own(merged, name), patch, name);
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else setOwn(merged, name, value);
  }
  return merged;
}

/** The value of one field after the patch; undefined when there is none. */
function mergeField(field: FieldSchema | undefined, target: unknown, patch: JsonObject, name: string): unknown {
  const value = own(patch, name);
  const order = own(patch, `${SET_ORDER}/${name}`);
  const deleted = own(patch, `${DELETE_FROM}/${name}`);
  if (value === null) return undefined;
  let merged = value === undefined ? target : mergeValues(field, target, value);
  if (order !== undefined) merged = inOrder(field, target, value, merged, order);
  if (deleted === undefined || merged === undefined) return merged;
  if (!Array.isArray(deleted) || !Array.isArray(merged)) throw badRequest('invalid patch format of primitive list');
  const gone = new Set<unknown>(deleted);
  return merged.filter((item) => !gone.has(item));
}

/** A value of the patch over what was there; what is of another type, or was not there, is replaced. */
function mergeValues(field: FieldSchema | undefined, target: unknown, patch: unknown): unknown {
  if (isJsonObject(patch)) return mergeObjects(shapeOf(field), isJsonObject(target) ? target : {}, patch);
  if (!Array.isArray(patch)) return patch;
  if (field?.repeated !== true || field.map === true || field.patchStrategy?.includes('merge') !== true) return patch;
  return mergeLists(field, Array.isArray(target) ? target : [], patch);
}

function mergeLists(field: FieldSchema, target: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  if (target.length === 0 && patch.length === 0) return target;
  assertOneType(target, patch);
  const first = target[0] ?? patch[0];
  if (!isJsonObject(first)) {
    return orderLists([...new Set([...target, ...patch])], patch, target, (item) => item);
  }
  const key = field.patchMergeKey;
  if (key === undefined) throw patchError('cannot merge lists without merge key for type struct');
  return mergeItems(field, key, target.filter(isJsonObject), patch.filter(isJsonObject));
}

/** Merges lists of objects, told apart by the value of `key`. */
function mergeItems(
  field: FieldSchema,
  key: string,
  target: readonly JsonObject[],
  patch: readonly JsonObject[],
): readonly unknown[] {
  let replace = false;
  const gone = new Set<unknown>();
  const plain: JsonObject[] = [];
  for (const item of patch) {
    if (!Object.hasOwn(item, PATCH)) {
      plain.push(item);
      continue;
    }
    const directive = item[PATCH];
    if (directive === 'delete') gone.add(keyOf(item, key));
    else if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw patchError('merging lists cannot yet be specified in the patch');
    else throw unknownDirective(directive, item);
  }
  const shape = shapeOf(field);
  if (replace) return plain.map((item) => mergeObjects(shape, {}, item));
  const kept = gone.size === 0 ? target : target.filter((other) => !gone.has(own(other, key)));
  const merged = [...kept];
  // Places by key, for lists may be long on both sides.
  const places = new Map<unknown, number>();
  const place = (item: JsonObject, at: number): void => {
    const value = own(item, key);
    if (!places.has(value)) places.set(value, at);
  };
  merged.forEach(place);
  for (const item of plain) {
    const at = places.get(keyOf(item, key));
    const result = mergeObjects(shape, (at === undefined ? undefined : merged[at]) ?? {}, item);
    if (at === undefined) place(result, merged.push(result) - 1);
    else merged[at] = result;
  }
  return orderLists(merged, plain, kept, (item) => keyOf(item, key));
}

/** A merged list in the order that the patch asks for. */
function inOrder(
  field: FieldSchema | undefined,
  target: unknown,
  patch: unknown,
  merged: unknown,
  order: unknown,
): unknown {
  if (!Array.isArray(order)) throw patchError(`expected a []interface {}, but received a ${goTypeName(order)}`);
  for (const list of [target, patch]) {
    if (list !== undefined && !Array.isArray(list)) {
      throw patchError(`expected a []interface {}, but received a ${goTypeName(list)}`);
    }
  }
  if (!Array.isArray(merged) || field?.patchStrategy?.includes('merge') !== true) return merged;
  const key = field.patchMergeKey;
  const identity = key === undefined ? (item: unknown): unknown => item : (item: unknown): unknown => keyOf(item, key);
  assertSameOrder(Array.isArray(patch) ? patch : [], order, identity);
  return orderLists(merged, order, Array.isArray(target) ? target : [], identity);
}

/** What the patch lists must stand in the order it asks for; deletions do not count. */
function assertSameOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  identity: (item: unknown) => unknown,
): void {
  const plain = patch.filter((item) => !isJsonObject(item) || !Object.hasOwn(item, PATCH));
  if (order.length === 0) return;
  let matched = 0;
  for (const wanted of order) {
    if (matched < plain.length && identity(plain[matched]) === identity(wanted)) matched++;
  }
  if (matched === plain.length) return;
  throw patchError(
    `The order in patch list:\n${goFormat(patch)}\n doesn't match $setElementOrder list:\n${goFormat(order)}\n`,
  );
}

function assertOneType(target: readonly unknown[], patch: readonly unknown[]): void {
  const types = new Set([...target, ...patch].map(goTypeName));
  if (types.has('[]interface {}')) {
    const message = 'the server rejected our request due to an error in our request';
    throw new StatusError(failure(422, 'Invalid', message, {}));
  }
  if (types.size > 1) throw patchError(`list element types are not identical: ${goFormat([target, patch])}`);
}

/** The names to keep, all that the patch sets among them. */
function retainedNames(patch: JsonObject): ReadonlySet<unknown> | undefined {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return undefined;
  const names = patch[RETAIN_KEYS];
  const refusal = badRequest('invalid patch format of retainKeys');
  if (!Array.isArray(names)) throw refusal;
  const kept = new Set<unknown>(names);
  for (const key of Object.keys(patch)) {
    if (key !== RETAIN_KEYS && fieldOf(key) === key && patch[key] !== null && !kept.has(key)) throw refusal;
  }
  return kept;
}

/** The field that a name in a patch is about: `$setElementOrder/finalizers` is about `finalizers`. */
function fieldOf(key: string): string {
  if (key.startsWith(DELETE_FROM)) {
    if (!key.startsWith(`${DELETE_FROM}/`)) throw badRequest('invalid patch format of primitive list');
    return key.slice(DELETE_FROM.length + 1);
  }
  if (key.startsWith(SET_ORDER)) {
    if (!key.startsWith(`${SET_ORDER}/`)) throw badRequest('invalid patch format of setElementOrder list');
    return key.slice(SET_ORDER.length + 1);
  }
  return key;
}

function keyOf(item: unknown, key: string): unknown {
  if (!isJsonObject(item)) throw patchError(`expected a map[string]interface {}, but received a ${goTypeName(item)}`);
  if (Object.hasOwn(item, key)) return item[key];
  throw patchError(`map: ${goFormat(item)} does not contain declared merge key: ${key}`);
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

function unknownDirective(directive: unknown, patch: JsonObject): StatusError {
  return patchError(`unknown patch type: ${goFormat(directive)} in map: ${goFormat(patch)}`);
}

/** Kubernetes answers these with its unclassified error: 500 without a reason. */
function patchError(message: string): StatusError {
  return new StatusError(failure(500, undefined, message));
}
