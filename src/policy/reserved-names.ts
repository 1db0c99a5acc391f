import { isIpv4Mapped, parseIp } from '../base/ip-address.js';
import { isInNetwork, parseIpNetwork, type IpNetwork } from '../base/ip-network.js';
import { lowerAscii, type RequestedName, type SubjectValue } from '../certificates/normalised-request.js';
import { backsService } from './backs-service.js';
import { clusterNameOf } from './cluster-name.js';
import type { ServiceFacts } from './facts.js';
import { objectText, type ProofContext } from './proof-context.js';
import type { ApprovalSettings } from './settings.js';

/** What reservedBecause looks at. */
export type ReservedContext = Pick<ProofContext, 'identity' | 'facts' | 'settings'>;

/** Prefix of the users and groups of Kubernetes itself. */
const SYSTEM_PREFIX = 'system:';

/** Names of the machine itself, by which programs reach what listens beside them. */
const LOCAL_NAMES: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'ip6-localhost',
  'ip6-loopback',
]);

/** Names by which cloud providers hand out credentials of machines. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'metadata.azure.internal',
  'metadata.platformequinix.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

/** Addresses of which no pod, node or user can be the only holder. */
const RESERVED_NETWORKS: readonly { readonly network: IpNetwork; readonly because: string }[] = [
  ['0.0.0.0/8', 'it is an unspecified address'],
  ['::/128', 'it is the unspecified address'],
  ['127.0.0.0/8', 'it is a loopback address'],
  ['::1/128', 'it is the loopback address'],
  ['169.254.0.0/16', 'it is a link-local address'],
  ['fe80::/10', 'it is a link-local address'],
  ['224.0.0.0/4', 'it is a multicast address'],
  ['ff00::/8', 'it is a multicast address'],
  ['255.255.255.255/32', 'it is the broadcast address'],
  ['100.100.100.200/32', 'it is an address of cloud metadata'],
  ['168.63.129.16/32', 'it is an address of cloud metadata'],
  ['192.0.0.192/32', 'it is an address of cloud metadata'],
  ['fd00:ec2::/32', 'it is an address of cloud metadata'],
  ['fd20:ce::254/128', 'it is an address of cloud metadata'],
].map(([text = '', because = '']) => {
  const network = parseIpNetwork(text);
  if (network === undefined) throw new TypeError(`no network: ${text}`);
  return { network, because };
});

/**
 * Why only an exact literal in a policy's reservedNames grants this name or value of a subject; undefined where it is not
 * reserved. A wildcard is reserved where it covers a reserved name. What `ownNode` and KubeletClient prove of a subject
 * as a whole is exempt: they are asked first.
 */
export function reservedBecause(name: RequestedName | SubjectValue, context: ReservedContext): string | undefined {
  if ('oid' in name) {
    return lowerAscii(name.value).startsWith(SYSTEM_PREFIX)
      ? `values that begin with "${SYSTEM_PREFIX}" are those of Kubernetes itself`
      : undefined;
  }
  switch (name.type) {
    case 'dns':
      return reservedDnsName(lowerAscii(name.text), context.settings);
    case 'ip':
      return reservedAddress(name.text, context);
    case 'uri':
    case 'email':
      return undefined;
  }
}

function reservedDnsName(text: string, settings: ApprovalSettings): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (!name.startsWith('*.')) return reservedPlainName(name, settings);
  const zone = name.slice(2);
  const covered = reservedPlainName(`kubernetes.${zone}`, settings) ?? reservedPlainName(zone, settings);
  if (covered !== undefined) return covered;
  const isParent = (reserved: string): boolean => parentOf(reserved) === zone;
  if ([...METADATA_NAMES, ...LOCAL_NAMES].some(isParent)) return 'it covers a name of the machine or of cloud metadata';
  return settings.reserved.dnsNames.some(isParent) ? 'it covers a name that the settings reserve' : undefined;
}

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

function reservedPlainName(name: string, settings: ApprovalSettings): string | undefined {
  if (LOCAL_NAMES.has(name) || name.endsWith('.localhost')) return 'it is a name of the machine itself';
  if (METADATA_NAMES.has(name)) return 'it is a name of cloud metadata';
  if (settings.reserved.dnsNames.includes(name)) return 'the settings reserve it';
  const { clusterDomain } = settings;
  if ([clusterDomain, 'svc', `svc.${clusterDomain}`, `pod.${clusterDomain}`].includes(name)) {
    return "it is a zone of the cluster's DNS";
  }
  const cluster = clusterNameOf(name, settings);
  if (cluster?.kind === 'pod') return undefined;
  const labels = cluster !== undefined && cluster.labels.length > 1 ? cluster.labels : shortServiceName(name);
  return labels === undefined ? undefined : reservedService(labels.at(-2) ?? '', labels.at(-1));
}

/** Service and namespace of a bare name, or of one with a namespace; undefined where it has more labels. */
function shortServiceName(name: string): readonly [service: string, namespace: string | undefined] | undefined {
  const [service = '', namespace, ...more] = name.split('.');
  return more.length === 0 ? [service, namespace] : undefined;
}

function reservedService(service: string, namespace: string | undefined): string | undefined {
  if (service === 'kubernetes') return 'Service kubernetes is the API server';
  if (service !== 'kube-dns') return undefined;
  return namespace === undefined || namespace === 'kube-system' ? "Service kube-dns is the cluster's DNS" : undefined;
}

function reservedAddress(text: string, context: ReservedContext): string | undefined {
  const octets = parseIp(text);
  if (octets === undefined) return 'it is no address';
  if (isIpv4Mapped(octets)) return 'it is an IPv4 address written as IPv6';
  const reserved = RESERVED_NETWORKS.find(({ network }) => isInNetwork(network, octets));
  if (reserved !== undefined) return reserved.because;
  if (context.settings.reserved.ips.includes(text)) return 'the settings reserve it';
  // The API server keeps its own endpoints there, under no Service's control.
  if (context.facts.endpointSlice('default', 'kubernetes')?.addresses.includes(text) === true) {
    return 'it is an address of the API server';
  }
  for (const service of context.facts.servicesByIp(text)) {
    if (service.clusterIPs.includes(text)) {
      const because = reservedClusterIp(service, context);
      if (because !== undefined) return because;
    }
  }
  return undefined;
}

/** Why the cluster IP of this Service is not the requester's. A Service that selects the pod is its own. */
function reservedClusterIp(service: ServiceFacts, { identity, facts }: ReservedContext): string | undefined {
  const { namespace, name } = service;
  if (namespace === 'default' && name === 'kubernetes') return 'it is the address of the API server';
  if (namespace === 'kube-system' && name === 'kube-dns') return "it is the address of the cluster's DNS";
  const isOwn = identity.kind === 'pod' && backsService(identity.pod, service, facts).kind !== 'foreign';
  return isOwn ? undefined : `it is a cluster IP of ${objectText('Service', service)}`;
}
