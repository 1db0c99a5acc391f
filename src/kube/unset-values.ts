import { messageOfField, type FieldSchema, type MessageSchema } from './schema.js';

/**
 * What stands in JSON for a field that is not set: undefined where it is left out; for `always` fields `null`, or the
 * zero value of a type that cannot be null.
 */
export function emptyValue(field: FieldSchema): unknown {
  if (field.always !== true) return undefined;
  if (field.pointer === true || field.repeated === true || field.map === true) return null;
  const message = messageOfField(field);
  if (message !== undefined) return emptyMessage(message);
  switch (field.type) {
    case 'string':
      return '';
    case 'int32':
    case 'int64':
    case 'intOrString':
      return 0;
    case 'bool':
      return false;
    case 'quantity':
      return '0';
    default:
      return null;
  }
}

const empties = new WeakMap<MessageSchema, Readonly<Record<string, unknown>>>();

/** A message of which nothing is set: its `always` fields. Shared and frozen. */
export function emptyMessage(message: MessageSchema): Readonly<Record<string, unknown>> {
  let empty = empties.get(message);
  if (empty === undefined) {
    const fields: Record<string, unknown> = {};
    for (const field of message.fields) {
      const value = emptyValue(field);
      if (value !== undefined) fields[field.name] = value;
    }
    empty = Object.freeze(fields);
    empties.set(message, empty);
  }
  return empty;
}

/** Whether a single value is its type's zero value, so that a field that is no pointer counts as unset. */
export function isZero(field: FieldSchema, value: unknown): boolean {
  if (value === null) return true;
  return field.pointer !== true && (value === '' || value === 0 || value === false);
}

/** Sets a property by any name; `__proto__` becomes a plain own property. */
export function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else object[name] = value;
}
