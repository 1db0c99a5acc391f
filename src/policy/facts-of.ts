import { formatIp, isIpv4Mapped, parseIp } from '../base/ip-address.js';
import { lowerAscii } from '../certificates/normalised-request.js';
import type { KubeObject, ObjectMeta } from '../kube/object-meta.js';
import type {
  EndpointSliceFacts,
  NamespaceFacts,
  NodeFacts,
  ObjectFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from './facts.js';

/** v1 Pod, as far as facts are taken from it. */
export interface PodLike extends KubeObject {
  readonly spec?: {
    readonly serviceAccountName?: string;
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly hostname?: string;
    readonly subdomain?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly hostIP?: string;
    readonly hostIPs?: readonly { readonly ip?: string }[];
  };
}

/** v1 Service, as far as facts are taken from it. */
export interface ServiceLike extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalIPs?: readonly string[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** discovery.k8s.io/v1 EndpointSlice, as far as facts are taken from it. */
export interface EndpointSliceLike extends KubeObject {
  readonly endpoints?:
    | readonly {
        readonly addresses?: readonly string[];
        readonly targetRef?: { readonly kind?: string; readonly uid?: string };
      }[]
    | null;
}

/** v1 Node, as far as facts are taken from it. */
export interface NodeLike extends KubeObject {
  readonly status?: { readonly addresses?: readonly { readonly type?: string; readonly address?: string }[] };
}

/** The facts of a Pod. A pod's own addresses and those of its host are what its status says. */
export function podFactsOf({ metadata, spec, status }: PodLike): PodFacts {
  return {
    ...objectFacts(metadata),
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    serviceAccountName: spec?.serviceAccountName ?? '',
    nodeName: spec?.nodeName ?? '',
    hostNetwork: spec?.hostNetwork ?? false,
    hostname: spec?.hostname ?? '',
    subdomain: spec?.subdomain ?? '',
    phase: status?.phase ?? '',
    deleting: isDeleting(metadata),
    ips: addresses([...(status?.podIPs ?? []).map(({ ip }) => ip), status?.podIP]),
    hostIPs: addresses([...(status?.hostIPs ?? []).map(({ ip }) => ip), status?.hostIP]),
  };
}

/** The facts of a Service. */
export function serviceFactsOf({ metadata, spec, status }: ServiceLike): ServiceFacts {
  const clusterIPs = [...(spec?.clusterIPs ?? []), spec?.clusterIP];
  const ingress = status?.loadBalancer?.ingress ?? [];
  return {
    ...objectFacts(metadata),
    namespace: metadata.namespace ?? '',
    type: spec?.type ?? 'ClusterIP',
    selector: spec?.selector ?? {},
    headless: clusterIPs.includes('None'),
    clusterIPs: addresses(clusterIPs),
    externalIPs: addresses(spec?.externalIPs ?? []),
    ingressIPs: addresses(ingress.map(({ ip }) => ip)),
    ingressHostnames: dnsNames(ingress.map(({ hostname }) => hostname)),
    deleting: isDeleting(metadata),
  };
}

/** The facts of an EndpointSlice. Endpoints that point at anything but a pod have an address and no more. */
export function endpointSliceFactsOf({ metadata, endpoints }: EndpointSliceLike): EndpointSliceFacts {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller === true);
  const podUids = new Set<string>();
  for (const { targetRef } of endpoints ?? []) {
    if (targetRef?.kind === 'Pod' && targetRef.uid !== undefined && targetRef.uid !== '') podUids.add(targetRef.uid);
  }
  return {
    ...objectFacts(metadata),
    namespace: metadata.namespace ?? '',
    serviceUid: owner?.apiVersion === 'v1' && owner.kind === 'Service' ? owner.uid : '',
    podUids: [...podUids],
    addresses: addresses((endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])),
  };
}

/** The facts of a Node. What reads as an address is one, whatever type it is said to be. */
export function nodeFactsOf({ metadata, status }: NodeLike): NodeFacts {
  const reported = (status?.addresses ?? []).map(({ address }) => address);
  return {
    ...objectFacts(metadata),
    ips: addresses(reported),
    dnsNames: dnsNames(reported),
    deleting: isDeleting(metadata),
  };
}

/** The facts of a Namespace. */
export function namespaceFactsOf({ metadata }: KubeObject): NamespaceFacts {
  return { ...objectFacts(metadata), labels: metadata.labels ?? {}, deleting: isDeleting(metadata) };
}

/** The facts of a ServiceAccount. */
export function serviceAccountFactsOf({ metadata }: KubeObject): ServiceAccountFacts {
  return { ...objectFacts(metadata), namespace: metadata.namespace ?? '', deleting: isDeleting(metadata) };
}

/**
 * The address that a text means to Kubernetes, in canonical form; undefined where it means none. An IPv4 address that is
 * written as IPv6, or with leading zeros, is that IPv4 address: whoever holds it under an odd spelling is still seen. A
 * zone makes it no address of the cluster's.
 */
export function addressOf(text: string): string | undefined {
  const octets = parseIp(text) ?? parseIp(withoutLeadingZeros(text));
  if (octets === undefined) return undefined;
  return formatIp(isIpv4Mapped(octets) ? octets.subarray(12) : octets);
}

function withoutLeadingZeros(text: string): string {
  return text.length <= 45 ? text.replace(/(^|[.:])0+(?=[0-9]+(?:\.|$))/g, '$1') : text;
}

function addresses(texts: readonly (string | undefined)[]): readonly string[] {
  const found: string[] = [];
  for (const text of texts) {
    const address = text === undefined ? undefined : addressOf(text);
    if (address !== undefined && !found.includes(address)) found.push(address);
  }
  return found;
}

function dnsNames(texts: readonly (string | undefined)[]): readonly string[] {
  const found: string[] = [];
  for (const text of texts) {
    if (text === undefined || text === '' || addressOf(text) !== undefined) continue;
    const name = lowerAscii(text);
    if (!found.includes(name)) found.push(name);
  }
  return found;
}

function objectFacts({ name, uid, resourceVersion }: ObjectMeta): ObjectFacts {
  return { name: name ?? '', uid: uid ?? '', resourceVersion: resourceVersion ?? '' };
}

function isDeleting({ deletionTimestamp }: ObjectMeta): boolean {
  return deletionTimestamp !== undefined && deletionTimestamp !== null;
}
