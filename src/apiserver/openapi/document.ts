import { componentsOf, type DescribedKind, type Json } from './components.js';
import { tagOf, writePaths, type Operation, type PathItem } from './paths.js';
import { PRETTY, type QueryParameter } from './query-parameters.js';

/** Major and minor of the Kubernetes API that is spoken. */
const INFO: Json = { title: 'Kubernetes', version: '1.36' };

const BEARER: Json = {
  description: 'Bearer token',
  type: 'apiKey',
  name: 'authorization',
  in: 'header',
};

const PLACEHOLDERS = {
  name: 'Name of the object.',
  namespace: 'Namespace of the object.',
} as const;

const JSON_TYPE = 'application/json';

/** The OpenAPI 3.0 document of some kinds and paths. */
export function openApiDocument(kinds: readonly DescribedKind[], items: readonly PathItem[]): Json {
  const prefix = '#/components/schemas/';
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: writePaths(items, (item) => ({
      parameters: [
        ...item.placeholders.map((name) => ({ ...placeholder(name), schema: { type: 'string' } })),
        { ...query(PRETTY), schema: { type: PRETTY.type } },
      ],
      ...Object.fromEntries(item.operations.map((o) => [o.method, operationV3(o, prefix)])),
    })),
    components: { schemas: componentsOf(kinds, prefix), securitySchemes: { BearerToken: BEARER } },
  };
}

/** The OpenAPI 2.0 ("swagger") document of some kinds and paths. */
export function swaggerDocument(kinds: readonly DescribedKind[], items: readonly PathItem[]): Json {
  const prefix = '#/definitions/';
  return {
    swagger: '2.0',
    info: INFO,
    paths: writePaths(items, (item) => ({
      parameters: [
        ...item.placeholders.map((name) => ({ ...placeholder(name), type: 'string', uniqueItems: true })),
        { ...query(PRETTY), type: PRETTY.type, uniqueItems: true },
      ],
      ...Object.fromEntries(item.operations.map((o) => [o.method, operationV2(o, prefix)])),
    })),
    definitions: componentsOf(kinds, prefix),
    securityDefinitions: { BearerToken: BEARER },
    security: [{ BearerToken: [] }],
  };
}

function operationV3(operation: Operation, prefix: string): Json {
  const { body, bodyTypes, parameters, answer, code } = operation;
  return {
    ...common(operation),
    ...(parameters.length === 0
      ? {}
      : { parameters: parameters.map((p) => ({ ...query(p), schema: { type: p.type } })) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: { $ref: prefix + body } }])),
            ...(operation.method === 'delete' ? {} : { required: true }),
          },
        }),
    responses: {
      [code]: { description: nameOf(code), content: { [JSON_TYPE]: { schema: { $ref: prefix + answer } } } },
      401: { description: 'Unauthorized' },
    },
    ...extensions(operation),
  };
}

function operationV2(operation: Operation, prefix: string): Json {
  const { body, bodyTypes, parameters, answer, code } = operation;
  const bodyParameter =
    body === undefined
      ? []
      : [
          {
            name: 'body',
            in: 'body',
            ...(operation.method === 'delete' ? {} : { required: true }),
            schema: { $ref: prefix + body },
          },
        ];
  return {
    ...common(operation),
    consumes: operation.method === 'patch' ? bodyTypes : ['*/*'],
    produces: [JSON_TYPE, 'application/yaml', 'application/vnd.kubernetes.protobuf'],
    schemes: ['https'],
    parameters: [...bodyParameter, ...parameters.map((p) => ({ ...query(p), type: p.type, uniqueItems: true }))],
    responses: {
      [code]: { description: nameOf(code), schema: { $ref: prefix + answer } },
      401: { description: 'Unauthorized' },
    },
    ...extensions(operation),
  };
}

function common(operation: Operation): Json {
  return { tags: [tagOf(operation.gvk)], description: operation.description, operationId: operation.id };
}

function extensions({ action, gvk }: Operation): Json {
  return { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': gvk };
}

function query({ name, description }: QueryParameter): Json {
  return { name, in: 'query', description };
}

function placeholder(name: 'name' | 'namespace'): Json {
  return { name, in: 'path', description: PLACEHOLDERS[name], required: true };
}

function nameOf(code: 200 | 201): string {
  return code === 200 ? 'OK' : 'Created';
}
