import { formatIp, parseIp } from '../../base/ip-address.js';
import { formatIpNetwork, type IpNetwork } from '../../base/ip-network.js';
import { invalid, invalidObject } from '../../kube/field-error.js';
import type { Pool, Taking } from './pool.js';
import { clusterIpsOf, isExternalName, isHeadless, type Service, withSpec } from './service.js';

/** The addresses of one network. */
export interface AddressPool extends Pool {
  readonly network: IpNetwork;
}

/** The addresses of a Service in the one spelling that each has. */
export function addressesOf(service: Service): readonly string[] {
  return clusterIpsOf(service).map(canonical);
}

function canonical(ip: string): string {
  const octets = parseIp(ip);
  return octets === undefined ? ip : formatIp(octets);
}

/**
 * A Service with an address for each of its families: those it has, those its writer named, and any for the rest.
 * Throws 422 where a named one cannot be had.
 */
export async function giveClusterIps(
  service: Service,
  previous: Service | undefined,
  pools: ReadonlyMap<string, AddressPool>,
  taking: Taking,
): Promise<Service> {
  if (isExternalName(service) || isHeadless(service)) return service;
  const { clusterIPs = [], ipFamilies = [] } = service.spec;
  const held = new Set(previous === undefined ? [] : addressesOf(previous));
  const ips: string[] = [];
  for (const [i, family] of ipFamilies.entries()) {
    const wanted = clusterIPs[i] ?? '';
    const pool = pools.get(family);
    if (wanted !== '' && (pool === undefined || held.has(canonical(wanted)))) ips.push(wanted);
    else if (pool !== undefined) ips.push(wanted === '' ? await taking.takeAny(pool) : await takeNamed(wanted, pool));
  }
  const [first] = ips;
  return first === undefined ? service : withSpec(service, { clusterIP: first, clusterIPs: ips });

  async function takeNamed(ip: string, pool: AddressPool): Promise<string> {
    const { name = '' } = service.metadata;
    const refused = (why: string): Error =>
      invalidObject('', 'Service', name, [
        invalid('spec.clusterIPs', clusterIPs, `failed to allocate IP ${ip}: ${why}`),
      ]);
    if (!pool.range.has(canonical(ip))) {
      const range = formatIpNetwork(pool.network);
      throw refused(`the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range}`);
    }
    if (!(await taking.take(pool, canonical(ip)))) throw refused('provided IP is already allocated');
    return ip;
  }
}
