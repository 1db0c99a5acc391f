import { isIpv4Mapped, parseIp } from '../base/ip-address.js';
import { type FieldError, invalid } from '../kube/field-error.js';

/** An address of either family; nothing where it is one. */
export function validateIp(text: string, field: string): readonly FieldError[] {
  if (isPlainIp(text)) return [];
  return [invalid(field, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

/** An address of this family. */
export function validateIpOf(family: 'IPv4' | 'IPv6', text: string, field: string): readonly FieldError[] {
  const octets = isPlainIp(text) ? parseIp(text) : undefined;
  return octets?.length === (family === 'IPv4' ? 4 : 16)
    ? []
    : [invalid(field, text, `must be a valid ${family} address`)];
}

/** A block of addresses. Unlike our own settings, bits beyond the prefix may be set. */
export function validateCidr(text: string, field: string): readonly FieldError[] {
  const [address = '', prefix = '', ...more] = text.split('/');
  const octets = isPlainIp(address) ? parseIp(address) : undefined;
  const fits = /^(0|[1-9][0-9]{0,2})$/.test(prefix) && Number(prefix) <= (octets?.length ?? 0) * 8;
  if (octets !== undefined && fits && more.length === 0) return [];
  return [invalid(field, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

/** Not one of the addresses that mean something else on every machine, and so can never lead to another one. */
export function validateOrdinaryIp(text: string, field: string): readonly FieldError[] {
  const octets = parseIp(text);
  if (octets === undefined) return [invalid(field, text, 'must be a valid IP address')];
  const [first = 0, second = 0, third = 0] = octets;
  const problem =
    octets.length === 4 ? problemOfIpv4(first, second, third, octets) : problemOfIpv6(first, second, octets);
  return problem === undefined ? [] : [invalid(field, text, problem.replace('%s', text))];
}

const UNSPECIFIED = 'may not be unspecified (%s)';
const LOOPBACK = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
const LINK_LOCAL = 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
const LINK_LOCAL_MULTICAST = 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';

function problemOfIpv4(first: number, second: number, third: number, octets: Uint8Array): string | undefined {
  if (octets.every((octet) => octet === 0)) return UNSPECIFIED;
  if (first === 127) return LOOPBACK;
  if (first === 169 && second === 254) return LINK_LOCAL;
  return first === 224 && second === 0 && third === 0 ? LINK_LOCAL_MULTICAST : undefined;
}

function problemOfIpv6(first: number, second: number, octets: Uint8Array): string | undefined {
  if (octets.every((octet) => octet === 0)) return UNSPECIFIED;
  if (octets.every((octet, i) => octet === (i === 15 ? 1 : 0))) return LOOPBACK;
  if (first === 0xfe && (second & 0xc0) === 0x80) return LINK_LOCAL;
  return first === 0xff && (second & 0x0f) === 0x02 ? LINK_LOCAL_MULTICAST : undefined;
}

/** An address in a form that everybody reads alike: no leading zeros, no IPv4 address within an IPv6 one. */
function isPlainIp(text: string): boolean {
  const octets = parseIp(text);
  return octets !== undefined && !isIpv4Mapped(octets);
}
