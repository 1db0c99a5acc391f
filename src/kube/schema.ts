/** Types that are no message of their own. `any` is free-form JSON, kept as it came. */
export type ScalarType =
  | 'string'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  | 'fieldsV1'
  | 'rawExtension'
  | 'any';

/** A scalar, or another message; a function where messages refer to each other. */
export type FieldType = ScalarType | MessageSchema | (() => MessageSchema);

/**
 * Bounds of a value, in the words of JSON schema. Those of strings and numbers hold for each item of a list and each
 * value of a map; those of lists for each value of a map of lists.
 */
export interface Bounds {
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** For both JavaScript and Go's RE2. */
  readonly pattern?: string;
  readonly format?: 'date-time';
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * One field of a message: its JSON name, its protobuf number, and what the API machinery must know of it. One table
 * drives JSON decoding, protobuf, strategic merge, server-side apply and OpenAPI, so that they cannot disagree.
 */
export interface FieldSchema {
  readonly name: string;
  /** Protobuf field number. */
  readonly number: number;
  /**
   * Where Go embeds a struct, protobuf has a message of its own and JSON has none: the number of that message, within
   * which `number` counts.
   */
  readonly embeddedIn?: number;
  readonly type: FieldType;
  /** What `kubectl explain` says. */
  readonly description: string;
  /** A list of `type`. Together with `map`: a map from string to lists of strings (`extra` of a user). */
  readonly repeated?: true;
  /** A map from string to `type`. */
  readonly map?: true;
  /** The zero value differs from absence (a pointer in Go); an empty list does so too, but not in protobuf. */
  readonly pointer?: true;
  /** Written even when empty: `""`, `0`, `false`, `{}`, and `null` for lists, maps, times and bytes. */
  readonly always?: true;
  /** Required in OpenAPI. */
  readonly required?: true;
  readonly patchStrategy?: 'merge' | 'retainKeys' | 'merge,retainKeys';
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  readonly enum?: readonly string[];
  /** Held to by kinds of ours (registry/custom); those of Kubernetes have rules of their own. */
  readonly bounds?: Bounds;
  /** What stands for an absent value: as a key of a list, and for kinds of ours in what is stored. */
  readonly default?: string | number | boolean;
  /** The Go type of one value, where decoding errors print another than the obvious one, such as `v1.KeyUsage`. */
  readonly goType?: string;
}

/**
 * A message: a Kubernetes type. `name` is its OpenAPI name, such as `io.k8s.api.core.v1.ConfigMap`. The message of a
 * whole object does not list `kind` and `apiVersion`: they are no part of its protobuf form, and every codec adds them.
 */
export interface MessageSchema {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldSchema[];
  /** The whole message is one value for patches and apply. */
  readonly mapType?: 'atomic';
}

/** The name of a message's Go type, as decoding errors print it: the last part of its OpenAPI name. */
export function goNameOf(message: MessageSchema): string {
  return message.name.slice(message.name.lastIndexOf('.') + 1);
}

/** The message a field holds; undefined for a scalar. */
export function messageOfField(field: FieldSchema): MessageSchema | undefined {
  if (typeof field.type === 'string') return undefined;
  return typeof field.type === 'function' ? field.type() : field.type;
}

const byName = new WeakMap<MessageSchema, ReadonlyMap<string, FieldSchema>>();

/** A message's field by its JSON name. */
export function fieldNamed(message: MessageSchema, name: string): FieldSchema | undefined {
  let fields = byName.get(message);
  if (fields === undefined) {
    fields = new Map(message.fields.map((f) => [f.name, f]));
    byName.set(message, fields);
  }
  return fields.get(name);
}
