import { ANY, FLAG, list, map, message, NUMBER, TEXT, WHOLE, wrapper, type Shape } from './document-shape.js';

const REFERENCE: Shape = message({ $ref: [1, TEXT] });

const SCHEMA_OR_REFERENCE: Shape = {
  kind: 'choice',
  choose: (value) =>
    typeof value === 'object' && value !== null && '$ref' in value ? wrapper(2, REFERENCE) : wrapper(1, SCHEMA),
};

const ADDITIONAL_PROPERTIES: Shape = {
  kind: 'choice',
  choose: (value) => (typeof value === 'boolean' ? wrapper(2, FLAG) : wrapper(1, SCHEMA_OR_REFERENCE)),
};

const DEFAULT: Shape = {
  kind: 'choice',
  choose: (value) => {
    switch (typeof value) {
      case 'number':
        return wrapper(1, NUMBER);
      case 'boolean':
        return wrapper(2, FLAG);
      case 'string':
        return wrapper(3, TEXT);
      default:
        throw new TypeError(`${JSON.stringify(value)} as a default has no protobuf form`);
    }
  },
};

const SCHEMA: Shape = message(
  {
    nullable: [1, FLAG],
    readOnly: [3, FLAG],
    writeOnly: [4, FLAG],
    example: [7, ANY],
    deprecated: [8, FLAG],
    title: [9, TEXT],
    multipleOf: [10, NUMBER],
    maximum: [11, NUMBER],
    exclusiveMaximum: [12, FLAG],
    minimum: [13, NUMBER],
    exclusiveMinimum: [14, FLAG],
    maxLength: [15, WHOLE],
    minLength: [16, WHOLE],
    pattern: [17, TEXT],
    maxItems: [18, WHOLE],
    minItems: [19, WHOLE],
    uniqueItems: [20, FLAG],
    maxProperties: [21, WHOLE],
    minProperties: [22, WHOLE],
    required: [23, list(TEXT)],
    enum: [24, list(ANY)],
    type: [25, TEXT],
    allOf: [26, list(SCHEMA_OR_REFERENCE)],
    oneOf: [27, list(SCHEMA_OR_REFERENCE)],
    anyOf: [28, list(SCHEMA_OR_REFERENCE)],
    not: [29, () => SCHEMA],
    items: [30, wrapper(1, SCHEMA_OR_REFERENCE)],
    properties: [31, map(1, SCHEMA_OR_REFERENCE)],
    additionalProperties: [32, ADDITIONAL_PROPERTIES],
    default: [33, DEFAULT],
    description: [34, TEXT],
    format: [35, TEXT],
  },
  36,
);

const PARAMETER: Shape = message(
  {
    name: [1, TEXT],
    in: [2, TEXT],
    description: [3, TEXT],
    required: [4, FLAG],
    deprecated: [5, FLAG],
    schema: [10, SCHEMA_OR_REFERENCE],
  },
  14,
);

/** Bodies by their media types. */
const CONTENT: Shape = map(1, message({ schema: [1, SCHEMA_OR_REFERENCE] }, 5));

const REQUEST_BODY: Shape = message({ description: [1, TEXT], content: [2, CONTENT], required: [3, FLAG] }, 4);

const RESPONSE: Shape = message({ description: [1, TEXT], content: [3, CONTENT] }, 5);

const OPERATION: Shape = message(
  {
    tags: [1, list(TEXT)],
    summary: [2, TEXT],
    description: [3, TEXT],
    operationId: [5, TEXT],
    parameters: [6, list(wrapper(1, PARAMETER))],
    requestBody: [7, wrapper(1, REQUEST_BODY)],
    responses: [8, map(2, wrapper(1, RESPONSE))],
    deprecated: [10, FLAG],
  },
  13,
);

const PATH_ITEM: Shape = message(
  {
    summary: [2, TEXT],
    description: [3, TEXT],
    get: [4, OPERATION],
    put: [5, OPERATION],
    post: [6, OPERATION],
    delete: [7, OPERATION],
    options: [8, OPERATION],
    head: [9, OPERATION],
    patch: [10, OPERATION],
    parameters: [13, list(wrapper(1, PARAMETER))],
  },
  14,
);

const SECURITY_SCHEME: Shape = message(
  { type: [1, TEXT], description: [2, TEXT], name: [3, TEXT], in: [4, TEXT], scheme: [5, TEXT] },
  9,
);

const COMPONENTS: Shape = message(
  { schemas: [1, map(1, SCHEMA_OR_REFERENCE)], securitySchemes: [7, map(1, wrapper(1, SECURITY_SCHEME))] },
  10,
);

/**
 * `openapi.v3.Document` of the public schema of OpenAPI 3.0 in protobuf (google/gnostic, OpenAPIv3.proto): every key
 * that the documents of this server may hold, in the order of the numbers.
 */
export const OPENAPI_DOCUMENT: Shape = message(
  {
    openapi: [1, TEXT],
    info: [2, message({ title: [1, TEXT], description: [2, TEXT], version: [6, TEXT] }, 7)],
    paths: [4, map(1, PATH_ITEM)],
    components: [5, COMPONENTS],
    security: [6, list(map(1, wrapper(1, list(TEXT))))],
  },
  9,
);
