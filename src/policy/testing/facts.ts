import { createFactStore, type FactStore } from '../fact-store.js';
import type {
  EndpointSliceFacts,
  NamespaceFacts,
  NodeFacts,
  PodFacts,
  ServiceAccountFacts,
  ServiceFacts,
} from '../facts.js';
import { ACCOUNT, NAMESPACE, NODE, POD, SERVICE, SLICE } from './world.js';

/** The objects of a small cluster. */
export interface Cluster {
  readonly pods?: readonly PodFacts[];
  readonly services?: readonly ServiceFacts[];
  readonly slices?: readonly EndpointSliceFacts[];
  readonly nodes?: readonly NodeFacts[];
  readonly namespaces?: readonly NamespaceFacts[];
  readonly accounts?: readonly ServiceAccountFacts[];
}

/** The cluster of world.ts. */
export const WORLD: Required<Cluster> = {
  pods: [POD],
  services: [SERVICE],
  slices: [SLICE],
  nodes: [NODE],
  namespaces: [NAMESPACE],
  accounts: [ACCOUNT],
};

/** The facts of the cluster of world.ts, with other lists where they are given. */
export function clusterFacts(cluster: Cluster = {}): FactStore {
  const { pods, services, slices, nodes, namespaces, accounts } = { ...WORLD, ...cluster };
  const store = createFactStore();
  for (const pod of pods) store.set('Pod', pod);
  for (const service of services) store.set('Service', service);
  for (const slice of slices) store.set('EndpointSlice', slice);
  for (const node of nodes) store.set('Node', node);
  for (const namespace of namespaces) store.set('Namespace', namespace);
  for (const account of accounts) store.set('ServiceAccount', account);
  return store;
}
