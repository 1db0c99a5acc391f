import { type FieldError, invalid } from '../kube/field-error.js';
import { lengthProblem } from '../kube/names.js';

const NAME_MAX = 15;

/** What ports speak. */
export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];

/** A port's number. */
export function validatePortNumber(port: number, field: string): readonly FieldError[] {
  return port >= 1 && port <= 65_535 ? [] : [invalid(field, port, 'must be between 1 and 65535, inclusive')];
}

/** The name of a port of a container (RFC 6335 §5.1: a service name, here in lower case). */
export function portNameProblems(name: string): readonly string[] {
  const problems: string[] = [];
  if (name.length > NAME_MAX) problems.push(lengthProblem(NAME_MAX));
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** A port by its number, or by its name. */
export function validatePortReference(port: number | string, field: string): readonly FieldError[] {
  if (typeof port === 'number') return validatePortNumber(port, field);
  return portNameProblems(port).map((problem) => invalid(field, port, problem));
}
