import type { KubeObject } from '../../kube/object-meta.js';

/** core/v1 ServicePort. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
  readonly port: number;
  /** A number, or the name of a port of the pods' containers. */
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

/** core/v1 ServiceSpec. */
export interface ServiceSpec {
  readonly ports?: readonly ServicePort[];
  readonly selector?: Readonly<Record<string, string>>;
  /** `None`: headless. */
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly type?: string;
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity?: string;
  readonly loadBalancerIP?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses?: boolean;
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
  readonly ipFamilies?: readonly string[];
  readonly ipFamilyPolicy?: string;
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly loadBalancerClass?: string;
  readonly internalTrafficPolicy?: string;
  readonly trafficDistribution?: string;
}

/** core/v1 LoadBalancerIngress. */
export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: string; readonly error?: string }[];
}

/** core/v1 ServiceStatus. */
export interface ServiceStatus {
  readonly loadBalancer: { readonly ingress?: readonly LoadBalancerIngress[] };
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly observedGeneration?: number;
    readonly lastTransitionTime: string | null;
    readonly reason: string;
    readonly message: string;
  }[];
}

/** core/v1 Service. */
export interface Service extends KubeObject {
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}

/** What may be said of a spec's fields: a value, or that it goes. */
export type SpecChange = { readonly [K in keyof ServiceSpec]?: ServiceSpec[K] | undefined };

/** The Service with some of its spec's fields set, or taken away. */
export function withSpec(service: Service, change: SpecChange): Service {
  const spec = Object.entries({ ...service.spec, ...change }).filter(([, value]) => value !== undefined);
  // the fields of both, each of its type, without those that go
  return { ...service, spec: Object.fromEntries(spec) };
}

/** What stands for the cluster IP of a headless Service. */
export const NO_CLUSTER_IP = 'None';

/** Whether it is only an alias of a name elsewhere. */
export function isExternalName({ spec }: Service): boolean {
  return spec.type === 'ExternalName';
}

/** Whether it has no address of its own: its name stands for its endpoints. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === NO_CLUSTER_IP;
}

/** Whether nobody keeps its endpoints: who wants some writes them. */
export function hasNoSelector({ spec }: Service): boolean {
  return Object.keys(spec.selector ?? {}).length === 0;
}

/** Whether it is reached from outside: through nodes, a load balancer, or addresses that are routed to it. */
export function isExternallyAccessible({ spec }: Service): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true;
  return spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0;
}

/** Whether each of its ports gets one of every node's. */
export function needsNodePorts({ spec }: Service): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Whether a port of every node tells load balancers if it has endpoints there. */
export function needsHealthCheckNodePort({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Its addresses within the cluster; none when headless. */
export function clusterIpsOf({ spec }: Service): readonly string[] {
  return (spec.clusterIPs ?? []).filter((ip) => ip !== NO_CLUSTER_IP && ip !== '');
}

/** The ports of every node that are its own, the one for health checks included. */
export function nodePortsOf({ spec }: Service): readonly number[] {
  const ports = [...(spec.ports ?? []).map((port) => port.nodePort ?? 0), spec.healthCheckNodePort ?? 0];
  return [...new Set(ports)].filter((port) => port !== 0);
}
