import { createFactStore } from './fact-store.js';
import type {
  AccessQuestion,
  EndpointSliceFacts,
  Facts,
  KeyHolder,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from './facts.js';

/** What a decision found, as JSON values: enough to decide again. What was looked for and not found has no entry. */
export interface FactsSnapshot {
  readonly pods: readonly PodFacts[];
  readonly services: readonly ServiceFacts[];
  /** Of each, only the pods that were asked about, and no addresses. */
  readonly endpointSlices: readonly EndpointSliceFacts[];
  readonly nodes: readonly NodeFacts[];
  readonly namespaces: readonly NamespaceFacts[];
  readonly serviceAccounts: readonly ServiceAccountFacts[];
  readonly keyHolders: readonly RecordedKeyHolder[];
  readonly accessReviews: readonly AccessReview[];
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
  /** Everything so far, each object once, sorted: the same lookups give the same snapshot. */
  snapshot(): FactsSnapshot;
}

/** The same facts, with a memory of their answers. */
export function recordingFacts(facts: Facts): RecordingFacts {
  const pods = createCollection<PodFacts>();
  const services = createCollection<ServiceFacts>();
  const slices = createCollection<EndpointSliceFacts>();
  const nodes = createCollection<NodeFacts>();
  const namespaces = createCollection<NamespaceFacts>();
  const accounts = createCollection<ServiceAccountFacts>();
  const holders = new Map<string, RecordedKeyHolder>();
  const reviews = new Map<string, AccessReview>();
  const askedPods = new Set<string>();
  return {
    get standing() {
      return facts.standing;
    },
    pod: (namespace, name) => pods.one(facts.pod(namespace, name)),
    podsByIp: (ip) => pods.all(facts.podsByIp(ip)),
    service: (namespace, name) => services.one(facts.service(namespace, name)),
    servicesByIp: (ip) => services.all(facts.servicesByIp(ip)),
    slicesByPod: (podUid) => {
      askedPods.add(podUid);
      return slices.all(facts.slicesByPod(podUid));
    },
    node: (name) => nodes.one(facts.node(name)),
    nodesByAddress: (address) => nodes.all(facts.nodesByAddress(address)),
    namespace: (name) => namespaces.one(facts.namespace(name)),
    serviceAccount: (namespace, name) => accounts.one(facts.serviceAccount(namespace, name)),
    keyHolders: (publicKeyDigest) => {
      const found = facts.keyHolders(publicKeyDigest);
      for (const holder of found) holders.set(holder.record, { publicKeyDigest, ...holder });
      return found;
    },
    accessReview: (question) => {
      const answer = facts.accessReview(question);
      if (answer !== undefined) reviews.set(questionKey(question), { question, answer });
      return answer;
    },
    snapshot: () => ({
      pods: pods.sorted(),
      services: services.sorted(),
      endpointSlices: slices.sorted().map((slice) => ({
        ...slice,
        podUids: slice.podUids.filter((uid) => askedPods.has(uid)),
        addresses: [],
      })),
      nodes: nodes.sorted(),
      namespaces: namespaces.sorted(),
      serviceAccounts: accounts.sorted(),
      keyHolders: sortedValues(holders),
      accessReviews: sortedValues(reviews),
    }),
  };
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

interface Collection<Fact> {
  readonly one: (fact: Fact | undefined) => Fact | undefined;
  readonly all: (facts: readonly Fact[]) => readonly Fact[];
  readonly sorted: () => readonly Fact[];
}

function createCollection<Fact extends { readonly namespace?: string; readonly name: string }>(): Collection<Fact> {
  const kept = new Map<string, Fact>();
  const keep = (fact: Fact): void => {
    kept.set(`${fact.namespace ?? ''}/${fact.name}`, fact);
  };
  return {
    one: (fact) => {
      if (fact !== undefined) keep(fact);
      return fact;
    },
    all: (facts) => {
      facts.forEach(keep);
      return facts;
    },
    sorted: () => sortedValues(kept),
  };
}

function sortedValues<Value>(values: ReadonlyMap<string, Value>): readonly Value[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
