import { equalBytes } from '../base/bytes.js';
import type { Certificate } from './certificate.js';
import { isIpv4Mapped, parseIp } from '../base/ip-address.js';

/**
 * Whether a certificate is for `hostname`: an IP address (IPv6 also in brackets) against iPAddress, a DNS name against
 * dNSName without regard to case, with a wildcard only as the whole leftmost label (RFC 9525 §6.3). A dot at the end of
 * `hostname` is ignored. The common name is never consulted.
 */
export function matchesHostname(certificate: Certificate, hostname: string): boolean {
  const bracketed = /^\[(.*)\]$/.exec(hostname);
  const address = parseIp(bracketed?.[1] ?? hostname);
  if (address !== undefined) {
    const wanted = withoutMapping(address);
    return certificate.subjectAltNames.some(
      (name) => name.kind === 'ip' && equalBytes(withoutMapping(name.bytes), wanted),
    );
  }
  const labels = dnsLabels(hostname.endsWith('.') ? hostname.slice(0, -1) : hostname);
  if (labels === undefined) return false;
  return certificate.subjectAltNames.some((name) => name.kind === 'dns' && matchesPattern(name.value, labels));
}

function withoutMapping(address: Uint8Array): Uint8Array {
  return isIpv4Mapped(address) ? address.subarray(12) : address;
}

/** Lower-case labels of a name that can be looked up; undefined where it cannot. Underscores occur, so they are taken. */
function dnsLabels(name: string): readonly string[] | undefined {
  if (name.length > 253 || !/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(name)) return undefined;
  return name.toLowerCase().split('.');
}

function matchesPattern(pattern: string, labels: readonly string[]): boolean {
  const parts = pattern.toLowerCase().split('.');
  if (parts.length !== labels.length) return false;
  return parts.every((part, i) => part === labels[i] || (i === 0 && part === '*' && parts.length > 1));
}
