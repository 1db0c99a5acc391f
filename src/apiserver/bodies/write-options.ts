import {
  type FieldError,
  forbiddenField,
  invalid,
  invalidObject,
  notSupported,
  required,
  tooLong,
} from '../../kube/field-error.js';
import { headerOf } from '../request-headers.js';
import type { ServedRequest } from '../served-request.js';

/** The kinds of options objects that the query of a write stands for. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

/** What becomes of unknown and doubled fields. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** The options of a create, update or patch. */
export interface WriteQuery {
  readonly dryRun: boolean;
  /** As given, or what the User-Agent starts with. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Of an apply: whether to take fields from other managers. */
  readonly force: boolean;
}

const MAX_MANAGER_BYTES = 128;

/** Who writes without saying who it is. */
const UNKNOWN_MANAGER = 'unknown';

const DEFAULTS: Omit<WriteQuery, 'fieldManager'> = { dryRun: false, fieldValidation: 'Warn', force: false };

/**
 * Reads and checks the options of a write; 422 in the name of `kind` for what is wrong with them. An apply must name its
 * manager.
 */
export function parseWriteQuery(
  served: ServedRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  applies = false,
): WriteQuery {
  const { query } = served.info;
  if (query.raw === '' && !applies) return { ...DEFAULTS, fieldManager: defaultManager(served) };
  const errors: FieldError[] = [];
  const manager = query.get('fieldManager');
  if (applies && manager === '') errors.push(required('fieldManager', 'is required for apply patch'));
  if (kind === 'PatchOptions' && !applies && query.has('force')) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  errors.push(...managerProblems(manager));
  errors.push(...dryRunProblems(query.all('dryRun')));
  const fieldValidation = parseFieldValidation(query.get('fieldValidation'));
  if (fieldValidation === undefined) {
    errors.push(notSupported('fieldValidation', query.get('fieldValidation'), ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: query.has('dryRun'),
    fieldManager: manager === '' ? defaultManager(served) : manager,
    fieldValidation: fieldValidation ?? 'Warn',
    force: applies && query.has('force') && !/^(?:false|0)$/i.test(query.get('force')),
  };
}

/** 422 for an options object. */
export function invalidOptions(kind: OptionsKind, errors: readonly FieldError[]): Error {
  return invalidObject('meta.k8s.io', kind, '', errors);
}

/** `All` is the only value there is. */
export function dryRunProblems(values: readonly string[]): readonly FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}

function parseFieldValidation(text: string): FieldValidation | undefined {
  switch (text) {
    case '':
      return 'Warn';
    case 'Ignore':
    case 'Warn':
    case 'Strict':
      return text;
    default:
      return undefined;
  }
}

function managerProblems(manager: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MAX_MANAGER_BYTES) errors.push(tooLong('fieldManager', MAX_MANAGER_BYTES));
  let at = 0;
  for (const rune of manager) {
    if (!isPrintable(rune)) {
      const code = `U+${(rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
      errors.push(invalid('fieldManager', manager, `invalid character ${code} (at position ${at})`));
    }
    at += Buffer.byteLength(rune);
  }
  return errors;
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
function isPrintable(rune: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(rune);
}

/** The start of the User-Agent, without what may not stand in a manager's name. */
function defaultManager(served: ServedRequest): string {
  const agent = headerOf(served.request.headers, 'user-agent');
  const slash = agent.indexOf('/');
  const name = slash < 0 ? agent : agent.slice(0, slash);
  if (name === '') return UNKNOWN_MANAGER;
  if (/^[\x20-\x7e]{1,128}$/.test(name)) return name;
  return Array.from(name).filter(isPrintable).join('').slice(0, MAX_MANAGER_BYTES) || UNKNOWN_MANAGER;
}
