import { createFactStore } from './fact-store.js';
import { traceFacts, type Lookup, type TracedFacts } from './lookups.js';
import type {
  AccessQuestion,
  EndpointSliceFacts,
  Facts,
  FactsStanding,
  KeyHolder,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from './facts.js';

/** What a decision looked at, as JSON values: enough to decide again. What was looked for and not found is only a lookup. */
export interface FactsSnapshot {
  readonly pods: readonly PodFacts[];
  readonly services: readonly ServiceFacts[];
  /** Of each, only the pods that were asked about; addresses of those that were asked for by name. */
  readonly endpointSlices: readonly EndpointSliceFacts[];
  readonly nodes: readonly NodeFacts[];
  readonly namespaces: readonly NamespaceFacts[];
  readonly serviceAccounts: readonly ServiceAccountFacts[];
  readonly keyHolders: readonly RecordedKeyHolder[];
  readonly accessReviews: readonly AccessReview[];
  /** Everything that was looked up: of that, what is not among the above was not there. Of the rest nothing is known. */
  readonly lookups: readonly Lookup[];
}

/** A key on record, and whose it is. */
export interface RecordedKeyHolder extends KeyHolder {
  readonly publicKeyDigest: string;
}

/** What the authorizer said of the requester. */
export interface AccessReview {
  readonly question: AccessQuestion;
  readonly answer: 'allowed' | 'denied';
}

/** Facts that remember what they said. */
export interface RecordingFacts extends Facts {
  /** Everything that was looked up so far. */
  readonly lookups: ReadonlySet<Lookup>;
  /** Everything so far, each object once, sorted: the same lookups give the same snapshot. */
  snapshot(): FactsSnapshot;
}

/** The same facts, with a memory of their answers. It costs little until somebody asks for the snapshot. */
export function recordingFacts(source: Facts): RecordingFacts {
  return new Recording(traceFacts(source));
}

class Recording implements RecordingFacts {
  readonly lookups: ReadonlySet<Lookup>;
  readonly #facts: Facts;
  #pods: Set<PodFacts> | undefined;
  #services: Set<ServiceFacts> | undefined;
  #slices: Set<EndpointSliceFacts> | undefined;
  #nodes: Set<NodeFacts> | undefined;
  #namespaces: Set<NamespaceFacts> | undefined;
  #accounts: Set<ServiceAccountFacts> | undefined;
  #podUids: Set<string> | undefined;
  /** Slices that were asked for by name, whose addresses count. */
  #named: Set<string> | undefined;
  #holders: Map<string, RecordedKeyHolder> | undefined;
  #reviews: Map<string, AccessReview> | undefined;

  constructor({ facts, lookups }: TracedFacts) {
    this.#facts = facts;
    this.lookups = lookups;
  }

  get standing(): FactsStanding {
    return this.#facts.standing;
  }

  pod(namespace: string, name: string): PodFacts | undefined {
    const found = this.#facts.pod(namespace, name);
    if (found !== undefined) (this.#pods ??= new Set()).add(found);
    return found;
  }

  podsByIp(ip: string): readonly PodFacts[] {
    const found = this.#facts.podsByIp(ip);
    for (const pod of found) (this.#pods ??= new Set()).add(pod);
    return found;
  }

  service(namespace: string, name: string): ServiceFacts | undefined {
    const found = this.#facts.service(namespace, name);
    if (found !== undefined) (this.#services ??= new Set()).add(found);
    return found;
  }

  servicesByIp(ip: string): readonly ServiceFacts[] {
    const found = this.#facts.servicesByIp(ip);
    for (const service of found) (this.#services ??= new Set()).add(service);
    return found;
  }

  endpointSlice(namespace: string, name: string): EndpointSliceFacts | undefined {
    const found = this.#facts.endpointSlice(namespace, name);
    if (found !== undefined) {
      (this.#slices ??= new Set()).add(found);
      (this.#named ??= new Set()).add(found.uid);
    }
    return found;
  }

  slicesByPod(podUid: string): readonly EndpointSliceFacts[] {
    const found = this.#facts.slicesByPod(podUid);
    if (found.length > 0) (this.#podUids ??= new Set()).add(podUid);
    for (const slice of found) (this.#slices ??= new Set()).add(slice);
    return found;
  }

  node(name: string): NodeFacts | undefined {
    const found = this.#facts.node(name);
    if (found !== undefined) (this.#nodes ??= new Set()).add(found);
    return found;
  }

  nodesByAddress(address: string): readonly NodeFacts[] {
    const found = this.#facts.nodesByAddress(address);
    for (const node of found) (this.#nodes ??= new Set()).add(node);
    return found;
  }

  namespace(name: string): NamespaceFacts | undefined {
    const found = this.#facts.namespace(name);
    if (found !== undefined) (this.#namespaces ??= new Set()).add(found);
    return found;
  }

  serviceAccount(namespace: string, name: string): ServiceAccountFacts | undefined {
    const found = this.#facts.serviceAccount(namespace, name);
    if (found !== undefined) (this.#accounts ??= new Set()).add(found);
    return found;
  }

  keyHolders(publicKeyDigest: string): readonly KeyHolder[] {
    const found = this.#facts.keyHolders(publicKeyDigest);
    for (const holder of found) {
      (this.#holders ??= new Map()).set(holder.record, { publicKeyDigest, ...holder });
    }
    return found;
  }

  accessReview(question: AccessQuestion): 'allowed' | 'denied' | undefined {
    const answer = this.#facts.accessReview(question);
    if (answer !== undefined) (this.#reviews ??= new Map()).set(questionKey(question), { question, answer });
    return answer;
  }

  snapshot(): FactsSnapshot {
    return {
      pods: eachOnce(this.#pods),
      services: eachOnce(this.#services),
      endpointSlices: eachOnce(this.#slices).map((slice) => ({
        ...slice,
        podUids: slice.podUids.filter((uid) => this.#podUids?.has(uid) === true),
        addresses: this.#named?.has(slice.uid) === true ? slice.addresses : [],
      })),
      nodes: eachOnce(this.#nodes),
      namespaces: eachOnce(this.#namespaces),
      serviceAccounts: eachOnce(this.#accounts),
      keyHolders: sortedValues(this.#holders ?? new Map<string, RecordedKeyHolder>()),
      accessReviews: sortedValues(this.#reviews ?? new Map<string, AccessReview>()),
      lookups: [...this.lookups].sort(),
    };
  }
}

/** Facts that are what a snapshot holds, and fresh. */
export function factsFromSnapshot(snapshot: FactsSnapshot): Facts {
  const store = createFactStore();
  for (const pod of snapshot.pods) store.set('Pod', pod);
  for (const service of snapshot.services) store.set('Service', service);
  for (const slice of snapshot.endpointSlices) store.set('EndpointSlice', slice);
  for (const node of snapshot.nodes) store.set('Node', node);
  for (const namespace of snapshot.namespaces) store.set('Namespace', namespace);
  for (const account of snapshot.serviceAccounts) store.set('ServiceAccount', account);
  for (const { publicKeyDigest, ...holder } of snapshot.keyHolders) store.setKeyHolder(publicKeyDigest, holder);
  return withAccessReviews(store, snapshot.accessReviews);
}

/** The same facts, with what the authorizer said of one requester. */
export function withAccessReviews(facts: Facts, reviews: readonly AccessReview[]): Facts {
  const answers = new Map(reviews.map(({ question, answer }) => [questionKey(question), answer]));
  return {
    get standing() {
      return facts.standing;
    },
    pod: (namespace, name) => facts.pod(namespace, name),
    podsByIp: (ip) => facts.podsByIp(ip),
    service: (namespace, name) => facts.service(namespace, name),
    servicesByIp: (ip) => facts.servicesByIp(ip),
    endpointSlice: (namespace, name) => facts.endpointSlice(namespace, name),
    slicesByPod: (podUid) => facts.slicesByPod(podUid),
    node: (name) => facts.node(name),
    nodesByAddress: (address) => facts.nodesByAddress(address),
    namespace: (name) => facts.namespace(name),
    serviceAccount: (namespace, name) => facts.serviceAccount(namespace, name),
    keyHolders: (publicKeyDigest) => facts.keyHolders(publicKeyDigest),
    accessReview: (question) => answers.get(questionKey(question)),
  };
}

/** Text that is equal for equal questions. */
export function questionKey({ verb, group, resource, subresource }: AccessQuestion): string {
  return `${verb} ${group}/${resource}/${subresource}`;
}

/** Every object once, the latest of what was found of it, sorted by namespace and name. */
function eachOnce<Fact extends { readonly namespace?: string; readonly name: string }>(
  found: ReadonlySet<Fact> = new Set(),
): readonly Fact[] {
  return sortedValues(new Map([...found].map((fact) => [`${fact.namespace ?? ''}/${fact.name}`, fact])));
}

function sortedValues<Value>(values: ReadonlyMap<string, Value>): readonly Value[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
