import type { AccessQuestion, Facts } from './facts.js';

/**
 * One question to the facts, as a text: what a decision depends on, whether or not there was anything to find. Two that
 * read the same cost a look too many.
 */
export type Lookup = string;

/** The pod of this name. */
export function podAt(namespace: string, name: string): Lookup {
  return `pod ${namespace}/${name}`;
}

/** The pods that hold an address. */
export function podsWith(ip: string): Lookup {
  return `pods with ${ip}`;
}

/** The Service of this name. */
export function serviceAt(namespace: string, name: string): Lookup {
  return `service ${namespace}/${name}`;
}

/** The Services that hold an address, or the name of a load balancer. */
export function servicesWith(address: string): Lookup {
  return `services with ${address}`;
}

/** The slice of this name. */
export function sliceAt(namespace: string, name: string): Lookup {
  return `slice ${namespace}/${name}`;
}

/** The slices that point at the pod of this uid. */
export function slicesOf(podUid: string): Lookup {
  return `slices of ${podUid}`;
}

/** The Node of this name. */
export function nodeAt(name: string): Lookup {
  return `node ${name}`;
}

/** The Nodes that report an address or a name. */
export function nodesWith(address: string): Lookup {
  return `nodes with ${address}`;
}

/** The namespace of this name. */
export function namespaceAt(name: string): Lookup {
  return `namespace ${name}`;
}

/** The service account of this name. */
export function accountAt(namespace: string, name: string): Lookup {
  return `service account ${namespace}/${name}`;
}

/** For whom a key is on record. */
export function holdersOf(publicKeyDigest: string): Lookup {
  return `holders of ${publicKeyDigest}`;
}

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
