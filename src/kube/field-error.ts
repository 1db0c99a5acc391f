import { failure, StatusError } from './status.js';

/** The kinds of field error that the API machinery knows, as their `cause.reason`. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One thing wrong with one field: `field` is its path, `body` the text after it. */
export interface FieldError {
  readonly reason: FieldErrorReason;
  readonly field: string;
  readonly body: string;
}

/** A value as field errors print it: strings quoted as Go's %q does for plain text, the rest as JSON. */
export function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

function error(reason: FieldErrorReason, field: string, head: string, detail: string): FieldError {
  return { reason, field, body: detail === '' ? head : `${head}: ${detail}` };
}

/** A value is missing. */
export function required(field: string, detail = ''): FieldError {
  return error('FieldValueRequired', field, 'Required value', detail);
}

/** A value is wrong; `value` is printed, unless it is `OMITTED`. */
export function invalid(field: string, value: unknown, detail: string): FieldError {
  return error(
    'FieldValueInvalid',
    field,
    value === OMITTED ? 'Invalid value' : `Invalid value: ${shown(value)}`,
    detail,
  );
}

/** Stands for a value that must not, or need not, be printed. */
export const OMITTED: unique symbol = Symbol('omitted');

/** A value is not one of a closed set. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((s) => JSON.stringify(s)).join(', ');
  return error(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${shown(value)}`,
    list === '' ? '' : `supported values: ${list}`,
  );
}

/** A value stands twice. */
export function duplicate(field: string, value: unknown): FieldError {
  return error('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}`, '');
}

/** A value may not be set here. */
export function forbiddenField(field: string, detail: string): FieldError {
  return error('FieldValueForbidden', field, 'Forbidden', detail);
}

/** A value refers to what is not there. */
export function notFoundField(field: string, value: unknown): FieldError {
  return error('FieldValueNotFound', field, `Not found: ${shown(value)}`, '');
}

/** A value has too many bytes. */
export function tooLong(field: string, maxBytes: number): FieldError {
  return error('FieldValueTooLong', field, `Too long: may not be more than ${maxBytes} bytes`, '');
}

/** A list has too many items. */
export function tooMany(field: string, count: number, maxItems: number): FieldError {
  const detail = `must have at most ${maxItems} ${maxItems === 1 ? 'item' : 'items'}`;
  return error('FieldValueTooMany', field, `Too many: ${count}`, detail);
}

/** `field: body`, as it stands in a Status message. */
export function fieldErrorText(e: FieldError): string {
  return `${e.field}: ${e.body}`;
}

/** Adds errors to others. They may be more than a call takes arguments. */
export function addErrors(errors: FieldError[], more: Iterable<FieldError>): void {
  for (const e of more) errors.push(e);
}

/** Errors that are told; a body of a few megabytes can make millions. */
export const MAX_FIELD_ERRORS = 1000;

/**
 * What `check` says of each value, one after the other, until there is more than will be told: a body of a few megabytes
 * holds values by the hundred thousand.
 */
export function checkEach<T>(
  values: Iterable<T>,
  check: (value: T, index: number) => readonly FieldError[],
): FieldError[] {
  const errors: FieldError[] = [];
  let index = 0;
  for (const value of values) {
    if (errors.length >= MAX_FIELD_ERRORS) break;
    for (const found of check(value, index++)) errors.push(found);
  }
  return errors;
}

/**
 * 422 with every error: one as itself, several in brackets without repetition; all of them are causes. Of more than
 * `MAX_FIELD_ERRORS` the first are told.
 */
export function invalidObject(group: string, kind: string, name: string, all: readonly FieldError[]): StatusError {
  const errors = all.length > MAX_FIELD_ERRORS ? all.slice(0, MAX_FIELD_ERRORS) : all;
  const texts = [...new Set(errors.map(fieldErrorText))];
  const qualifiedKind = group === '' ? kind : `${kind}.${group}`;
  const text = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const message = `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${text}`;
  return new StatusError(
    failure(422, 'Invalid', message, {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(kind === '' ? {} : { kind }),
      causes: errors.map((e) => ({ reason: e.reason, message: e.body, field: e.field })),
    }),
  );
}
