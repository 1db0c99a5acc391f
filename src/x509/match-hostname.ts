import type { Certificate } from './certificate.js';

/**
 * Whether a certificate is for `hostname`: an IP address against iPAddress, a DNS name against dNSName, with a wildcard
 * only as the whole leftmost label (RFC 9525 §6.3). The common name is never consulted.
 */
export function matchesHostname(_certificate: Certificate, _hostname: string): boolean {
  throw new Error('not yet');
}
