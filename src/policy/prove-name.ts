import type { ProvableName } from '../certificates/approval-policy.js';
import type { RequestedName } from '../certificates/normalised-request.js';
import { clusterNameOf, type ClusterName } from './cluster-name.js';
import { contradicted, unknown, type ProofContext } from './proof-context.js';
import { provePodDns, provePodIpDns, readsAsAddress } from './prove-pod-dns.js';
import { provePodIp } from './prove-pod-ip.js';
import { proveServiceClusterIp, proveServiceName, proveShortServiceName, proveStablePodName } from './prove-service.js';
import { isSpiffeId, proveSpiffe } from './prove-spiffe.js';
import { reservedBecause } from './reserved-names.js';
import type { NameVerdict } from './verdict.js';

type Proof = (context: ProofContext) => NameVerdict;

/**
 * What facts say of a name, in the eyes of the kinds that a policy grants; undefined where none of them has this shape.
 * At most one kind speaks for a name, so that no two verdicts have to be weighed. A reserved name is contradicted: only a
 * literal in reservedNames grants it. Nothing proves a wildcard.
 */
export function proveName(
  name: RequestedName,
  kinds: ReadonlySet<ProvableName>,
  context: ProofContext,
): NameVerdict | undefined {
  const proof = proofOf(name, kinds, context);
  if (proof === undefined) return undefined;
  const reserved = reservedBecause(name, context);
  return reserved === undefined ? proof(context) : contradicted(reserved);
}

function proofOf(
  { type, text }: RequestedName,
  kinds: ReadonlySet<ProvableName>,
  { facts, settings }: ProofContext,
): Proof | undefined {
  switch (type) {
    case 'ip': {
      const isOfService = facts.servicesByIp(text).some(({ clusterIPs }) => clusterIPs.includes(text));
      if (kinds.has('ServiceClusterIP') && (isOfService || !kinds.has('PodIP'))) {
        return (context) => proveServiceClusterIp(text, context) ?? unknown('no Service has this cluster IP yet');
      }
      return kinds.has('PodIP') ? (context) => provePodIp(text, 'PodIP', context) : undefined;
    }
    case 'dns': {
      if (text.includes('*')) return undefined;
      const cluster = clusterNameOf(text, settings);
      if (cluster?.kind === 'pod') return podProof(cluster.labels, kinds);
      return cluster === undefined || (!cluster.qualified && cluster.labels.length === 1)
        ? shortProof(text, kinds)
        : serviceProof(cluster, kinds);
    }
    case 'uri':
      return kinds.has('SPIFFE') && isSpiffeId(text) ? (context) => proveSpiffe(text, context) : undefined;
    case 'email':
      return undefined;
  }
}

function podProof(labels: readonly string[], kinds: ReadonlySet<ProvableName>): Proof | undefined {
  if (kinds.has('PodIPDNS') && readsAsAddress(labels[0] ?? '')) return (context) => provePodIpDns(labels, context);
  return kinds.has('PodDNS') ? (context) => provePodDns(labels, context) : undefined;
}

function serviceProof(
  { labels, qualified }: Extract<ClusterName, { kind: 'service' }>,
  kinds: ReadonlySet<ProvableName>,
): Proof | undefined {
  if (labels.length === 2 && kinds.has('ServiceDNS')) {
    const [service = '', namespace = ''] = labels;
    return (context) => proveServiceName({ service, namespace }, 'ServiceDNS', context);
  }
  return labels.length === 3 && qualified && kinds.has('StablePodDNS')
    ? (context) => proveStablePodName(labels, context)
    : undefined;
}

function shortProof(text: string, kinds: ReadonlySet<ProvableName>): Proof | undefined {
  const [service = '', namespace, ...more] = text.split('.');
  if (more.length > 0) return undefined;
  const kind = namespace === undefined ? 'ServiceBareDNS' : 'ServiceNamespaceDNS';
  return kinds.has(kind) ? (context) => proveShortServiceName({ service, namespace }, kind, context) : undefined;
}
