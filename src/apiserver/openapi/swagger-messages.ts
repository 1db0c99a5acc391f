import { ANY, FLAG, list, map, message, NUMBER, TEXT, WHOLE, wrapper, type Shape } from './document-shape.js';

const ADDITIONAL_PROPERTIES: Shape = {
  kind: 'choice',
  choose: (value) => (typeof value === 'boolean' ? wrapper(2, FLAG) : wrapper(1, SCHEMA)),
};

const SCHEMA: Shape = message(
  {
    $ref: [1, TEXT],
    format: [2, TEXT],
    title: [3, TEXT],
    description: [4, TEXT],
    default: [5, ANY],
    multipleOf: [6, NUMBER],
    maximum: [7, NUMBER],
    exclusiveMaximum: [8, FLAG],
    minimum: [9, NUMBER],
    exclusiveMinimum: [10, FLAG],
    maxLength: [11, WHOLE],
    minLength: [12, WHOLE],
    pattern: [13, TEXT],
    maxItems: [14, WHOLE],
    minItems: [15, WHOLE],
    uniqueItems: [16, FLAG],
    maxProperties: [17, WHOLE],
    minProperties: [18, WHOLE],
    required: [19, list(TEXT)],
    enum: [20, list(ANY)],
    additionalProperties: [21, ADDITIONAL_PROPERTIES],
    type: [22, wrapper(1, TEXT)],
    items: [23, () => wrapper(1, SCHEMA)],
    allOf: [24, () => list(SCHEMA)],
    properties: [25, () => map(1, SCHEMA)],
    readOnly: [27, FLAG],
  },
  31,
);

const BODY_PARAMETER: Shape = message(
  { description: [1, TEXT], name: [2, TEXT], in: [3, TEXT], required: [4, FLAG], schema: [5, SCHEMA] },
  6,
);

const QUERY_PARAMETER: Shape = message(
  {
    required: [1, FLAG],
    in: [2, TEXT],
    description: [3, TEXT],
    name: [4, TEXT],
    type: [6, TEXT],
    format: [7, TEXT],
    uniqueItems: [20, FLAG],
  },
  23,
);

const PATH_PARAMETER: Shape = message(
  {
    required: [1, FLAG],
    in: [2, TEXT],
    description: [3, TEXT],
    name: [4, TEXT],
    type: [5, TEXT],
    format: [6, TEXT],
    uniqueItems: [19, FLAG],
  },
  22,
);

const PARAMETER: Shape = {
  kind: 'choice',
  choose: (value) => {
    const place = (value as { readonly in?: unknown }).in;
    switch (place) {
      case 'body':
        return wrapper(1, wrapper(1, BODY_PARAMETER));
      case 'query':
        return wrapper(1, wrapper(2, wrapper(3, QUERY_PARAMETER)));
      case 'path':
        return wrapper(1, wrapper(2, wrapper(4, PATH_PARAMETER)));
      default:
        throw new TypeError(`a parameter in ${String(place)} has no protobuf form here`);
    }
  },
};

const RESPONSE: Shape = message({ description: [1, TEXT], schema: [2, wrapper(1, SCHEMA)] }, 5);

const OPERATION: Shape = message(
  {
    tags: [1, list(TEXT)],
    summary: [2, TEXT],
    description: [3, TEXT],
    operationId: [5, TEXT],
    produces: [6, list(TEXT)],
    consumes: [7, list(TEXT)],
    parameters: [8, list(PARAMETER)],
    responses: [9, map(1, wrapper(1, RESPONSE))],
    schemes: [10, list(TEXT)],
    deprecated: [11, FLAG],
  },
  13,
);

const PATH_ITEM: Shape = message(
  {
    get: [2, OPERATION],
    put: [3, OPERATION],
    post: [4, OPERATION],
    delete: [5, OPERATION],
    options: [6, OPERATION],
    head: [7, OPERATION],
    patch: [8, OPERATION],
    parameters: [9, list(PARAMETER)],
  },
  10,
);

const API_KEY: Shape = message({ type: [1, TEXT], name: [2, TEXT], in: [3, TEXT], description: [4, TEXT] }, 5);

/**
 * `openapi.v2.Document` of the public schema of OpenAPI 2.0 in protobuf (google/gnostic, OpenAPIv2.proto): every key
 * that the documents of this server may hold, in the order of the numbers.
 */
export const SWAGGER_DOCUMENT: Shape = message(
  {
    swagger: [1, TEXT],
    info: [2, message({ title: [1, TEXT], version: [2, TEXT], description: [3, TEXT] }, 7)],
    paths: [8, map(2, PATH_ITEM)],
    definitions: [9, map(1, SCHEMA)],
    security: [12, list(map(1, wrapper(1, list(TEXT))))],
    securityDefinitions: [13, map(1, wrapper(2, API_KEY))],
  },
  16,
);
