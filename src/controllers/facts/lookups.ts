import type { AccessQuestion, Facts } from '../../policy/facts.js';
import { nodeAddresses, serviceAddresses } from '../../policy/fact-store.js';
import type { FactChange } from './fact-change.js';

/**
 * One question to the facts, as a text: what a decision depends on, whether or not there was anything to find. Two that
 * read the same cost a look too many.
 */
export type Lookup = string;

const podAt = (namespace: string, name: string): Lookup => `pod ${namespace}/${name}`;
const podsWith = (ip: string): Lookup => `pods with ${ip}`;
const serviceAt = (namespace: string, name: string): Lookup => `service ${namespace}/${name}`;
const servicesWith = (address: string): Lookup => `services with ${address}`;
const sliceAt = (namespace: string, name: string): Lookup => `slice ${namespace}/${name}`;
const slicesOf = (podUid: string): Lookup => `slices of ${podUid}`;
const nodeAt = (name: string): Lookup => `node ${name}`;
const nodesWith = (address: string): Lookup => `nodes with ${address}`;
const namespaceAt = (name: string): Lookup => `namespace ${name}`;
const accountAt = (namespace: string, name: string): Lookup => `service account ${namespace}/${name}`;
const holdersOf = (publicKeyDigest: string): Lookup => `holders of ${publicKeyDigest}`;

/** Facts that remember what they were asked. */
export interface TracedFacts {
  readonly facts: Facts;
  /** Everything that was looked up so far. */
  readonly lookups: ReadonlySet<Lookup>;
}

/** The same facts, with a memory of the lookups. Reviews are not remembered: whoever asked for them knows. */
export function traceFacts(facts: Facts): TracedFacts {
  const lookups = new Set<Lookup>();
  const after = <T>(lookup: Lookup, answer: T): T => {
    lookups.add(lookup);
    return answer;
  };
  return {
    lookups,
    facts: {
      get standing() {
        return facts.standing;
      },
      pod: (namespace, name) => after(podAt(namespace, name), facts.pod(namespace, name)),
      podsByIp: (ip) => after(podsWith(ip), facts.podsByIp(ip)),
      service: (namespace, name) => after(serviceAt(namespace, name), facts.service(namespace, name)),
      servicesByIp: (ip) => after(servicesWith(ip), facts.servicesByIp(ip)),
      endpointSlice: (namespace, name) => after(sliceAt(namespace, name), facts.endpointSlice(namespace, name)),
      slicesByPod: (podUid) => after(slicesOf(podUid), facts.slicesByPod(podUid)),
      node: (name) => after(nodeAt(name), facts.node(name)),
      nodesByAddress: (address) => after(nodesWith(address), facts.nodesByAddress(address)),
      namespace: (name) => after(namespaceAt(name), facts.namespace(name)),
      serviceAccount: (namespace, name) => after(accountAt(namespace, name), facts.serviceAccount(namespace, name)),
      keyHolders: (digest) => after(holdersOf(digest), facts.keyHolders(digest)),
      accessReview: (question: AccessQuestion) => facts.accessReview(question),
    },
  };
}

/** The lookups whose answers a change may change. */
export function lookupsChangedBy(change: FactChange): readonly Lookup[] {
  switch (change.kind) {
    case 'Pod':
      return affected(change, (pod) => [podAt(pod.namespace, pod.name), ...pod.ips.map(podsWith)]);
    case 'Service':
      return affected(change, (service) => [
        serviceAt(service.namespace, service.name),
        ...serviceAddresses(service).map(servicesWith),
      ]);
    case 'EndpointSlice':
      return affected(change, (slice) => [sliceAt(slice.namespace, slice.name), ...slice.podUids.map(slicesOf)]);
    case 'Node':
      return affected(change, (node) => [nodeAt(node.name), ...nodeAddresses(node).map(nodesWith)]);
    case 'Namespace':
      return affected(change, (namespace) => [namespaceAt(namespace.name)]);
    case 'ServiceAccount':
      return affected(change, (account) => [accountAt(account.namespace, account.name)]);
    case 'CertificateRecord':
      return affected(change, (recorded) => [holdersOf(recorded.publicKeyDigest)]);
  }
}

/** What is found under the old and under the new value, each once. */
function affected<Value>(
  { current, previous }: { readonly current?: Value; readonly previous?: Value },
  lookupsOf: (value: Value) => readonly Lookup[],
): readonly Lookup[] {
  const values = [previous, current].filter((value) => value !== undefined);
  return [...new Set(values.flatMap(lookupsOf))];
}
