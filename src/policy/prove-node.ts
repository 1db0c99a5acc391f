import { isInNetwork, type IpNetwork } from '../base/ip-network.js';
import { parseIp } from '../base/ip-address.js';
import type { RequestedName } from '../certificates/normalised-request.js';
import { clusterNameOf } from './cluster-name.js';
import { matchesDnsPattern } from './dns-pattern.js';
import type { NodeFacts } from './facts.js';
import { nodeSubjectOf } from './node-subject.js';
import { contradicted, evidenceOf, listed, objectText, unknown, type ProofContext } from './proof-context.js';
import { holdsAddresses } from './prove-pod-ip.js';
import { reservedBecause } from './reserved-names.js';
import type { NameVerdict } from './verdict.js';

/** What a policy grants nodes: their own name, and what their Node object reports within these bounds. */
export interface NodeBounds {
  readonly ownNode: boolean;
  readonly nodeAddresses: { readonly dns: readonly string[]; readonly cidrs: readonly IpNetwork[] };
}

/**
 * What facts say of the subject as a whole, where a policy has `ownNode`: CN = the username of the node that asks, O =
 * system:nodes, and nothing else. Undefined where the subject is not of that form: no CN `system:node:…`.
 */
export function proveNodeSubject({ request, identity }: ProofContext): NameVerdict | undefined {
  const subject = nodeSubjectOf(request.subject);
  if (subject.kind === 'other') return undefined;
  if (subject.kind === 'malformed') return contradicted(subject.because);
  if (identity.kind !== 'node') return contradicted(`it is the subject of node ${subject.nodeName}, and no node asks`);
  if (subject.nodeName !== identity.nodeName) {
    return contradicted(`it is the subject of node ${subject.nodeName}, and node ${identity.nodeName} asks`);
  }
  const { node } = identity;
  if (node === undefined) return notLive(identity.nodeName);
  return proven('ownNode', node, `it is the subject of ${objectText('node', node)}`);
}

/**
 * What facts say of a name that a node asks for. Its metadata.name is its own where the policy has `ownNode`. Everything
 * else is what the node reports about itself: it needs a bound in the policy, and nobody else may have it. Undefined
 * where the policy grants no such name to nodes.
 */
export function proveNodeName(name: RequestedName, bounds: NodeBounds, context: ProofContext): NameVerdict | undefined {
  const { identity } = context;
  if (identity.kind !== 'node') return undefined;
  const isOwnName = bounds.ownNode && name.type === 'dns' && name.text === identity.nodeName;
  if (!isOwnName && !isWithin(name, bounds)) return undefined;
  const reserved = reservedBecause(name, context);
  if (reserved !== undefined) return contradicted(reserved);
  if (name.type === 'dns' && clusterNameOf(name.text, context.settings) !== undefined) {
    return contradicted('it is a name of pods or Services');
  }
  const { node } = identity;
  if (node === undefined) return notLive(identity.nodeName);
  if (isOwnName) return proven('ownNode', node, `it is the name of ${objectText('node', node)}`);
  const others = otherClaims(name, node, context);
  const isReported = (name.type === 'ip' ? node.ips : node.dnsNames).includes(name.text);
  if (!isReported) {
    // One that reports nothing yet may be given what another one has left.
    return others.length > 0 && node.ips.length + node.dnsNames.length > 0
      ? contradicted(`it belongs to ${listed(others)}`)
      : unknown(`${objectText('node', node)} does not report it`);
  }
  return others.length > 0
    ? unknown(
        `${objectText('node', node)} reports it, and ${listed(others)} ${others.length > 1 ? 'have' : 'has'} it too`,
      )
    : proven('nodeAddresses', node, `${objectText('node', node)} reports it`);
}

function notLive(nodeName: string): NameVerdict {
  return unknown(`there is no node ${nodeName}, or it is being deleted`);
}

function proven(grantedBy: string, node: NodeFacts, because: string): NameVerdict {
  return { kind: 'proven', grantedBy, because, evidence: [evidenceOf('Node', node)] };
}

function isWithin({ type, text }: RequestedName, { nodeAddresses }: NodeBounds): boolean {
  if (type === 'dns') return nodeAddresses.dns.some((pattern) => matchesDnsPattern(pattern, text));
  const octets = type === 'ip' ? parseIp(text) : undefined;
  return octets !== undefined && nodeAddresses.cidrs.some((network) => isInNetwork(network, octets));
}

/** Everybody else who has this name or address. Pods on the network of this very node have its addresses. */
function otherClaims({ type, text }: RequestedName, node: NodeFacts, { facts }: ProofContext): readonly string[] {
  const nodes = facts.nodesByAddress(text).filter(({ name }) => name !== node.name);
  const byName = type === 'dns' ? facts.node(text) : undefined;
  if (byName !== undefined && byName.name !== node.name && !nodes.includes(byName)) nodes.push(byName);
  const pods = facts
    .podsByIp(text)
    .filter((pod) => holdsAddresses(pod) && !(pod.hostNetwork && pod.nodeName === node.name));
  const services = [...facts.servicesByIp(text)];
  const [serviceName = '', namespace, ...more] = type === 'dns' ? text.split('.') : [];
  const short = namespace !== undefined && more.length === 0 ? facts.service(namespace, serviceName) : undefined;
  if (short !== undefined) services.push(short);
  return [
    ...nodes.map((other) => objectText('node', other)),
    ...pods.map((pod) => objectText('pod', pod)),
    ...services.map((service) => objectText('Service', service)),
  ];
}
