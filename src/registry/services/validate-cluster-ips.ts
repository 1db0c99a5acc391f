import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../kube/field-error.js';
import { validateIp } from '../ip-problems.js';
import { familyOf, type IpFamilies } from './cluster-ips.js';
import { hasNoSelector, isExternalName, isHeadless, NO_CLUSTER_IP, type Service } from './service.js';

const FIELD = 'spec.clusterIPs';
const FAMILIES = 'spec.ipFamilies';
const POLICY = 'spec.ipFamilyPolicy';
const POLICIES: readonly string[] = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const KNOWN_FAMILIES: readonly string[] = ['IPv4', 'IPv6'];

/**
 * What is wrong with the addresses of a Service and their families, on their own and for what there is here. A Service
 * without addresses is fine: it gets some.
 */
export function validateClusterIps(
  service: Service,
  previous: Service | undefined,
  configured: IpFamilies,
): readonly FieldError[] {
  if (isExternalName(service)) return validateAlias(service);
  const alone = [...validateAlignment(service), ...validateFamilies(service)];
  const ips = validateIps(service);
  if (ips.invalid) return [...alone, ...ips.errors];
  const errors = [...alone, ...ips.errors, ...validateIpFamilies(service)];
  return errors.length > 0 ? errors : validateForHere(service, previous, configured);
}

/** An alias has no address. */
function validateAlias({ spec }: Service): readonly FieldError[] {
  const why = 'may not be set for ExternalName services';
  return [
    ...((spec.clusterIPs ?? []).length > 0 ? [forbiddenField(FIELD, why)] : []),
    ...((spec.ipFamilies ?? []).length > 0 ? [forbiddenField(FAMILIES, why)] : []),
    ...(spec.ipFamilyPolicy === undefined ? [] : [forbiddenField(POLICY, why)]),
  ];
}

function validateAlignment({ spec }: Service): readonly FieldError[] {
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (clusterIP === '') {
    return clusterIPs.length === 0
      ? []
      : [invalid(FIELD, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  }
  if (clusterIPs.length === 0) return [required(FIELD)];
  return clusterIPs[0] === clusterIP ? [] : [invalid(FIELD, clusterIPs, 'first value must match `clusterIP`')];
}

function validateFamilies({ spec }: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    if (!KNOWN_FAMILIES.includes(family)) errors.push(notSupported(`${FAMILIES}[${i}]`, family, KNOWN_FAMILIES));
    if (seen.has(family)) errors.push(duplicate(`${FAMILIES}[${i}]`, family));
    seen.add(family);
  }
  const { ipFamilyPolicy: policy } = spec;
  if (policy !== undefined && !POLICIES.includes(policy)) errors.push(notSupported(POLICY, policy, POLICIES));
  return errors;
}

/** `invalid`: something is no address at all, so that nothing more can be said. */
function validateIps({ spec }: Service): { readonly errors: readonly FieldError[]; readonly invalid: boolean } {
  const { clusterIPs = [] } = spec;
  const errors: FieldError[] = [];
  for (const [i, ip] of clusterIPs.entries()) {
    if (i > 0 || ip !== NO_CLUSTER_IP) errors.push(...validateIp(ip, `${FIELD}[${i}]`));
    else if (clusterIPs.length > 1) errors.push(invalid(FIELD, clusterIPs, "'None' must be the first and only value"));
  }
  const isInvalid = errors.length > 0;
  if (clusterIPs.length > 2) errors.push(invalid(FIELD, clusterIPs, 'may only hold up to 2 values'));
  if (isInvalid || clusterIPs.length < 2) return { errors, invalid: isInvalid };
  const counted = new Set(clusterIPs.map(familyOf));
  if (counted.size < clusterIPs.length) {
    errors.push(invalid(FIELD, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  return { errors, invalid: false };
}

function validateIpFamilies({ spec }: Service): readonly FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  return clusterIPs.flatMap((ip, i) => {
    const expected = ipFamilies[i];
    const actual = ip === NO_CLUSTER_IP ? undefined : familyOf(ip);
    if (expected === undefined || actual === undefined || expected === actual) return [];
    return [invalid(`${FIELD}[${i}]`, ip, `expected an ${expected} value as indicated by \`ipFamilies[${i}]\``)];
  });
}

/** What can be had here, and what a writer must say to have less than before. */
function validateForHere(
  service: Service,
  previous: Service | undefined,
  configured: IpFamilies,
): readonly FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy: policy } = service.spec;
  const errors = policy === 'SingleStack' ? validateSingle(service) : validateNotReduced(service, previous);
  for (const [i, ip] of clusterIPs.entries()) {
    if (i < ipFamilies.length || ip === NO_CLUSTER_IP) continue;
    errors.push(invalid(`${FIELD}[${i}]`, clusterIPs, `${familyOf(ip) ?? ''} is not configured on this cluster`));
  }
  if (errors.length > 0 || (isHeadless(service) && hasNoSelector(service))) return errors;
  if (policy === 'RequireDualStack' && configured.length < 2) {
    errors.push(invalid(POLICY, policy, 'this cluster is not configured for dual-stack services'));
  }
  for (const [i, family] of ipFamilies.entries()) {
    if (configured.some((known) => known === family)) continue;
    errors.push(invalid(`${FAMILIES}[${i}]`, family, 'not configured on this cluster'));
  }
  return errors;
}

function validateSingle({ spec }: Service): FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const wrong = (what: string): FieldError =>
    invalid(
      POLICY,
      ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  return [
    ...(clusterIPs.length === 2 ? [wrong('cluster IPs')] : []),
    ...(ipFamilies.length === 2 ? [wrong('IP families')] : []),
  ];
}

function validateNotReduced({ spec }: Service, previous: Service | undefined): FieldError[] {
  const wrong = (what: string): FieldError =>
    invalid(POLICY, spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`);
  const reduced = (name: 'clusterIPs' | 'ipFamilies'): boolean =>
    previous?.spec[name]?.length === 2 && spec[name]?.length === 1;
  return [
    ...(reduced('clusterIPs') ? [wrong('cluster IP')] : []),
    ...(reduced('ipFamilies') ? [wrong('IP family')] : []),
  ];
}

/** What an update must leave as it is: addresses and families, once there are some, but for a second one. */
export function validateClusterIpsKept(service: Service, previous: Service): readonly FieldError[] {
  if (isExternalName(service) || isExternalName(previous)) return [];
  const headless = isHeadless(service) && isHeadless(previous);
  return [
    ...(headless ? [] : validateKept(FIELD, service.spec.clusterIPs, previous.spec.clusterIPs, 'clusterIP')),
    ...(isHeadless(previous) && hasNoSelector(previous)
      ? []
      : validateKept(FAMILIES, service.spec.ipFamilies, previous.spec.ipFamilies, 'ipFamily')),
  ];
}

function validateKept(
  field: string,
  next: readonly string[] = [],
  previous: readonly string[] = [],
  what: string,
): readonly FieldError[] {
  if (previous.length > 0 && next.length === 0)
    return [invalid(`${field}[0]`, next, `primary ${what} can not be unset`)];
  const kept = Math.min(next.length, previous.length);
  return previous
    .slice(0, next.length === previous.length ? kept : 1)
    .flatMap((value, i) => (next[i] === value ? [] : [invalid(`${field}[${i}]`, next, 'may not change once set')]));
}
