import { lowerAscii } from '../certificates/normalised-request.js';
import { hostNameProblem } from '../x509/host-name.js';

/**
 * What is wrong with a pattern of DNS names as policies write it: a literal, `*.zone` (exactly one label more), or
 * `**.zone` (one label or more). Undefined where nothing is. A zone has at least two labels, so that no pattern grants a
 * whole top-level domain.
 */
export function dnsPatternProblem(pattern: string): string | undefined {
  const zone = zoneOf(pattern);
  const host = zone ?? pattern;
  if (host.includes('*')) return "must be a name, '*.zone' or '**.zone', with no other wildcard";
  const problem = hostNameProblem(host);
  if (problem !== undefined) return `must be a DNS name or a pattern of one: ${problem}`;
  if (zone?.includes('.') === false) return 'must not be a whole top-level domain';
  return lowerAscii(pattern) === pattern ? undefined : 'must be in lower case';
}

/**
 * Whether a name (in lower case) is one that a valid pattern means. The name is data: a wildcard in it stands for itself,
 * and no pattern means it.
 */
export function matchesDnsPattern(pattern: string, name: string): boolean {
  const zone = zoneOf(pattern);
  if (zone === undefined) return name === pattern;
  const more = name.length - zone.length - 1;
  if (more < 1 || !name.endsWith(zone) || name.charCodeAt(more) !== DOT || name.includes('*')) return false;
  if (name.startsWith('.')) return false;
  return pattern.startsWith('**') || !name.slice(0, more).includes('.');
}

const DOT = 46;

/** What follows the wildcard; undefined for a literal. */
function zoneOf(pattern: string): string | undefined {
  if (pattern.startsWith('**.')) return pattern.slice(3);
  return pattern.startsWith('*.') ? pattern.slice(2) : undefined;
}
