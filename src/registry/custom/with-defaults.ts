import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';

/**
 * An object with the schema's defaults where fields are absent, in the schema's order. As in a cluster, a default is
 * filled in only where the message that has the field is there.
 */
export function withDefaults<T extends object>(schema: MessageSchema, object: T): T {
  // Decoded by the schema: properties by name; what comes back has the same ones, and more of the schema's.
  return filled(schema, object as Readonly<Record<string, unknown>>) as T;
}

function filled(schema: MessageSchema, object: Readonly<Record<string, unknown>>): object {
  if (!hasDefaults(schema)) return object;
  const result: Record<string, unknown> = {};
  for (const head of ['kind', 'apiVersion']) if (object[head] !== undefined) result[head] = object[head];
  for (const field of schema.fields) {
    const value = object[field.name];
    if (value !== undefined && value !== null) result[field.name] = filledField(field, value);
    else if (field.default !== undefined) result[field.name] = field.default;
  }
  return result;
}

function filledField(field: FieldSchema, value: unknown): unknown {
  const message = messageOfField(field);
  if (message === undefined || field.map === true) return value;
  // Decoded by the schema: a message, or a list of them.
  const one = (item: unknown): object => filled(message, item as Readonly<Record<string, unknown>>);
  return Array.isArray(value) ? value.map(one) : one(value);
}

const known = new WeakMap<MessageSchema, boolean>();

function hasDefaults(schema: MessageSchema): boolean {
  let has = known.get(schema);
  if (has === undefined) {
    known.set(schema, false); // of a message within itself, the rest decides
    has = schema.fields.some((field) => {
      const message = messageOfField(field);
      return field.default !== undefined || (message !== undefined && field.map !== true && hasDefaults(message));
    });
    known.set(schema, has);
  }
  return has;
}
