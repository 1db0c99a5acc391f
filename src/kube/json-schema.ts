import { messageOfField, type FieldSchema, type MessageSchema } from './schema.js';

/** A JSON document, or a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** What differs between the places where schemas are written. */
export interface JsonSchemaForm {
  /** How a field refers to a message, or holds it. */
  readonly ofMessage: (message: MessageSchema) => Json;
  /** A value of one of two types. */
  readonly either: (first: string, second: string) => Json;
}

/** A message as a JSON schema with the extensions of Kubernetes. */
export function jsonSchemaOf(message: MessageSchema, form: JsonSchemaForm): Json {
  const required = message.fields.filter((f) => f.required === true).map((f) => f.name);
  return {
    description: message.description,
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(message.fields.map((f) => [f.name, propertySchema(f, form)])),
    ...(message.mapType === undefined ? {} : { 'x-kubernetes-map-type': message.mapType }),
  };
}

function propertySchema(field: FieldSchema, form: JsonSchemaForm): Json {
  const { description: more, ...shape } = shapeOf(field, form);
  return {
    // A message that stands here itself is described as field and as message.
    description: typeof more === 'string' ? `${field.description} ${more}` : field.description,
    ...(field.default === undefined ? {} : { default: field.default }),
    ...shape,
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.listMapKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy === undefined ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
  };
}

function shapeOf(field: FieldSchema, form: JsonSchemaForm): Json {
  const { minItems, maxItems, maxProperties, ...ofItem } = field.bounds ?? {};
  const item = { ...itemSchema(field, form), ...ofItem };
  const value = field.repeated === true ? { type: 'array', items: item, ...given({ minItems, maxItems }) } : item;
  if (field.map !== true) return value;
  return { type: 'object', additionalProperties: value, ...given({ maxProperties }) };
}

/** Without what is undefined. */
function given(bounds: Readonly<Record<string, number | undefined>>): Json {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
}

function itemSchema(field: FieldSchema, form: JsonSchemaForm): Json {
  const message = messageOfField(field);
  if (message !== undefined) return form.ofMessage(message);
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
      return form.either('string', 'number');
    case 'intOrString':
      return { format: 'int-or-string', ...form.either('integer', 'string') };
    case 'any':
      return { 'x-kubernetes-preserve-unknown-fields': true };
    default:
      return { type: 'object' };
  }
}
