import { deleteOptionsSchema, listSchemaOf, statusSchema } from '../../kube/object-meta-schema.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';

/** A JSON document, or a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** What identifies a kind, in the order in which OpenAPI documents of Kubernetes write it. */
export interface GroupVersionKind {
  readonly group: string;
  readonly kind: string;
  readonly version: string;
}

/** A message that stands for whole objects. */
export interface DescribedKind {
  readonly gvk: GroupVersionKind;
  readonly schema: MessageSchema;
  /** Lists of them are answered too. */
  readonly listed: boolean;
}

/** Where the two versions of OpenAPI keep their schemas. */
export type RefPrefix = '#/components/schemas/' | '#/definitions/';

/** The schema of every patch body. */
export const PATCH_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

const CORE_STATUS: GroupVersionKind = { group: '', kind: 'Status', version: 'v1' };
const CORE_DELETE_OPTIONS: GroupVersionKind = { group: '', kind: 'DeleteOptions', version: 'v1' };

/** The schemas of some kinds, of their lists, and of all that these refer to, by name in order. */
export function componentsOf(kinds: readonly DescribedKind[], prefix: RefPrefix): Json {
  const roots: (readonly [MessageSchema, GroupVersionKind])[] = [
    [statusSchema, CORE_STATUS],
    [deleteOptionsSchema, CORE_DELETE_OPTIONS],
  ];
  for (const { gvk, schema, listed } of kinds) {
    roots.push([schema, gvk]);
    if (listed) roots.push([listSchemaOf(schema), { ...gvk, kind: `${gvk.kind}List` }]);
  }
  const components = new Map<string, Json>([[PATCH_NAME, PATCH]]);
  for (const [schema, gvk] of roots) components.set(schema.name, kindSchema(schema, gvk, prefix));
  const pending = roots.map(([schema]) => schema);
  for (let message = pending.pop(); message !== undefined; message = pending.pop()) {
    for (const field of message.fields) {
      const inner = messageOfField(field);
      if (inner === undefined || components.has(inner.name)) continue;
      components.set(inner.name, messageSchema(inner, prefix));
      pending.push(inner);
    }
  }
  return Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PATCH: Json = {
  description: 'A change of an object; its content type says in which form.',
  type: 'object',
};

const TYPE_META: Json = {
  apiVersion: {
    description: 'Version of the API in which this object is written, such as v1 or certificates.k8s.io/v1.',
    type: 'string',
  },
  kind: { description: 'What kind of object this is. It cannot be changed.', type: 'string' },
};

function kindSchema(message: MessageSchema, gvk: GroupVersionKind, prefix: RefPrefix): Json {
  const schema = messageSchema(message, prefix);
  // messageSchema always writes properties, an object by name.
  const properties = { ...TYPE_META, ...(schema['properties'] as Json) };
  return { ...schema, properties, 'x-kubernetes-group-version-kind': [gvk] };
}

function messageSchema(message: MessageSchema, prefix: RefPrefix): Json {
  const required = message.fields.filter((f) => f.required === true).map((f) => f.name);
  return {
    description: message.description,
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(message.fields.map((f) => [f.name, propertySchema(f, prefix)])),
    ...(message.mapType === undefined ? {} : { 'x-kubernetes-map-type': message.mapType }),
  };
}

function propertySchema(field: FieldSchema, prefix: RefPrefix): Json {
  return {
    description: field.description,
    ...(field.default === undefined ? {} : { default: field.default }),
    ...shapeOf(field, prefix),
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
  };
}

function shapeOf(field: FieldSchema, prefix: RefPrefix): Json {
  const { minItems, maxItems, maxProperties, ...ofItem } = field.bounds ?? {};
  const item = { ...itemSchema(field, prefix), ...ofItem };
  const value =
    field.repeated === true
      ? {
          type: 'array',
          items: item,
          ...(minItems === undefined ? {} : { minItems }),
          ...(maxItems === undefined ? {} : { maxItems }),
        }
      : item;
  if (field.map !== true) return value;
  return {
    type: 'object',
    additionalProperties: value,
    ...(maxProperties === undefined ? {} : { maxProperties }),
  };
}

function itemSchema(field: FieldSchema, prefix: RefPrefix): Json {
  const message = messageOfField(field);
  if (message !== undefined) {
    const ref = { $ref: prefix + message.name };
    // In OpenAPI 3.0 nothing may stand beside a $ref; in 2.0 Kubernetes has always written it so.
    return prefix === '#/definitions/' ? ref : { allOf: [ref] };
  }
  const values = field.enum === undefined ? {} : { enum: field.enum };
  switch (field.type) {
    case 'string':
      return { type: 'string', ...values };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: field.type };
    case 'bool':
      return { type: 'boolean' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'quantity':
      return either(prefix, {}, 'string', 'number');
    case 'intOrString':
      return either(prefix, { format: 'int-or-string' }, 'integer', 'string');
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      return { type: 'object' };
  }
}

/** A value of one of two types; OpenAPI 2.0 cannot say that, and calls it a string. */
function either(prefix: RefPrefix, common: Json, first: string, second: string): Json {
  if (prefix === '#/definitions/') return { type: 'string', ...common };
  return { ...common, oneOf: [{ type: first }, { type: second }] };
}
