import { CountersignError } from '../../base/error.js';
import { parseCertificateRecord } from '../../certificates/parse-certificate-record.js';
import { isJsonObject } from '../../kube/decode-json.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { createFactStore, type FactStore } from '../../policy/fact-store.js';
import {
  endpointSliceFactsOf,
  namespaceFactsOf,
  nodeFactsOf,
  podFactsOf,
  serviceAccountFactsOf,
  serviceFactsOf,
} from '../../policy/facts-of.js';
import type { EndpointSliceFacts, PodFacts, ServiceFacts } from '../../policy/facts.js';
import { parseFactsSnapshot } from '../../policy/parse-facts-snapshot.js';
import { recordedKeyOf } from '../../policy/recorded-key.js';
import type { FactsSnapshot } from '../../policy/facts-snapshot.js';

/**
 * Facts as a test says them: manifests of pods, Services, EndpointSlices, Nodes, namespaces, service accounts and
 * CertificateRecords, or what a record holds as its facts. What a manifest leaves to the cluster is made up: uids, the
 * namespace, the service account of a pod, and the slices of a Service where there is none. OBJECT_MALFORMED for the rest.
 */
export function factsOfManifests(objects: readonly unknown[], readManifest: ReadManifest): FactStore {
  const store = createFactStore();
  const world: World = { store, pods: [], services: [], slices: [], namespaces: new Set(), accounts: new Set() };
  for (const object of objects) take(object, readManifest, world);
  for (const { namespace, serviceAccountName } of world.pods) addAccount(namespace, serviceAccountName, world);
  for (const namespace of namespacesOf(world)) addNamespace(namespace, world);
  for (const slice of world.slices) store.set('EndpointSlice', resolved(slice, world));
  for (const service of world.services) addSlice(service, world);
  return store;
}

/** Checks a manifest against the schema of its kind. OBJECT_MALFORMED for what is none. */
export type ReadManifest = (value: object) => KubeObject;

interface World {
  readonly store: FactStore;
  readonly pods: PodFacts[];
  readonly services: ServiceFacts[];
  /** As they were written. */
  readonly slices: SliceManifest[];
  readonly namespaces: Set<string>;
  /** `namespace/name`. */
  readonly accounts: Set<string>;
}

interface SliceManifest extends KubeObject {
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  }[];
}

function take(value: unknown, readManifest: ReadManifest, world: World): void {
  if (!isJsonObject(value)) throw malformed('a fact is an object');
  const { kind } = value;
  if (kind === undefined) {
    takeSnapshot(parseFactsSnapshot({ ...EMPTY, ...value }), world);
    return;
  }
  const takeKind = typeof kind === 'string' && Object.hasOwn(TAKE, kind) ? TAKE[kind] : undefined;
  if (takeKind === undefined) throw malformed(`no facts are taken from a ${JSON.stringify(kind)}`);
  takeKind(identified(readManifest(value)), world);
}

const TAKE: Readonly<Record<string, (manifest: KubeObject, world: World) => void>> = {
  Pod: (manifest, world) => takePod(podFactsOf(manifest), world),
  Service: (manifest, world) => takeService(serviceFactsOf(manifest), world),
  EndpointSlice: (manifest, { slices }) => {
    slices.push(manifest);
  },
  Node: (manifest, { store }) => store.set('Node', nodeFactsOf(manifest)),
  Namespace: (manifest, { namespaces, store }) => {
    namespaces.add(manifest.metadata.name ?? '');
    store.set('Namespace', namespaceFactsOf(manifest));
  },
  ServiceAccount: (manifest, { accounts, store }) => {
    accounts.add(`${manifest.metadata.namespace ?? ''}/${manifest.metadata.name ?? ''}`);
    store.set('ServiceAccount', serviceAccountFactsOf(manifest));
  },
  CertificateRecord: (manifest, { store }) => {
    const recorded = recordedKeyOf(parseCertificateRecord(manifest));
    if (recorded !== undefined) store.setKeyHolder(recorded.publicKeyDigest, recorded.holder);
  },
};

function malformed(what: string): CountersignError<'OBJECT_MALFORMED'> {
  return new CountersignError('OBJECT_MALFORMED', `Cannot read facts: ${what}`);
}

const EMPTY: FactsSnapshot = {
  pods: [],
  services: [],
  endpointSlices: [],
  nodes: [],
  namespaces: [],
  serviceAccounts: [],
  keyHolders: [],
  accessReviews: [],
  lookups: [],
};

/** What a record holds is whole: nothing is made up. */
function takeSnapshot(snapshot: FactsSnapshot, { store, namespaces, accounts }: World): void {
  for (const pod of snapshot.pods) store.set('Pod', pod);
  for (const service of snapshot.services) store.set('Service', service);
  for (const slice of snapshot.endpointSlices) store.set('EndpointSlice', slice);
  for (const node of snapshot.nodes) store.set('Node', node);
  for (const namespace of snapshot.namespaces) {
    namespaces.add(namespace.name);
    store.set('Namespace', namespace);
  }
  for (const account of snapshot.serviceAccounts) {
    accounts.add(`${account.namespace}/${account.name}`);
    store.set('ServiceAccount', account);
  }
  for (const { publicKeyDigest, ...holder } of snapshot.keyHolders) store.setKeyHolder(publicKeyDigest, holder);
}

function takePod(pod: PodFacts, { pods, store }: World): void {
  const account = pod.serviceAccountName === '' ? 'default' : pod.serviceAccountName;
  const running = { ...pod, serviceAccountName: account, phase: pod.phase === '' ? 'Running' : pod.phase };
  replaceIn(pods, running);
  store.set('Pod', running);
}

function takeService(service: ServiceFacts, { services, store }: World): void {
  replaceIn(services, service);
  store.set('Service', service);
}

function replaceIn<Fact extends { readonly namespace: string; readonly name: string }>(
  facts: Fact[],
  fact: Fact,
): void {
  const at = facts.findIndex(({ namespace, name }) => namespace === fact.namespace && name === fact.name);
  if (at < 0) facts.push(fact);
  else facts[at] = fact;
}

/** With the uid that objects without one have here, by their kind and name. */
function identified(object: KubeObject): KubeObject {
  const { name = '', namespace, uid } = object.metadata;
  const isNamespaced = !CLUSTER_SCOPED.has(object.kind ?? '');
  const metadata = {
    ...object.metadata,
    ...(isNamespaced ? { namespace: namespace ?? 'default' } : {}),
    uid: uid ?? madeUid(object.kind ?? '', isNamespaced ? (namespace ?? 'default') : '', name),
    resourceVersion: object.metadata.resourceVersion ?? '1',
  };
  return { ...object, metadata };
}

const CLUSTER_SCOPED: ReadonlySet<string> = new Set(['Node', 'Namespace', 'CertificateRecord']);

function madeUid(kind: string, namespace: string, name: string): string {
  return `uid-of-${kind}-${namespace}/${name}`;
}

function addAccount(namespace: string, name: string, { accounts, store }: World): void {
  if (accounts.has(`${namespace}/${name}`)) return;
  accounts.add(`${namespace}/${name}`);
  const uid = madeUid('ServiceAccount', namespace, name);
  store.set('ServiceAccount', { namespace, name, uid, resourceVersion: '1', deleting: false });
}

function namespacesOf({ pods, services, accounts }: World): ReadonlySet<string> {
  const ofAccounts = [...accounts].map((account) => account.slice(0, account.indexOf('/')));
  return new Set([...[...pods, ...services].map(({ namespace }) => namespace), ...ofAccounts]);
}

function addNamespace(name: string, { namespaces, store }: World): void {
  if (namespaces.has(name)) return;
  namespaces.add(name);
  const labels = { 'kubernetes.io/metadata.name': name };
  store.set('Namespace', { name, uid: madeUid('Namespace', '', name), resourceVersion: '1', labels, deleting: false });
}

const SERVICE_NAME = 'kubernetes.io/service-name';

/** A slice with the uids of the pods that it names, and of the Service in its label. */
function resolved(slice: SliceManifest, world: World): EndpointSliceFacts {
  const { namespace = '', labels = {}, ownerReferences } = slice.metadata;
  const service = world.services.find((each) => each.namespace === namespace && each.name === labels[SERVICE_NAME]);
  const owner =
    service === undefined
      ? []
      : [{ apiVersion: 'v1', kind: 'Service', name: service.name, uid: service.uid, controller: true }];
  const endpoints = (slice.endpoints ?? []).map((endpoint) => {
    const { targetRef } = endpoint;
    const pod = world.pods.find((each) => each.namespace === namespace && each.name === targetRef?.name);
    if (targetRef === undefined || targetRef.uid !== undefined || pod === undefined) return endpoint;
    return { ...endpoint, targetRef: { ...targetRef, kind: targetRef.kind ?? 'Pod', uid: pod.uid } };
  });
  return endpointSliceFactsOf({
    ...slice,
    metadata: { ...slice.metadata, ownerReferences: ownerReferences ?? owner },
    endpoints,
  });
}

/** The slice that a cluster would make for a Service: with every pod that it selects. */
function addSlice(service: ServiceFacts, { slices, pods, store }: World): void {
  const { namespace, name, uid, selector } = service;
  const isOf = ({ metadata }: SliceManifest): boolean =>
    metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME] === name;
  const pairs = Object.entries(selector);
  if (slices.some(isOf) || pairs.length === 0) return;
  const selected = pods.filter(
    (pod) => pod.namespace === namespace && pairs.every(([label, value]) => pod.labels[label] === value),
  );
  store.set('EndpointSlice', {
    namespace,
    name: `${name}-made`,
    uid: madeUid('EndpointSlice', namespace, name),
    resourceVersion: '1',
    serviceUid: uid,
    podUids: selected.map((pod) => pod.uid),
    addresses: selected.flatMap(({ ips }) => ips),
  });
}
