import { deleteOptionsSchema, listSchemaOf, statusSchema } from '../../kube/object-meta-schema.js';
import type { MessageSchema } from '../../kube/schema.js';
import type { Resource, Subresource } from '../../registry/resource.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { PATCH_NAME, type GroupVersionKind, type Json } from './components.js';
import {
  DELETE_COLLECTION_PARAMETERS,
  DELETE_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  WRITE_PARAMETERS,
  type QueryParameter,
} from './query-parameters.js';

/** One HTTP method of one path, before it is written in either version of OpenAPI. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly id: string;
  readonly description: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly gvk: GroupVersionKind;
  readonly parameters: readonly QueryParameter[];
  /** The schema of the body, by name. */
  readonly body?: string;
  readonly bodyTypes: readonly string[];
  /** The schema of the answer, by name. */
  readonly answer: string;
  readonly code: 200 | 201;
}

/** A path and what can be done there. */
export interface PathItem {
  readonly path: string;
  readonly placeholders: readonly ('name' | 'namespace')[];
  readonly operations: readonly Operation[];
}

/** A kind that is only posted. */
export interface PostedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly schema: MessageSchema;
}

const BODY_TYPES: readonly string[] = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** `/api/v1` or `/apis/{group}/{version}`. */
export function rootOf(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The paths of a stored resource. */
export function pathsOfResource(resource: Resource): readonly PathItem[] {
  const root = rootOf(resource.group, resource.version);
  const collection = `${root}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.resource}`;
  const namespace = resource.namespaced ? (['namespace'] as const) : [];
  const items: PathItem[] = [
    { path: collection, placeholders: namespace, operations: collectionOperations(resource) },
    {
      path: `${collection}/{name}`,
      placeholders: ['name', ...namespace],
      operations: objectOperations(resource, '', ['get', 'put', 'patch', 'delete']),
    },
  ];
  if (resource.namespaced) {
    const [list] = collectionOperations(resource, 'ForAllNamespaces');
    if (list !== undefined) items.push({ path: `${root}/${resource.resource}`, placeholders: [], operations: [list] });
  }
  for (const [name, subresource] of Object.entries(resource.subresources ?? {})) {
    items.push({
      path: `${collection}/{name}/${name}`,
      placeholders: ['name', ...namespace],
      operations: subresourceOperations(resource, name, subresource),
    });
  }
  return items;
}

/** The path of a kind that is only posted. */
export function pathOfReview(review: PostedKind): PathItem {
  const { group, version, kind, resource, namespaced, schema } = review;
  return {
    path: `${rootOf(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${resource}`,
    placeholders: namespaced ? ['namespace'] : [],
    operations: [
      {
        method: 'post',
        id: operationId('create', review, kind),
        description: `Ask for a ${kind}.`,
        action: 'post',
        gvk: { group, kind, version },
        parameters: WRITE_PARAMETERS,
        body: schema.name,
        bodyTypes: BODY_TYPES,
        answer: schema.name,
        code: 201,
      },
    ],
  };
}

function collectionOperations(resource: Resource, suffix = ''): readonly Operation[] {
  const { kind, schema } = resource;
  const gvk = gvkOf(resource);
  const operations: Operation[] = [
    {
      method: 'get',
      id: operationId('list', resource, kind, suffix),
      description: `List or watch ${kind} objects.`,
      action: 'list',
      gvk,
      parameters: LIST_PARAMETERS,
      bodyTypes: [],
      answer: listSchemaOf(schema).name,
      code: 200,
    },
    {
      method: 'post',
      id: operationId('create', resource, kind),
      description: `Create a ${kind}.`,
      action: 'post',
      gvk,
      parameters: WRITE_PARAMETERS,
      body: schema.name,
      bodyTypes: BODY_TYPES,
      answer: schema.name,
      code: 201,
    },
  ];
  if (resource.deleteCollection === false) return operations;
  operations.push({
    method: 'delete',
    id: operationId('deleteCollection', resource, kind),
    description: `Delete ${kind} objects.`,
    action: 'deletecollection',
    gvk,
    parameters: DELETE_COLLECTION_PARAMETERS,
    body: deleteOptionsSchema.name,
    bodyTypes: BODY_TYPES,
    answer: statusSchema.name,
    code: 200,
  });
  return operations;
}

type ObjectMethod = 'get' | 'put' | 'patch' | 'delete';

const OBJECT_VERBS: Readonly<Record<ObjectMethod, string>> = {
  get: 'read',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
};

function objectOperations(
  resource: Resource,
  subresource: string,
  methods: readonly ObjectMethod[],
): readonly Operation[] {
  const part = subresource === '' ? '' : `${subresource} of a `;
  return methods.map((method) => ({
    method,
    id: operationId(OBJECT_VERBS[method], resource, resource.kind, capital(subresource)),
    description: `${capital(OBJECT_VERBS[method])} the ${part === '' ? '' : part}${resource.kind}.`,
    action: method,
    gvk: gvkOf(resource),
    ...exchangeOf(method, resource),
    code: 200,
  }));
}

function exchangeOf(
  method: ObjectMethod,
  { schema, deleteAnswer }: Resource,
): Pick<Operation, 'parameters' | 'body' | 'bodyTypes' | 'answer'> {
  switch (method) {
    case 'get':
      return { parameters: [], bodyTypes: [], answer: schema.name };
    case 'put':
      return { parameters: WRITE_PARAMETERS, body: schema.name, bodyTypes: BODY_TYPES, answer: schema.name };
    case 'patch':
      return { parameters: PATCH_PARAMETERS, body: PATCH_NAME, bodyTypes: PATCH_TYPES, answer: schema.name };
    case 'delete':
      return {
        parameters: DELETE_PARAMETERS,
        body: deleteOptionsSchema.name,
        bodyTypes: BODY_TYPES,
        answer: deleteAnswer === 'status' ? statusSchema.name : schema.name,
      };
  }
}

function subresourceOperations(
  resource: Resource,
  name: string,
  subresource: Subresource<KubeObject>,
): readonly Operation[] {
  if (subresource.kind === 'update') {
    const methods = subresource.verbs.map((verb) => (verb === 'update' ? 'put' : verb));
    return objectOperations(resource, name, methods);
  }
  const { group, version, requestKind, schema } = subresource;
  return [
    {
      method: 'post',
      id: operationId('create', resource, resource.kind, capital(name)),
      description: `Create a ${requestKind} for the ${resource.kind}.`,
      action: 'post',
      gvk: { group, kind: requestKind, version },
      parameters: WRITE_PARAMETERS,
      body: schema.name,
      bodyTypes: BODY_TYPES,
      answer: schema.name,
      code: 201,
    },
  ];
}

function gvkOf({ group, version, kind }: Resource): GroupVersionKind {
  return { group, kind, version };
}

/** Such as `listCoreV1NamespacedConfigMap`. */
function operationId(
  verb: string,
  of: { readonly group: string; readonly version: string; readonly namespaced: boolean },
  kind: string,
  suffix = '',
): string {
  const group = of.group === '' ? 'Core' : of.group.split('.').slice(0, 1).map(capital).join('');
  const scope = of.namespaced && suffix !== 'ForAllNamespaces' ? 'Namespaced' : '';
  return `${verb}${group}${capital(of.version)}${scope}${kind}${suffix}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The document's tag for a group and version, such as `certificates_v1`. */
export function tagOf({ group, version }: GroupVersionKind): string {
  return `${group === '' ? 'core' : (group.split('.')[0] ?? '')}_${version}`;
}

/** Paths by name, each written by `write`. */
export function writePaths(items: readonly PathItem[], write: (item: PathItem) => Json): Json {
  return Object.fromEntries(
    items.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((item) => [item.path, write(item)]),
  );
}
