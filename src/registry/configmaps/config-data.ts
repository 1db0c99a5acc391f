import type { FieldError } from '../../kube/field-error.js';
import { checkEach, forbiddenField, invalid } from '../../kube/field-error.js';
import { byteLength, formatProblem, lengthProblem } from '../../kube/names.js';

/** The most that all values of a ConfigMap or Secret may hold together, in bytes. */
export const MAX_DATA_BYTES = 1_048_576;

const MAX_KEY_BYTES = 253;
const KEY_PROBLEM = formatProblem(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
);

/** What is wrong with the keys of `data`; `field` is its name. */
export function validateKeys(keys: Iterable<string>, field: string): readonly FieldError[] {
  return checkEach(keys, (key) => keyProblems(key).map((problem) => invalid(`${field}[${key}]`, key, problem)));
}

/** Problems of one key (IsConfigMapKey in apimachinery). */
function keyProblems(key: string): readonly string[] {
  const problems: string[] = [];
  if (byteLength(key) > MAX_KEY_BYTES) problems.push(lengthProblem(MAX_KEY_BYTES));
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) problems.push(KEY_PROBLEM);
  if (key === '.') problems.push(`must not be '.'`);
  else if (key === '..') problems.push(`must not be '..'`);
  else if (key.startsWith('..')) problems.push(`must not start with '..'`);
  return problems;
}

/** Bytes that canonical base64 stands for. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** What holds data that may be frozen. */
interface Freezable {
  readonly immutable?: boolean;
}

/** What an update may not change where the stored object is immutable: that it is so, and each of `fields`. */
export function validateImmutable<T extends Freezable>(
  next: T,
  previous: T,
  fields: readonly (keyof T & string)[],
): readonly FieldError[] {
  if (previous.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !sameEntries(next[field] ?? {}, previous[field] ?? {}));
  const errors = changed.map((field) => forbiddenField(field, detail));
  return next.immutable === true ? errors : [forbiddenField('immutable', detail), ...errors];
}

/** Whether two maps of plain values have the same entries, in whatever order. */
function sameEntries(a: object, b: object): boolean {
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && right.get(key) === value);
}
