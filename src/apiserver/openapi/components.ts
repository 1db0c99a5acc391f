import { deleteOptionsSchema, listSchemaOf, statusSchema } from '../../kube/object-meta-schema.js';
import { type Json, type JsonSchemaForm, jsonSchemaOf } from '../../kube/json-schema.js';
import { messageOfField, type MessageSchema } from '../../kube/schema.js';

export type { Json } from '../../kube/json-schema.js';

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
  return jsonSchemaOf(message, formOf(prefix));
}

function formOf(prefix: RefPrefix): JsonSchemaForm {
  const isVersion2 = prefix === '#/definitions/';
  return {
    ofMessage: ({ name }) => {
      const ref = { $ref: prefix + name };
      // In OpenAPI 3.0 nothing may stand beside a $ref; in 2.0 Kubernetes has always written it so.
      return isVersion2 ? ref : { allOf: [ref] };
    },
    // OpenAPI 2.0 cannot say that something is of one of two types, and calls it a string.
    either: (first, second) => (isVersion2 ? { type: 'string' } : { oneOf: [{ type: first }, { type: second }] }),
  };
}
