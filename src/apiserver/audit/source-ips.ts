import { formatIp, parseIp } from '../../base/ip-address.js';
import type { Headers, Peer } from '../../kube/exchange.js';
import { headerOf } from '../request-headers.js';

/**
 * Where a request says it comes from, and at the end where it really came from: the addresses of X-Forwarded-For, that
 * of X-Real-Ip, and the peer's. What is no address is left out, and none stands twice in a row. Undefined for a caller
 * in this process.
 */
export function sourceIps(headers: Headers, peer: Peer): readonly string[] | undefined {
  if (peer.kind === 'in-process') return undefined;
  const ips: string[] = [];
  const forwarded = headerOf(headers, 'x-forwarded-for');
  if (forwarded !== '') for (const part of forwarded.split(',')) addIf(ips, part.trim());
  const real = headerOf(headers, 'x-real-ip');
  if (real !== '') {
    const ip = canonicalIp(real);
    if (ip !== undefined && !ips.includes(ip)) ips.push(ip);
  }
  const own = canonicalIp(peer.address) ?? peer.address;
  if (own !== '' && ips.at(-1) !== own) ips.push(own);
  return ips;
}

function addIf(ips: string[], text: string): void {
  const ip = canonicalIp(text);
  if (ip !== undefined) ips.push(ip);
}

/** One spelling for each address; an IPv4 address within IPv6 is the IPv4 address. */
function canonicalIp(text: string): string | undefined {
  const octets = parseIp(text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text);
  return octets === undefined ? undefined : formatIp(octets);
}
