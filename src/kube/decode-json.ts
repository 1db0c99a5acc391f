import { decodeBase64, toBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';
import { MAX_STRICT_FINDINGS } from './duplicate-fields.js';
import type { KubeObject } from './object-meta.js';
import { isTooDeep } from './parse-json.js';
import { canonicalQuantity } from './quantity.js';
import { fieldNamed, goNameOf, messageOfField, type FieldSchema, type MessageSchema } from './schema.js';
import { formatMicroTime, formatTime, readMicroTime, readTime, ZERO_TIME } from './time.js';
import { emptyValue, isZero, setOwn } from './unset-values.js';

/** An object in the API's JSON shape, and what its JSON had that the schema has not, as dotted paths. */
export interface DecodedObject<T = KubeObject> {
  readonly object: T;
  readonly unknownFields: readonly string[];
}

/** JSON values keyed by name, as JSON.parse makes them: every name is an own property. */
type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Decodes parsed JSON as a Kubernetes API server does: null is absence, names are case-sensitive, values are brought
 * into their canonical form, unset fields are left out or written as the schema says, in the schema's order. `kind` and
 * `apiVersion` are kept as they are. The input is not changed; the result may share parts of it.
 * Throws OBJECT_MALFORMED with Go's text (`json: cannot unmarshal number into Go struct field ConfigMap.data of type
 * string`) for the first value, in the order of the text, that has the wrong type.
 */
export function decodeObject(schema: MessageSchema, kindName: string, json: unknown): DecodedObject {
  const decoder = new JsonDecoder(kindName, false);
  try {
    return decoder.whole(schema, json);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    // Fields are decoded in the schema's order, but the first mistake of the text is the one to name.
    return new JsonDecoder(kindName, true).whole(schema, json);
  }
}

/** Whether it is a JSON object. */
export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Where a value stands: the message that holds it, and its path. */
interface Place {
  readonly message: string;
  readonly path: string;
}

/** Without line breaks, and no bit set that stands for nothing; of a length that is a multiple of four. */
const CANONICAL_BASE64 = /^[A-Za-z0-9+/]*(?:[AEIMQUYcgkosw048]=|[AQgw]==)?$/;

class JsonDecoder {
  readonly #kindName: string;
  readonly #textOrder: boolean;
  readonly #unknown: string[] = [];

  constructor(kindName: string, textOrder: boolean) {
    this.#kindName = kindName;
    this.#textOrder = textOrder;
  }

  whole(schema: MessageSchema, json: unknown): DecodedObject {
    if (json === null) return this.whole(schema, {});
    if (!isJsonObject(json)) throw wrongRoot(schema, json);
    const { kind, apiVersion } = json;
    const root = { message: this.#kindName, path: 'kind' };
    const head: Record<string, unknown> = {};
    if (isGiven(kind)) head['kind'] = asString(kind, 'string', root);
    if (isGiven(apiVersion)) head['apiVersion'] = asString(apiVersion, 'string', { ...root, path: 'apiVersion' });
    const named = (kind === undefined ? 0 : 1) + (apiVersion === undefined ? 0 : 1);
    const object = this.#fields(schema, this.#kindName, json, '', head, named);
    // Every field has been given its type by the schema, and the schema of an object has metadata.
    return { object: object as unknown as KubeObject, unknownFields: this.#unknown };
  }

  /** Fills `into` with the fields of a message; `named` of the JSON's names have been looked at already. */
  #fields(
    schema: MessageSchema,
    goName: string,
    json: JsonObject,
    prefix: string,
    into: Record<string, unknown>,
    named: number,
  ): Record<string, unknown> {
    let known = named;
    for (const field of this.#textOrder ? fieldsAsWritten(schema, json) : schema.fields) {
      const value = json[field.name];
      if (value !== undefined) known++;
      const decoded =
        value === undefined || value === null
          ? emptyValue(field)
          : this.#field(field, value, { message: goName, path: prefix + field.name });
      if (decoded !== undefined) into[field.name] = decoded;
    }
    if (known !== Object.keys(json).length) this.#collectUnknown(schema, json, prefix);
    return into;
  }

  #collectUnknown(schema: MessageSchema, json: JsonObject, prefix: string): void {
    for (const name of Object.keys(json)) {
      if (this.#unknown.length >= MAX_STRICT_FINDINGS) return;
      const head = prefix === '' && (name === 'kind' || name === 'apiVersion');
      if (!head && fieldNamed(schema, name) === undefined) this.#unknown.push(prefix + name);
    }
  }

  /** A field that is not null; undefined when its value is the zero value and not to be written. */
  #field(field: FieldSchema, json: unknown, place: Place): unknown {
    if (field.map === true) return this.#map(field, json, place);
    if (field.repeated === true) {
      const list = this.#list(field, json, place);
      return list.length === 0 && field.pointer !== true ? emptyValue(field) : list;
    }
    const value = this.#single(field, json, place);
    return isZero(field, value) ? emptyValue(field) : value;
  }

  #list(field: FieldSchema, json: unknown, place: Place): readonly unknown[] {
    if (!Array.isArray(json)) throw wrongType(json, `[]${goTypeOf(field)}`, place);
    return json.map((item: unknown, i) =>
      this.#single(
        field,
        item,
        messageOfField(field) === undefined ? place : { ...place, path: `${place.path}[${i}]` },
      ),
    );
  }

  #map(field: FieldSchema, json: unknown, place: Place): unknown {
    if (!isJsonObject(json)) throw wrongType(json, `map[string]${goTypeOf(field)}`, place);
    const names = Object.keys(json);
    if (names.length === 0) return emptyValue(field);
    if (field.type === 'string' && field.repeated !== true && names.every((n) => typeof json[n] === 'string'))
      return json;
    const map: Record<string, unknown> = {};
    for (const name of names) {
      const item = json[name];
      if (field.repeated === true) setOwn(map, name, item === null ? [] : asStrings(item, goTypeOf(field), place));
      else setOwn(map, name, this.#single(field, item, place));
    }
    return map;
  }

  /** One value; null among the items of a list or map is the zero value. */
  #single(field: FieldSchema, json: unknown, place: Place): unknown {
    const message = messageOfField(field);
    if (message !== undefined) {
      if (json !== null && !isJsonObject(json)) throw wrongType(json, goTypeOf(field), place);
      return this.#fields(message, goNameOf(message), json ?? {}, `${place.path}.`, {}, 0);
    }
    return decodeScalar(field, json, place);
  }
}

function decodeScalar(field: FieldSchema, json: unknown, place: Place): unknown {
  switch (field.type) {
    case 'string':
      return json === null ? '' : asString(json, goTypeOf(field), place);
    case 'bool':
      if (json !== null && typeof json !== 'boolean') throw wrongType(json, goTypeOf(field), place);
      return json ?? false;
    case 'int32':
    case 'int64':
      return json === null ? 0 : asInteger(json, field.type, goTypeOf(field), place);
    case 'bytes':
      return json === null ? '' : asBytes(json, place);
    case 'time':
    case 'microTime':
      return json === null ? null : asTime(json, field.type, place);
    case 'quantity':
      return json === null ? '0' : asQuantity(json, place);
    case 'intOrString':
      return typeof json === 'string' ? json : json === null ? 0 : asInteger(json, 'int32', 'int32', place);
    default:
      // Patches can put free-form JSON together until no reader gets to its end.
      if (isTooDeep(json)) throw malformed('exceeded max depth');
      return json;
  }
}

function asString(json: unknown, goType: string, place: Place): string {
  if (typeof json !== 'string') throw wrongType(json, goType, place);
  return json;
}

/** The value of a map of lists, whose Go type has a name of its own. */
function asStrings(json: unknown, goType: string, place: Place): readonly string[] {
  if (!Array.isArray(json)) throw wrongType(json, goType, place);
  return json.map((item: unknown) => (item === null ? '' : asString(item, 'string', place)));
}

function asInteger(json: unknown, type: 'int32' | 'int64', goType: string, place: Place): number {
  if (typeof json !== 'number') throw wrongType(json, goType, place);
  // The greatest int64 has no exact number; its neighbour above stands for it.
  const limit = type === 'int32' ? 0x7fffffff : 2 ** 63;
  if (!Number.isInteger(json) || json > limit || json < (type === 'int32' ? -0x80000000 : -(2 ** 63))) {
    throw unmarshal(`number ${json}`, goType, place);
  }
  return json === 0 ? 0 : json; // no negative zero
}

function asBytes(json: unknown, place: Place): string {
  if (typeof json !== 'string') throw wrongType(json, '[]uint8', place);
  if (json.length % 4 === 0 && CANONICAL_BASE64.test(json)) return json;
  const decoded = decodeBase64(json);
  if (decoded.kind === 'invalid') throw malformed(`illegal base64 data at input byte ${decoded.offset}`);
  return toBase64(decoded.bytes);
}

function asTime(json: unknown, type: 'time' | 'microTime', place: Place): string | null {
  const text = asString(json, 'string', place);
  const result = type === 'time' ? readTime(text) : readMicroTime(text);
  if (result.kind === 'invalid') throw malformed(result.detail);
  if (result.seconds === ZERO_TIME) return null;
  return type === 'time' ? formatTime(result.seconds) : formatMicroTime(result.micros);
}

function asQuantity(json: unknown, place: Place): string {
  if (typeof json !== 'string' && typeof json !== 'number') throw wrongType(json, 'string', place);
  const result = canonicalQuantity(String(json));
  if (result.kind === 'invalid') throw malformed(result.detail);
  return result.text;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** The known fields in the order in which the JSON has them, then those it has not. */
function fieldsAsWritten(schema: MessageSchema, json: JsonObject): readonly FieldSchema[] {
  const written = Object.keys(json).flatMap((name) => fieldNamed(schema, name) ?? []);
  return [...written, ...schema.fields.filter((f) => !Object.hasOwn(json, f.name))];
}

/** The Go type of one item of a field, as decoding errors print it. */
function goTypeOf(field: FieldSchema): string {
  if (field.goType !== undefined) return field.goType;
  const message = messageOfField(field);
  if (message !== undefined) return message.name.split('.').slice(-2).join('.');
  if (field.map === true && field.repeated === true) return '[]string';
  return field.type === 'bytes' ? '[]uint8' : typeof field.type === 'string' ? field.type : '';
}

function wrongRoot(schema: MessageSchema, json: unknown): Error {
  return malformed(
    `json: cannot unmarshal ${jsonTypeOf(json)} into Go value of type ${schema.name.split('.').slice(-2).join('.')}`,
  );
}

function wrongType(json: unknown, goType: string, place: Place): Error {
  return unmarshal(jsonTypeOf(json), goType, place);
}

function unmarshal(what: string, goType: string, { message, path }: Place): Error {
  // Go names fields, not places in lists.
  const field = path.replaceAll(/\[[0-9]+\]/g, '');
  return malformed(`json: cannot unmarshal ${what} into Go struct field ${message}.${field} of type ${goType}`);
}

function malformed(text: string): Error {
  return new CountersignError('OBJECT_MALFORMED', text);
}

function jsonTypeOf(json: unknown): string {
  if (Array.isArray(json)) return 'array';
  if (json === null) return 'null';
  return typeof json === 'boolean' ? 'bool' : typeof json;
}
