import {
  type FieldError,
  invalid,
  MAX_FIELD_ERRORS,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../kube/field-error.js';
import { messageOfField, type FieldSchema, type MessageSchema } from '../../kube/schema.js';
import { parseTime } from '../../kube/time.js';

/**
 * What is wrong with an object by its schema alone: what is required and absent, values outside enums and bounds. In
 * the words in which a cluster refuses a custom resource by the schema of its definition, so that a kind of ours says
 * the same here and there. Expects an object that was decoded by the schema; metadata is not looked at.
 */
export function validateStructure(schema: MessageSchema, object: object): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkFields(
    schema.fields.filter((field) => field.name !== 'metadata'),
    object,
    '',
    errors,
  );
  return errors;
}

function checkFields(fields: readonly FieldSchema[], object: object, prefix: string, errors: FieldError[]): void {
  // Decoded by the schema: properties by name.
  const values = object as Readonly<Record<string, unknown>>;
  for (const field of fields) {
    if (errors.length >= MAX_FIELD_ERRORS) return;
    const value = values[field.name];
    const path = prefix + field.name;
    if (value !== undefined && value !== null && !(field.always === true && value === '')) {
      checkField(field, value, path, errors);
    } else if (field.required === true) errors.push(required(path));
  }
}

function checkField(field: FieldSchema, value: unknown, path: string, errors: FieldError[]): void {
  if (field.map !== true) {
    checkListOrValue(field, value, path, errors);
    return;
  }
  // Decoded as a map: an object.
  const entries = Object.entries(value as object);
  const { maxProperties = Infinity } = field.bounds ?? {};
  if (entries.length > maxProperties) return void errors.push(tooMany(path, entries.length, maxProperties));
  for (const [name, item] of entries) checkListOrValue(field, item, `${path}.${name}`, errors);
}

function checkListOrValue(field: FieldSchema, value: unknown, path: string, errors: FieldError[]): void {
  if (!Array.isArray(value)) {
    checkValue(field, value, path, errors);
    return;
  }
  const { minItems = 0, maxItems = Infinity } = field.bounds ?? {};
  if (value.length < minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (value.length > maxItems) return void errors.push(tooMany(path, value.length, maxItems));
  for (const [i, item] of value.entries()) checkValue(field, item, `${path}[${i}]`, errors);
}

function checkValue(field: FieldSchema, value: unknown, path: string, errors: FieldError[]): void {
  const message = messageOfField(field);
  if (message !== undefined) {
    // Decoded as a message: an object.
    checkFields(message.fields, value as object, `${path}.`, errors);
  } else if (typeof value === 'string') checkText(field, value, path, errors);
  else if (typeof value === 'number') checkNumber(field, value, path, errors);
}

function checkText(field: FieldSchema, value: string, path: string, errors: FieldError[]): void {
  const { minLength = 0, maxLength = Infinity, pattern, format } = field.bounds ?? {};
  if (field.enum !== undefined && !field.enum.includes(value)) errors.push(notSupported(path, value, field.enum));
  const length = charactersOf(value);
  if (length > maxLength) return void errors.push(tooLong(path, maxLength));
  if (length < minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  } else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (format !== undefined && parseTime(value) === undefined) {
    errors.push(invalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`));
  }
}

function checkNumber(field: FieldSchema, value: number, path: string, errors: FieldError[]): void {
  const { minimum = -Infinity, maximum = Infinity } = field.bounds ?? {};
  if (value < minimum) {
    errors.push(invalid(path, value, `${path} in body should be greater than or equal to ${minimum}`));
  } else if (value > maximum) {
    errors.push(invalid(path, value, `${path} in body should be less than or equal to ${maximum}`));
  }
}

/** JSON schema counts code points. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}
