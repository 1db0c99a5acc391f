import { type GeneralName, parseIp } from '../x509/general-name.js';
import { usageError } from './failure.js';

/** Longest DNS name (RFC 1035 §2.3.4, without the final dot). */
const MAX_DNS = 253;

/** Names as the flags give them. */
export interface NameFlags {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
}

/** SubjectAltNames of the flags, each checked; refuses with the flag and the value that is wrong. */
export function parseNameFlags(flags: NameFlags): readonly GeneralName[] {
  return [
    ...flags.dns.map((value) => dnsName(value)),
    ...flags.email.map((value) => emailName(value)),
    ...flags.ip.map((value) => ipName(value)),
    ...flags.uri.map((value) => uriName(value)),
  ];
}

function dnsName(value: string): GeneralName {
  const problem = dnsProblem(value);
  if (problem === undefined) return { kind: 'dns', value: value.toLowerCase() };
  throw usageError(`Cannot use --dns: ${JSON.stringify(value)} ${problem}`);
}

/** What keeps `value` from being a DNS name that a client could ask for; undefined where nothing does. */
export function dnsProblem(value: string): string | undefined {
  if (parseIp(value) !== undefined) return 'is an IP address, which belongs to --ip';
  if (value.includes('://')) return 'is a URI, which belongs to --uri';
  if (value.includes('@')) return 'is an email address, which belongs to --email';
  if (/[^ -~]/.test(value)) return 'has characters outside ASCII, write it in its xn-- form';
  if (value.endsWith('.')) return 'ends in a dot, which certificates do not carry';
  if (value.length > MAX_DNS) return `has ${value.length} characters, at most ${MAX_DNS}`;
  for (const [i, label] of value.split('.').entries()) {
    if (i === 0 && label === '*' && value.length > 1) continue;
    if (label.includes('*')) return 'has a wildcard that is not the whole first label';
    if (!/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) {
      return `is no DNS name: the label ${JSON.stringify(label)} must be 1 to 63 letters, digits or inner hyphens`;
    }
  }
  return undefined;
}

function ipName(value: string): GeneralName {
  const bytes = parseIp(value);
  if (bytes !== undefined) return { kind: 'ip', bytes };
  const why = value.includes('/') ? 'is a network, not an address' : 'is neither an IPv4 nor an IPv6 address';
  throw usageError(`Cannot use --ip: ${JSON.stringify(value)} ${why}`);
}

function uriName(value: string): GeneralName {
  // RFC 5280 §4.2.1.6: absolute, with a scheme and what follows it; ASCII only
  if (/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(value)) return { kind: 'uri', value };
  throw usageError(`Cannot use --uri: ${JSON.stringify(value)} is no absolute URI, such as spiffe://example.com/web`);
}

function emailName(value: string): GeneralName {
  if (/^[!-?A-~]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value)) return { kind: 'email', value };
  throw usageError(`Cannot use --email: ${JSON.stringify(value)} is no address of the form name@host`);
}

/** What a cfssl "hosts" entry is: an IP address, an email address, a URI, and else a DNS name. */
export function nameOfHost(value: string): GeneralName {
  const bytes = parseIp(value);
  if (bytes !== undefined) return { kind: 'ip', bytes };
  if (value.includes('://')) return uriName(value);
  if (value.includes('@')) return emailName(value);
  return dnsName(value);
}
