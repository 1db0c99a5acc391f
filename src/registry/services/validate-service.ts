import { parseIp } from '../../base/ip-address.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../kube/field-error.js';
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../kube/names.js';
import { validateLabels } from '../../kube/validate-object-meta.js';
import { validateCidr, validateIp, validateOrdinaryIp } from '../ip-problems.js';
import { validatePortNumber } from '../port-problems.js';
import type { IpFamilies } from './cluster-ips.js';
import {
  isExternallyAccessible,
  isHeadless,
  type LoadBalancerIngress,
  needsHealthCheckNodePort,
  type Service,
} from './service.js';
import { validateClusterIps, validateClusterIpsKept } from './validate-cluster-ips.js';
import { validateServicePorts, validateServicePortsTogether } from './validate-ports.js';

const TYPES: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const TRAFFIC_POLICIES: readonly string[] = ['Cluster', 'Local'];
const DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const MAX_AFFINITY_SECONDS = 86_400;
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'";

/** What is wrong with a Service (pkg/apis/core/validation), here where there are these families of addresses. */
export function validateService(
  service: Service,
  previous: Service | undefined,
  configured: IpFamilies,
): readonly FieldError[] {
  const { selector, type = '' } = service.spec;
  return [
    ...validateServicePorts(service),
    ...validateType(service),
    ...validateLabels(selector, 'spec.selector'),
    ...validateAffinity(service),
    ...validateClusterIps(service, previous, configured),
    ...validateExternalIps(service),
    ...(TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)]),
    ...validateServicePortsTogether(service),
    ...validateLoadBalancer(service, previous),
    ...validateTraffic(service),
  ];
}

/** What is wrong with an update of a Service. */
export function validateServiceUpdate(next: Service, previous: Service, configured: IpFamilies): readonly FieldError[] {
  return [...validateClusterIpsKept(next, previous), ...validateService(next, previous, configured)];
}

function validateType(service: Service): readonly FieldError[] {
  const { type, externalName = '' } = service.spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(service)) {
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)];
  }
  if (type !== 'ExternalName') return [];
  const name = externalName.endsWith('.') ? externalName.slice(0, -1) : externalName;
  if (name === '') return [required('spec.externalName')];
  return dnsSubdomainProblems(name).map((problem) => invalid('spec.externalName', name, problem));
}

function validateAffinity({ spec }: Service): readonly FieldError[] {
  const { sessionAffinity = '', sessionAffinityConfig: config } = spec;
  if (sessionAffinity === 'None') return [];
  if (sessionAffinity !== 'ClientIP')
    return [notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])];
  const seconds = config?.clientIP?.timeoutSeconds ?? 0;
  if (seconds > 0 && seconds <= MAX_AFFINITY_SECONDS) return [];
  const why = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
  return [invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, why)];
}

function validateExternalIps({ spec }: Service): readonly FieldError[] {
  return (spec.externalIPs ?? []).flatMap((ip, i) => {
    const field = `spec.externalIPs[${i}]`;
    const errors = validateIp(ip, field);
    return errors.length > 0 ? errors : validateOrdinaryIp(ip, field);
  });
}

function validateLoadBalancer({ spec }: Service, previous: Service | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { loadBalancerSourceRanges: ranges = [], loadBalancerClass } = spec;
  const balanced = spec.type === 'LoadBalancer';
  // spelt as in Go, as the API server does
  if (ranges.length > 0 && !balanced) errors.push(forbiddenField('spec.LoadBalancerSourceRanges', ONLY_BALANCED));
  for (const [i, range] of ranges.entries()) {
    errors.push(...validateCidr(range.trim(), `spec.LoadBalancerSourceRanges[${i}]`));
  }
  if (!balanced) {
    if (spec.allocateLoadBalancerNodePorts !== undefined) {
      errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', ONLY_BALANCED));
    }
    if (loadBalancerClass !== undefined) errors.push(forbiddenField('spec.loadBalancerClass', ONLY_BALANCED));
    return errors;
  }
  if (previous?.spec.type === 'LoadBalancer' && previous.spec.loadBalancerClass !== loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set'));
  }
  for (const problem of loadBalancerClass === undefined ? [] : qualifiedNameProblems(loadBalancerClass)) {
    errors.push(invalid('spec.loadBalancerClass', loadBalancerClass, problem));
  }
  return errors;
}

function validateTraffic(service: Service): readonly FieldError[] {
  const { externalTrafficPolicy: external = '', internalTrafficPolicy: internal, trafficDistribution } = service.spec;
  const { healthCheckNodePort: healthPort = 0 } = service.spec;
  const errors: FieldError[] = [];
  if (!isExternallyAccessible(service)) {
    if (external !== '') {
      errors.push(
        invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'),
      );
    }
  } else if (!TRAFFIC_POLICIES.includes(external)) {
    errors.push(notSupported('spec.externalTrafficPolicy', external, TRAFFIC_POLICIES));
  }
  if (needsHealthCheckNodePort(service)) {
    // none is fine: it gets one
    if (healthPort !== 0) errors.push(...validatePortNumber(healthPort, 'spec.healthCheckNodePort'));
  } else if (healthPort !== 0) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid('spec.healthCheckNodePort', healthPort, why));
  }
  if (internal !== undefined && !TRAFFIC_POLICIES.includes(internal)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, TRAFFIC_POLICIES));
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  }
  return errors;
}

/** What is wrong with the status of a Service. */
export function validateServiceStatus({ spec, status }: Service): readonly FieldError[] {
  const { ingress = [] } = status.loadBalancer;
  if (ingress.length > 0 && spec.type !== 'LoadBalancer') {
    return [forbiddenField('status.loadBalancer.ingress', 'may only be used when `spec.type` is "LoadBalancer"')];
  }
  return ingress.flatMap((entry, i) => validateIngress(entry, `status.loadBalancer.ingress[${i}]`));
}

function validateIngress({ ip = '', ipMode, hostname = '' }: LoadBalancerIngress, field: string): FieldError[] {
  const errors = ip === '' ? [] : [...validateIp(ip, `${field}.ip`)];
  if (ipMode !== undefined && ip === '') {
    errors.push(forbiddenField(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
  } else if (ipMode !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy') {
    errors.push(notSupported(`${field}.ipMode`, ipMode, ['Proxy', 'VIP']));
  }
  if (hostname === '') return errors;
  for (const problem of dnsSubdomainProblems(hostname)) errors.push(invalid(`${field}.hostname`, hostname, problem));
  if (parseIp(hostname) !== undefined) {
    errors.push(invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  }
  return errors;
}
