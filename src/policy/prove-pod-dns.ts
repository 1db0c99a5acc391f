import { formatIp, parseIp } from '../base/ip-address.js';
import type { PodFacts } from './facts.js';
import { contradicted, evidenceOf, objectText, onlyPods, type ProofContext } from './proof-context.js';
import { provePodIp } from './prove-pod-ip.js';
import { reservedBecause } from './reserved-names.js';
import { shownText } from './shown-text.js';
import type { NameVerdict } from './verdict.js';

/**
 * `<pod>.<namespace>.pod.<domain>` belongs to the pod of that name. `labels` stand before `pod.<domain>`. A name with a
 * dot would be read as a name in another namespace, and one that reads as an address belongs to the holder of that.
 */
export function provePodDns(labels: readonly string[], { identity }: ProofContext): NameVerdict {
  if (identity.kind !== 'pod') return onlyPods(identity);
  const { pod } = identity;
  const [name = '', namespace = '', ...more] = labels;
  if (more.length > 0 || namespace === '') return contradicted('it is not of the form <pod>.<namespace>.pod.<domain>');
  if (readsAsAddress(name)) return contradicted(`${shownText(name)} reads as an address, not as the name of a pod`);
  const foreign = foreignNamespace(namespace, pod);
  if (foreign !== undefined) return foreign;
  return name === pod.name
    ? {
        kind: 'proven',
        grantedBy: 'PodDNS',
        because: `it is the name of ${objectText('pod', pod)}`,
        evidence: [evidenceOf('Pod', pod)],
      }
    : contradicted(`it is not the name of ${objectText('pod', pod)}`);
}

/**
 * `10-0-0-7.<namespace>.pod.<domain>` belongs to a pod of that namespace to which the address is proven. Only the
 * canonical spelling is anybody's.
 */
export function provePodIpDns(labels: readonly string[], context: ProofContext): NameVerdict {
  const { identity } = context;
  if (identity.kind !== 'pod') return onlyPods(identity);
  const [dashed = '', namespace = '', ...more] = labels;
  if (more.length > 0 || namespace === '') return contradicted('it is not of the form <ip>.<namespace>.pod.<domain>');
  const foreign = foreignNamespace(namespace, identity.pod);
  if (foreign !== undefined) return foreign;
  const ip = canonicalAddress(dashed);
  if (ip === undefined) return contradicted(`${shownText(dashed)} is not the canonical spelling of an address`);
  const reserved = reservedBecause({ type: 'ip', text: ip, path: '' }, context);
  return reserved === undefined ? provePodIp(ip, 'PodIPDNS', context) : contradicted(`${ip}: ${reserved}`);
}

/** Whether a resolver may take a label of the pod zone for an address, in whatever spelling. */
export function readsAsAddress(label: string): boolean {
  return /^[0-9]+(?:-[0-9]+){3}$/.test(label) || parseIp(label.replaceAll('-', ':')) !== undefined;
}

/** The address that a label spells canonically, with dashes for dots or colons. */
function canonicalAddress(label: string): string | undefined {
  const text = label.replaceAll('-', /^[0-9]+(?:-[0-9]+){3}$/.test(label) ? '.' : ':');
  const octets = parseIp(text);
  return octets !== undefined && formatIp(octets) === text ? text : undefined;
}

function foreignNamespace(namespace: string, pod: PodFacts): NameVerdict | undefined {
  return namespace === pod.namespace
    ? undefined
    : contradicted(`it belongs to a pod of namespace ${shownText(namespace)}, not to ${objectText('pod', pod)}`);
}
