import {
  isExternallyAccessible,
  type LoadBalancerIngress,
  type Service,
  type ServicePort,
  type ServiceSpec,
} from './service.js';

const AFFINITY_SECONDS = 10_800;

/** Types whose traffic within the cluster has a policy. */
const INTERNAL: readonly (string | undefined)[] = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/** Fills in what a writer left out and Kubernetes defaults on every write. */
export function setServiceDefaults(service: Service): Service {
  const spec = withDefaults(service.spec);
  const next: Service = { ...service, spec };
  const external: ServiceSpec =
    isExternallyAccessible(next) && (spec.externalTrafficPolicy ?? '') === ''
      ? { ...spec, externalTrafficPolicy: 'Cluster' }
      : spec;
  return { ...service, spec: external, status: withIpModes(service, external) };
}

function withDefaults(spec: ServiceSpec): ServiceSpec {
  const { sessionAffinity: affinity = '', type: wanted = '', sessionAffinityConfig: config, ...rest } = spec;
  const sessionAffinity = affinity === '' ? 'None' : affinity;
  const type = wanted === '' ? 'ClusterIP' : wanted;
  const sticky =
    sessionAffinity === 'ClientIP' && config?.clientIP?.timeoutSeconds === undefined
      ? { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
      : config;
  return {
    ...rest,
    ...(rest.ports === undefined ? {} : { ports: rest.ports.map(withPortDefaults) }),
    type,
    sessionAffinity,
    ...(sticky === undefined || sessionAffinity === 'None' ? {} : { sessionAffinityConfig: sticky }),
    ...(rest.internalTrafficPolicy === undefined && INTERNAL.includes(type)
      ? { internalTrafficPolicy: 'Cluster' }
      : {}),
    ...(rest.allocateLoadBalancerNodePorts === undefined && type === 'LoadBalancer'
      ? { allocateLoadBalancerNodePorts: true }
      : {}),
  };
}

function withPortDefaults(port: ServicePort): ServicePort {
  const { name, protocol = '', appProtocol, targetPort, nodePort } = port;
  return {
    ...(name === undefined ? {} : { name }),
    protocol: protocol === '' ? 'TCP' : protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
    port: port.port,
    targetPort: targetPort === undefined || targetPort === 0 || targetPort === '' ? port.port : targetPort,
    ...(nodePort === undefined ? {} : { nodePort }),
  };
}

function withIpModes({ status }: Service, { type }: ServiceSpec): Service['status'] {
  const { ingress } = status.loadBalancer;
  if (type !== 'LoadBalancer' || ingress === undefined) return status;
  const completed = ingress.map((entry): LoadBalancerIngress => {
    if ((entry.ip ?? '') === '' || entry.ipMode !== undefined) return entry;
    return { ...entry, ipMode: 'VIP' };
  });
  return { ...status, loadBalancer: { ingress: completed } };
}
