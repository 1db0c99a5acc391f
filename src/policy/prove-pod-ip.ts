import type { ProvableName } from '../certificates/approval-policy.js';
import type { PodFacts } from './facts.js';
import { contradicted, evidenceOf, listed, objectText, onlyPods, unknown, type ProofContext } from './proof-context.js';
import type { NameVerdict } from './verdict.js';

/**
 * An address belongs to a pod that holds it alone: no other pod, no Node and no Service has it, and it is not the address
 * of the pod's machine. Two holders are two claims, of which one may be stale or false: nobody has it until one is left.
 * `text` is canonical and not reserved.
 */
export function provePodIp(text: string, grantedBy: ProvableName, { identity, facts }: ProofContext): NameVerdict {
  if (identity.kind !== 'pod') return onlyPods(identity);
  const { pod } = identity;
  const podText = objectText('pod', pod);
  if (pod.hostNetwork) return contradicted(`${podText} is on the network of its host: its addresses are the host's`);
  if (pod.hostIPs.includes(text)) return contradicted(`it is an address of the host of ${podText}`);
  const others = [
    ...facts
      .podsByIp(text)
      .filter((other) => other.uid !== pod.uid && holdsAddresses(other))
      .map(describePod),
    ...facts.nodesByAddress(text).map((node) => objectText('node', node)),
    ...facts.servicesByIp(text).map((service) => objectText('Service', service)),
  ];
  if (pod.ips.length === 0) {
    // What others hold now may be what it will be given: addresses go from pod to pod.
    const held = others.length === 0 ? '' : `, and it belongs to ${listed(others)}`;
    return unknown(`${podText} has no address yet${held}`);
  }
  if (!pod.ips.includes(text)) {
    return others.length > 0
      ? contradicted(`it belongs to ${listed(others)}`)
      : unknown(`${podText} does not hold it; it has ${listed(pod.ips)}`);
  }
  if (others.length > 0)
    return unknown(`${podText} holds it, and so ${others.length > 1 ? 'do' : 'does'} ${listed(others)}`);
  return { kind: 'proven', grantedBy, because: `${podText} holds it`, evidence: [evidenceOf('Pod', pod)] };
}

/** A pod that ended has given its addresses back; one that is being deleted may still serve at them. */
export function holdsAddresses({ phase }: PodFacts): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed';
}

function describePod(pod: PodFacts): string {
  return `${objectText('pod', pod)}${pod.deleting ? ' (being deleted)' : ''}`;
}
