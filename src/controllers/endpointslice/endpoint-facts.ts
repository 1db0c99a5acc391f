import type { Pod, PodStatus, Service, ServicePort } from '../../client/core-objects.js';
import type { OwnerReference } from '../../kube/object-meta.js';

/** What of a Service decides about its slices. */
export interface ServiceFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined or empty: nobody here keeps its endpoints. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly alias: boolean;
  readonly headless: boolean;
  readonly ports: readonly ServicePort[];
  readonly families: readonly string[];
  readonly publishNotReady: boolean;
}

/** What of a Pod decides about its endpoints. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ips: readonly string[];
  /** It has ended, and will not serve again. */
  readonly over: boolean;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly nodeName: string;
  readonly hostname: string;
  readonly subdomain: string;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** The facts of a Service. */
export function serviceFactsOf({ metadata, spec = {} }: Service): ServiceFacts {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? {},
    selector: spec.selector,
    alias: spec.type === 'ExternalName',
    headless: spec.clusterIP === 'None',
    ports: spec.ports ?? [],
    families: spec.ipFamilies ?? [],
    publishNotReady: spec.publishNotReadyAddresses ?? false,
  };
}

/** The facts of a Pod. */
export function podFactsOf({ metadata, spec = {}, status = {} }: Pod): PodFacts {
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? []);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? {},
    ips: addressesOf(status),
    over: status.phase === 'Succeeded' || status.phase === 'Failed',
    ready: (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    terminating: (metadata.deletionTimestamp ?? null) !== null,
    nodeName: spec.nodeName ?? '',
    hostname: spec.hostname ?? '',
    subdomain: spec.subdomain ?? '',
    ports: ports.map(({ name = '', protocol = 'TCP', containerPort }) => ({ name, protocol, port: containerPort })),
  };
}

function addressesOf({ podIPs, podIP }: PodStatus): readonly string[] {
  const ips = (podIPs ?? [{ ip: podIP ?? '' }]).map(({ ip = '' }) => ip);
  return ips.filter((ip) => ip !== '');
}

/** The selector of a Service whose endpoints are kept here; undefined for an alias, and where it selects nothing. */
export function selectorOf(service: ServiceFacts): readonly (readonly [string, string])[] | undefined {
  const pairs = Object.entries(service.selector ?? {});
  return service.alias || pairs.length === 0 ? undefined : pairs;
}

/** Whether a Service whose endpoints are kept here selects a pod of its namespace. */
export function selects(service: ServiceFacts, pod: PodFacts): boolean {
  if (service.namespace !== pod.namespace) return false;
  return selectorOf(service)?.every(([name, value]) => pod.labels[name] === value) ?? false;
}

/** The reference that makes a slice the Service's. */
export function ownerReferenceTo({ name, uid }: ServiceFacts): OwnerReference {
  return { apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true };
}
