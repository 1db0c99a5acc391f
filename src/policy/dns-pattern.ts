import { lowerAscii } from '../certificates/normalised-request.js';
import { hostNameProblem } from '../x509/host-name.js';

/**
 * What is wrong with a pattern of DNS names as policies write it: a literal, `*.zone` (exactly one label more), or
 * `**.zone` (one label or more). Undefined where nothing is. No pattern means everybody's names: a top-level domain, or
 * what a country has in place of one. Names of Services follow from facts, whatever the cluster's domain is.
 */
export function dnsPatternProblem(pattern: string): string | undefined {
  const zone = zoneOf(pattern);
  const host = zone ?? pattern;
  if (host.includes('*')) return "must be a name, '*.zone' or '**.zone', with no other wildcard";
  const problem = hostNameProblem(host);
  if (problem !== undefined) return `must be a DNS name or a pattern of one: ${problem}`;
  if (host === 'svc' || host.endsWith('.svc')) return 'must not be a name of Services (svc)';
  if (zone !== undefined && isPublicSuffix(zone)) return 'must not be a whole public suffix';
  return lowerAscii(pattern) === pattern ? undefined : 'must be in lower case';
}

/** Labels below which countries give names to everybody: `co.uk`, `com.br`, `ac.jp`. */
const SECOND_LEVEL: ReadonlySet<string> = new Set(
  'ac co com edu gob gov go gouv gv mil ne net nom or org plc ltd sch me id biz info name web'.split(' '),
);

function isPublicSuffix(zone: string): boolean {
  const [first = '', second, ...more] = zone.split('.');
  return second === undefined || (more.length === 0 && second.length === 2 && SECOND_LEVEL.has(first));
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
  const rest = name.slice(0, more);
  return pattern.startsWith('**') ? !`.${rest}.`.includes('..') : !rest.includes('.');
}

const DOT = 46;

/** What follows the wildcard; undefined for a literal. */
function zoneOf(pattern: string): string | undefined {
  if (pattern.startsWith('**.')) return pattern.slice(3);
  return pattern.startsWith('*.') ? pattern.slice(2) : undefined;
}
