import type { Requester } from '../../certificates/normalised-request.js';
import type { ResourceType } from '../../client/resource-type.js';
import {
  CERTIFICATE_RECORDS,
  ENDPOINT_SLICES,
  NAMESPACES,
  NODES,
  PODS,
  SERVICE_ACCOUNTS,
  SERVICES,
  SUBJECT_ACCESS_REVIEWS,
} from '../../client/resources.js';
import { escapeFieldValue } from '../../client/wait-for.js';
import { parseCertificateRecord } from '../../certificates/parse-certificate-record.js';
import { CountersignError } from '../../base/error.js';
import { createFactStore, type FactStore } from '../../policy/fact-store.js';
import {
  endpointSliceFactsOf,
  namespaceFactsOf,
  nodeFactsOf,
  podFactsOf,
  serviceAccountFactsOf,
  serviceFactsOf,
} from '../../policy/facts-of.js';
import { questionKey } from '../../policy/facts-snapshot.js';
import type { AccessQuestion, Facts } from '../../policy/facts.js';
import { accountAt, holdersOf, namespaceAt, nodeAt, podAt, serviceAt } from '../../policy/lookups.js';
import { recordedKeyOf } from '../../policy/recorded-key.js';
import type { CarefulReader } from './careful-reader.js';

/** More rounds than any chain of lookups has links. */
const MAX_ROUNDS = 20;

/** Facts of the server, as far as they were looked up. */
export interface LiveFacts {
  /**
   * What `think` comes to when everything that it looks up has been read: it thinks, what it missed is read, and it
   * thinks again, until nothing is missed. Nothing else is read.
   */
  think<Thought>(think: (facts: Facts) => Thought): Promise<Thought>;
  /** Whether `think` looks up something that may not be read: then it is not to be believed. It reads nothing. */
  isBlind(think: (facts: Facts) => unknown): boolean;
}

/** Nothing is known yet. */
export function createLiveFacts(reader: CarefulReader, requester: Requester): LiveFacts {
  const store = createFactStore();
  const answers = new Map<string, 'allowed' | 'denied'>();
  const asked = new Set<string>();
  let missing: (() => Promise<void>)[] = [];
  let blind = false;
  const need = (what: string, [verb, resource]: Way, read: () => Promise<void>): void => {
    if (asked.has(what)) blind ||= reader.isHidden(verb, resource);
    else {
      asked.add(what);
      missing.push(read);
    }
  };
  const facts = lookingFacts(createReads(reader, store), store, need, {
    accessReview: (question) => {
      const key = questionKey(question);
      need(`review ${key}`, ['create', SUBJECT_ACCESS_REVIEWS], async () => {
        const answer = await askAuthorizer(reader, requester, question);
        if (answer !== undefined) answers.set(key, answer);
      });
      return answers.get(key);
    },
  });
  return {
    think: async (think) => {
      for (let round = 0; ; round++) {
        const thought = think(facts);
        if (missing.length === 0 || round === MAX_ROUNDS) return thought;
        const reading = missing;
        missing = [];
        await Promise.all(reading.map((read) => read()));
      }
    },
    isBlind: (think) => {
      blind = false;
      think(facts);
      return blind;
    },
  };
}

/** How something is read: what may be forbidden. */
type Way = readonly [verb: 'get' | 'list' | 'create', resource: ResourceType];

type Reads = ReturnType<typeof createReads>;

/** Facts that say what they need before they answer from what is known. */
function lookingFacts(
  reads: Reads,
  store: FactStore,
  need: (what: string, way: Way, read: () => Promise<void>) => void,
  authorizer: Pick<Facts, 'accessReview'>,
): Facts {
  return {
    ...authorizer,
    standing: { kind: 'fresh' },
    pod: (namespace, name) => {
      need(podAt(namespace, name), ['get', PODS], () => reads.pod(namespace, name));
      return store.pod(namespace, name);
    },
    podsByIp: (ip) => {
      need('pods', ['list', PODS], reads.pods);
      return store.podsByIp(ip);
    },
    service: (namespace, name) => {
      need(serviceAt(namespace, name), ['get', SERVICES], () => reads.service(namespace, name));
      return store.service(namespace, name);
    },
    servicesByIp: (ip) => {
      need('services', ['list', SERVICES], reads.services);
      return store.servicesByIp(ip);
    },
    endpointSlice: (namespace, name) => {
      need(`slice ${namespace}/${name}`, ['get', ENDPOINT_SLICES], () => reads.slice(namespace, name));
      return store.endpointSlice(namespace, name);
    },
    slicesByPod: (podUid) => {
      const namespace = reads.namespaceOfPod(podUid);
      if (namespace !== undefined) {
        need(`slices ${namespace}`, ['list', ENDPOINT_SLICES], () => reads.slices(namespace));
      }
      return store.slicesByPod(podUid);
    },
    node: (name) => {
      need(nodeAt(name), ['get', NODES], () => reads.node(name));
      return store.node(name);
    },
    nodesByAddress: (address) => {
      need('nodes', ['list', NODES], reads.nodes);
      return store.nodesByAddress(address);
    },
    namespace: (name) => {
      need(namespaceAt(name), ['get', NAMESPACES], () => reads.namespace(name));
      return store.namespace(name);
    },
    serviceAccount: (namespace, name) => {
      need(accountAt(namespace, name), ['get', SERVICE_ACCOUNTS], () => reads.serviceAccount(namespace, name));
      return store.serviceAccount(namespace, name);
    },
    keyHolders: (digest) => {
      need(holdersOf(digest), ['list', CERTIFICATE_RECORDS], () => reads.keyHolders(digest));
      return store.keyHolders(digest);
    },
  };
}

/** The reads behind the lookups. Each puts what it finds into the store. */
function createReads(reader: CarefulReader, store: FactStore) {
  const namespaces = new Map<string, string>();
  const keepPod = (pod: Parameters<typeof podFactsOf>[0]): void => {
    const facts = podFactsOf(pod);
    namespaces.set(facts.uid, facts.namespace);
    store.set('Pod', facts);
  };
  return {
    namespaceOfPod: (uid: string) => namespaces.get(uid),
    pod: async (namespace: string, name: string) => {
      const pod = await reader.get(PODS, name, 'who asks is not known well', { namespace });
      if (pod !== undefined) keepPod(pod);
    },
    pods: async () => {
      // All of them: a field selector knows the first address of a pod only.
      const pods = await reader.list(PODS, 'whether other pods have an address is not checked');
      for (const pod of pods ?? []) keepPod(pod);
    },
    service: async (namespace: string, name: string) => {
      const service = await reader.get(SERVICES, name, 'names of Services are not checked', { namespace });
      if (service !== undefined) store.set('Service', serviceFactsOf(service));
    },
    services: async () => {
      const services = await reader.list(SERVICES, 'addresses of Services are not checked');
      for (const service of services ?? []) store.set('Service', serviceFactsOf(service));
    },
    slice: async (namespace: string, name: string) => {
      const without = 'the addresses of the API server are not checked';
      const slice = await reader.get(ENDPOINT_SLICES, name, without, { namespace });
      if (slice !== undefined) store.set('EndpointSlice', endpointSliceFactsOf(slice));
    },
    slices: async (namespace: string) => {
      const slices = await reader.list(ENDPOINT_SLICES, 'which Services the pod backs is not known', { namespace });
      for (const slice of slices ?? []) store.set('EndpointSlice', endpointSliceFactsOf(slice));
    },
    node: async (name: string) => {
      const node = await reader.get(NODES, name, 'the node is not checked');
      if (node !== undefined) store.set('Node', nodeFactsOf(node));
    },
    nodes: async () => {
      const nodes = await reader.list(NODES, 'addresses of nodes are not checked');
      for (const node of nodes ?? []) store.set('Node', nodeFactsOf(node));
    },
    namespace: async (name: string) => {
      const namespace = await reader.get(NAMESPACES, name, 'labels of the namespace are not known');
      if (namespace !== undefined) store.set('Namespace', namespaceFactsOf(namespace));
    },
    serviceAccount: async (namespace: string, name: string) => {
      const account = await reader.get(SERVICE_ACCOUNTS, name, 'who asks is not known well', { namespace });
      if (account !== undefined) store.set('ServiceAccount', serviceAccountFactsOf(account));
    },
    keyHolders: async (digest: string) => {
      const fieldSelector = `spec.request.publicKeyDigest=${escapeFieldValue(digest)}`;
      const without = 'whether the key is on record for somebody else is not checked';
      for (const record of (await reader.list(CERTIFICATE_RECORDS, without, { fieldSelector })) ?? []) {
        const recorded = readRecordedKey(record);
        if (recorded !== undefined) store.setKeyHolder(recorded.publicKeyDigest, recorded.holder);
      }
    },
  };
}

function readRecordedKey(record: unknown): ReturnType<typeof recordedKeyOf> {
  try {
    return recordedKeyOf(parseCertificateRecord(record));
  } catch (error) {
    if (error instanceof CountersignError) return undefined; // the approver does not see it either
    throw error;
  }
}

async function askAuthorizer(
  reader: CarefulReader,
  { username, uid, groups, extra }: Requester,
  { verb, group, resource, subresource }: AccessQuestion,
): Promise<'allowed' | 'denied' | undefined> {
  const resourceAttributes = { verb, group, version: '*', resource, subresource };
  const spec = { user: username, uid, groups, extra, resourceAttributes };
  const without = 'what the requester may do is not known';
  const answer = await reader.ask(SUBJECT_ACCESS_REVIEWS, { metadata: {}, spec }, without);
  if (answer === undefined) return undefined;
  return answer.status?.allowed === true && answer.status.denied !== true ? 'allowed' : 'denied';
}
