import { parseIp } from '../base/ip-address.js';
import { formatIpNetwork, isInNetwork } from '../base/ip-network.js';
import { lowerAscii, type RequestedName } from '../certificates/normalised-request.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { matchesDnsPattern } from './dns-pattern.js';
import { contradicted, listed, objectText, unknown, type ProofContext } from './proof-context.js';
import { holdsAddresses } from './prove-pod-ip.js';
import type { ApprovalSettings } from './settings.js';
import type { NameVerdict } from './verdict.js';

/**
 * What a policy grants without proof, by the patterns and literals that it lists; undefined where it lists nothing that
 * means this name. No pattern means a name of the cluster's own DNS, an identity of its trust domain, or what an object
 * of the cluster holds that is not the requester's.
 */
export function explicitGrant(
  name: RequestedName,
  policy: CompiledPolicy,
  context: ProofContext,
): NameVerdict | undefined {
  const { explicit, uris, emails } = policy.names;
  switch (name.type) {
    case 'dns': {
      const pattern = explicit.dns.find((candidate) => matchesDnsPattern(candidate, name.text));
      if (pattern === undefined) return undefined;
      const because = pattern === name.text ? 'the policy lists it' : `it is within ${pattern}`;
      return explicitObjection(name, context) ?? grant('dns', because, policy);
    }
    case 'ip': {
      const octets = parseIp(name.text);
      const network = octets && explicit.cidrs.find((candidate) => isInNetwork(candidate, octets));
      if (network === undefined) return undefined;
      return explicitObjection(name, context) ?? grant('cidrs', `it is within ${formatIpNetwork(network)}`, policy);
    }
    case 'uri':
      return uris.has(name.text) ? (explicitObjection(name, context) ?? listedGrant('uris', policy)) : undefined;
    case 'email':
      return emails.has(name.text) ? listedGrant('emails', policy) : undefined;
  }
}

/**
 * What forbids to grant a name without proof, whatever a policy lists: it is a name of the cluster's own DNS, an identity
 * of its trust domain, or what an object of the cluster holds that is not the requester's. Undefined where nothing does.
 */
export function explicitObjection({ type, text }: RequestedName, context: ProofContext): NameVerdict | undefined {
  switch (type) {
    case 'dns':
      return dnsObjection(text, context);
    case 'ip':
      return addressObjection(text, context);
    case 'uri':
      return isOwnSpiffeId(text, context.settings)
        ? contradicted('an identity of the trust domain is proven, or listed in reservedNames')
        : undefined;
    case 'email':
      return undefined;
  }
}

/** The grant of a literal that a policy lists. */
export function listedGrant(field: string, policy: CompiledPolicy): NameVerdict {
  return grant(field, 'the policy lists it', policy);
}

function grant(grantedBy: string, because: string, { evidence }: CompiledPolicy): NameVerdict {
  return { kind: 'proven', grantedBy, because, evidence };
}

function dnsObjection(text: string, { identity, facts, settings }: ProofContext): NameVerdict | undefined {
  if (isClusterDns(text, settings)) return contradicted("no pattern grants a name of the cluster's own DNS");
  const called = facts.node(text);
  const reported = facts.nodesByAddress(text);
  const nodes = called === undefined || reported.includes(called) ? reported : [called, ...reported];
  const others = nodes.filter(({ name }) => !(identity.kind === 'node' && identity.nodeName === name));
  return others.length > 0
    ? contradicted(`it belongs to ${listed(others.map((node) => objectText('node', node)))}`)
    : undefined;
}

/** Whether the cluster's DNS, or the search list of a pod, answers for a name. */
function isClusterDns(text: string, { clusterDomain }: ApprovalSettings): boolean {
  return text === clusterDomain || text.endsWith(`.${clusterDomain}`) || text === 'svc' || text.endsWith('.svc');
}

function addressObjection(text: string, { identity, facts }: ProofContext): NameVerdict | undefined {
  const own = identity.kind === 'pod' ? identity.pod.uid : identity.kind === 'node' ? identity.node?.uid : undefined;
  const holders = [
    ...facts
      .podsByIp(text)
      .filter(holdsAddresses)
      .map((pod) => ({ uid: pod.uid, text: objectText('pod', pod) })),
    ...facts.nodesByAddress(text).map((node) => ({ uid: node.uid, text: objectText('node', node) })),
    ...facts.servicesByIp(text).map((service) => ({ uid: service.uid, text: objectText('Service', service) })),
  ];
  const others = holders.filter(({ uid }) => uid !== own);
  if (others.length === 0) return undefined;
  const because = `it belongs to ${listed(others.map((holder) => holder.text))}`;
  return others.length < holders.length ? unknown(`${because} too`) : contradicted(because);
}

/** Whether a URI is a SPIFFE ID of the cluster's own trust domain, in whatever spelling. */
function isOwnSpiffeId(uri: string, { trustDomain }: ApprovalSettings): boolean {
  const prefix = `spiffe://${trustDomain}`;
  if (lowerAscii(uri.slice(0, prefix.length)) !== prefix) return false;
  return uri.length === prefix.length || '/?#:'.includes(uri.charAt(prefix.length));
}
