import { formatIp, isIpv4Mapped, parseIp } from './ip-address.js';

/** A block of addresses of one family: all that share the first `prefixLength` bits of `address`. */
export interface IpNetwork {
  /** 4 or 16 octets; the bits after the prefix are zero. */
  readonly address: Uint8Array;
  readonly prefixLength: number;
}

/**
 * Reads CIDR notation: `10.0.0.0/8`, `fd00::/8`. Undefined where it is none: also where bits are set after the prefix
 * (`10.1.0.0/8` is more likely a mistake than a network), and for IPv4 addresses written as IPv6.
 */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const address = parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || isIpv4Mapped(address) || !/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const prefixLength = Number(digits);
  if (prefixLength > address.length * 8) return undefined;
  const isNetwork = address.every((octet, i) => (octet & ~maskOf(prefixLength, i)) === 0);
  return isNetwork ? { address, prefixLength } : undefined;
}

/** Whether the address (4 or 16 octets) is in the network. Another family never is. */
export function isInNetwork(network: IpNetwork, address: Uint8Array): boolean {
  return (
    network.address.length === address.length &&
    network.address.every((octet, i) => octet === ((address[i] ?? 0) & maskOf(network.prefixLength, i)))
  );
}

/** The network in CIDR notation, its address in canonical form. */
export function formatIpNetwork(network: IpNetwork): string {
  return `${formatIp(network.address)}/${network.prefixLength}`;
}

/** The bits of octet `index` that belong to the prefix. */
function maskOf(prefixLength: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff00 >> bits) & 0xff;
}
