import { createFactTable } from './fact-index.js';
import type {
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

/** What facts know of each kind of object. */
export interface FactsByKind {
  readonly Pod: PodFacts;
  readonly Service: ServiceFacts;
  readonly EndpointSlice: EndpointSliceFacts;
  readonly Node: NodeFacts;
  readonly Namespace: NamespaceFacts;
  readonly ServiceAccount: ServiceAccountFacts;
}

/** Facts in memory. What was set last is true; the order in which different objects came makes no difference. */
export interface FactStore extends Facts {
  /** Takes the place of what was known of the object of this kind, namespace and name. */
  set<Kind extends keyof FactsByKind>(kind: Kind, fact: FactsByKind[Kind]): void;
  /** Does nothing where there is no such object. The namespace of what has none is empty. */
  remove(kind: keyof FactsByKind, namespace: string, name: string): void;
  /** Whose key it is, on the word of one record; a record has one key. */
  setKeyHolder(publicKeyDigest: string, holder: KeyHolder): void;
  removeKeyHolder(record: string): void;
  setStanding(standing: FactsStanding): void;
}

/** Every address that a Service holds, and the names of its load balancers: what servicesByIp finds it by. */
export function serviceAddresses(service: ServiceFacts): readonly string[] {
  return [...service.clusterIPs, ...service.externalIPs, ...service.ingressIPs, ...service.ingressHostnames];
}

/** Every address and DNS name that a Node reports: what nodesByAddress finds it by. */
export function nodeAddresses(node: NodeFacts): readonly string[] {
  return [...node.ips, ...node.dnsNames];
}

/** A key on record, as the table of key holders keeps it. */
interface RecordedKey {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly publicKeyDigest: string;
  readonly holder: KeyHolder;
}

const NO_HOLDERS: readonly KeyHolder[] = [];

/** Facts without any object, fresh. It knows no answer of the authorizer: see withAccessReviews. */
export function createFactStore(): FactStore {
  const tables = {
    Pod: createFactTable<PodFacts>({ ip: ({ ips }) => ips }),
    Service: createFactTable<ServiceFacts>({ ip: serviceAddresses }),
    EndpointSlice: createFactTable<EndpointSliceFacts>({ pod: ({ podUids }) => podUids }),
    Node: createFactTable<NodeFacts>({ address: nodeAddresses }),
    Namespace: createFactTable<NamespaceFacts>({}),
    ServiceAccount: createFactTable<ServiceAccountFacts>({}),
  };
  const keys = createFactTable<RecordedKey>({ digest: ({ publicKeyDigest }) => [publicKeyDigest] });
  let standing: FactsStanding = { kind: 'fresh' };
  const set = (kind: keyof FactsByKind, fact: FactsByKind[keyof FactsByKind]): void => {
    // The fact is of this kind: the signature of `set` binds the two.
    (tables[kind] as { set(fact: FactsByKind[keyof FactsByKind]): void }).set(fact);
  };
  return {
    get standing() {
      return standing;
    },
    pod: tables.Pod.get,
    podsByIp: (ip) => tables.Pod.find('ip', ip),
    service: tables.Service.get,
    servicesByIp: (ip) => tables.Service.find('ip', ip),
    endpointSlice: tables.EndpointSlice.get,
    slicesByPod: (podUid) => tables.EndpointSlice.find('pod', podUid),
    node: (name) => tables.Node.get('', name),
    nodesByAddress: (address) => tables.Node.find('address', address),
    namespace: (name) => tables.Namespace.get('', name),
    serviceAccount: tables.ServiceAccount.get,
    keyHolders: (digest) => {
      const found = keys.find('digest', digest);
      return found.length === 0 ? NO_HOLDERS : found.map(({ holder }) => holder);
    },
    accessReview: () => undefined,
    set,
    remove: (kind, namespace, name) => {
      tables[kind].remove(namespace, name);
    },
    setKeyHolder: (publicKeyDigest, holder) => {
      keys.set({ name: holder.record, uid: '', resourceVersion: '', publicKeyDigest, holder });
    },
    removeKeyHolder: (record) => {
      keys.remove('', record);
    },
    setStanding: (next) => {
      standing = next;
    },
  };
}
