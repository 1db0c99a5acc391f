import { parseIp } from '../../base/ip-address.js';
import { equalValues } from '../../kube/equal-values.js';
import {
  hasNoSelector,
  isExternalName,
  isHeadless,
  NO_CLUSTER_IP,
  type Service,
  type ServiceSpec,
  withSpec,
} from './service.js';

/** A family of addresses. */
export type IpFamily = 'IPv4' | 'IPv6';

/** The families that Services can have here; the first is the default. */
export type IpFamilies = readonly [IpFamily, ...IpFamily[]];

/** The family of an address as text; undefined where it is none. */
export function familyOf(text: string): IpFamily | undefined {
  const octets = parseIp(text);
  if (octets === undefined) return undefined;
  return octets.length === 4 ? 'IPv4' : 'IPv6';
}

/**
 * Brings `clusterIP`, for those who know one address only, and `clusterIPs` together, as far as it is clear what the
 * writer meant. Validation looks at the rest.
 */
export function alignClusterIps(service: Service, previous: Service | undefined): Service {
  const { clusterIP = '', clusterIPs = [] } = service.spec;
  if (previous === undefined) {
    return clusterIP !== '' && clusterIPs.length === 0 ? withSpec(service, { clusterIPs: [clusterIP] }) : service;
  }
  const { clusterIP: oldIp = '', clusterIPs: oldIps = [] } = previous.spec;
  if (clusterIP === oldIp) {
    return clusterIPs.length === 0 && oldIps.length > 0 ? withSpec(service, { clusterIPs: oldIps }) : service;
  }
  // the one was changed and the other left as it was: the writer knows only the one
  if (!equalValues(clusterIPs, oldIps)) return service;
  return withSpec(service, { clusterIPs: clusterIP === '' ? undefined : [clusterIP] });
}

/** Gives a Service that keeps needing addresses those that it has, where the writer named none. */
export function keepClusterIps(service: Service, previous: Service): Service {
  if (isExternalName(service) || isExternalName(previous)) return service;
  const { clusterIP = '', clusterIPs = [] } = service.spec;
  return withSpec(service, {
    ...(clusterIP === '' ? { clusterIP: previous.spec.clusterIP } : {}),
    ...(clusterIPs.length === 0 ? { clusterIPs: previous.spec.clusterIPs } : {}),
  });
}

/** Takes addresses and families from a Service that becomes an alias, where the writer did not touch them. */
export function dropClusterIps(service: Service, previous: Service): Service {
  if (!isExternalName(service) || isExternalName(previous)) return service;
  const same = (name: keyof ServiceSpec): boolean => equalValues(service.spec[name], previous.spec[name]);
  return withSpec(service, {
    ...(same('clusterIP') && same('clusterIPs') ? { clusterIP: undefined, clusterIPs: undefined } : {}),
    ...(same('ipFamilies') ? { ipFamilies: undefined } : {}),
    ...(same('ipFamilyPolicy') ? { ipFamilyPolicy: undefined } : {}),
  });
}

/** Fills in which families a Service has, from what its writer said and what there is here. */
export function inferFamilies(service: Service, previous: Service | undefined, configured: IpFamilies): Service {
  if (isExternalName(service) || staysPreferDualStack(service, previous)) return service;
  const { spec } = service;
  const own = isHeadless(service) && hasNoSelector(service);
  const policy = spec.ipFamilyPolicy ?? previous?.spec.ipFamilyPolicy ?? (own ? 'RequireDualStack' : 'SingleStack');
  const single = policy === 'SingleStack';
  const clusterIPs = single ? firstOfUnchanged('clusterIPs', service, previous) : spec.clusterIPs;
  const named = (single ? firstOfUnchanged('ipFamilies', service, previous) : spec.ipFamilies) ?? [];
  const families = impliedFamilies(clusterIPs ?? [], named, configured);
  // addresses without a family here, or fewer families than before: validation will say what is wrong
  const odd = families.length < (clusterIPs ?? []).filter((ip) => ip !== NO_CLUSTER_IP).length;
  const fewer = !single && (previous?.spec.ipFamilies ?? []).length > named.length && named.length > 0;
  const complete = odd || fewer ? families : completeFamilies(families, !single, own, configured);
  return withSpec(service, { clusterIPs, ipFamilies: complete, ipFamilyPolicy: policy });
}

function completeFamilies(
  families: readonly string[],
  dual: boolean,
  own: boolean,
  configured: IpFamilies,
): readonly string[] {
  const [first = configured[0], ...others] = families;
  if (!dual || others.length > 0 || (!own && configured.length < 2)) return [first, ...others];
  return [first, first === 'IPv4' ? 'IPv6' : 'IPv4'];
}

/** A Service that prefers both families is left with what it has until somebody changes that. */
function staysPreferDualStack(service: Service, previous: Service | undefined): boolean {
  if (previous === undefined) return false;
  const unchanged = (name: keyof ServiceSpec): boolean => equalValues(service.spec[name], previous.spec[name]);
  return (
    service.spec.ipFamilyPolicy === 'PreferDualStack' &&
    unchanged('ipFamilyPolicy') &&
    unchanged('clusterIPs') &&
    unchanged('ipFamilies')
  );
}

/** With a single family, what an update left unchanged loses its second value. */
function firstOfUnchanged(
  name: 'clusterIPs' | 'ipFamilies',
  { spec }: Service,
  previous: Service | undefined,
): readonly string[] | undefined {
  const values = spec[name];
  return previous !== undefined && equalValues(values, previous.spec[name]) ? values?.slice(0, 1) : values;
}

/** The named families, and those of the addresses after them, up to the first that cannot be had. */
function impliedFamilies(
  clusterIPs: readonly string[],
  named: readonly string[],
  configured: IpFamilies,
): readonly string[] {
  const families = [...named];
  for (const ip of clusterIPs.slice(named.length)) {
    const family = ip === NO_CLUSTER_IP ? undefined : familyOf(ip);
    if (family === undefined || !configured.includes(family) || families.includes(family)) break;
    families.push(family);
  }
  return families;
}
