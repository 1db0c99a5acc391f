import { failure, StatusError } from '../kube/status.js';

/** What a resourceVersion in a query or an object says. */
export type ParsedResourceVersion =
  { readonly kind: 'version'; readonly revision: number } | { readonly kind: 'invalid'; readonly detail: string };

const MAX_UINT64 = 18_446_744_073_709_551_615n;

/** Reads a resourceVersion; empty is 0. The detail of a refusal is in the words of Go's strconv. */
export function parseResourceVersion(text: string): ParsedResourceVersion {
  if (text === '') return { kind: 'version', revision: 0 };
  if (/^[0-9]{1,15}$/.test(text)) return { kind: 'version', revision: Number(text) };
  const digits = /^[0-9]{1,400}$/.test(text);
  // Beyond 2^53 no revision was ever given out; the nearest number is as much in the future as the text.
  if (digits && BigInt(text) <= MAX_UINT64) return { kind: 'version', revision: Number(text) };
  const problem = digits ? 'value out of range' : 'invalid syntax';
  return { kind: 'invalid', detail: `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}` };
}

/**
 * The version from which a watch, or up to which a read of one object, is asked for. The API server has no reason for
 * the refusal of another text, and answers 500; of a list it is 400.
 */
export function requireResourceVersion(text: string): number {
  const version = parseResourceVersion(text);
  if (version.kind === 'version') return version.revision;
  const message = `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${version.detail}`;
  throw new StatusError(failure(500, undefined, message));
}
