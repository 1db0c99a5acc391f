import type { UnixSeconds } from '../../base/clock.js';
import { hasReason } from '../../kube/status.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { parseTime } from '../../kube/time.js';
import type { Pod } from '../../registry/pods/pod.js';
import type { MaybePromise } from '../../registry/resource.js';
import type { ResourceStore } from '../../registry/resource-store.js';

/** What tokens need to know of an object. */
export interface LiveObject {
  readonly uid: string;
  /** When its deletion takes effect; undefined while nobody deletes it. */
  readonly deletedAt?: UnixSeconds;
}

/** A pod, as tokens see it. */
export interface LivePod extends LiveObject {
  readonly serviceAccountName: string;
  /** Empty while it is not scheduled. */
  readonly nodeName: string;
}

/** Finds what tokens stand for and are bound to; undefined when it is not there. */
export interface TokenSubjects {
  serviceAccount(namespace: string, name: string): MaybePromise<LiveObject | undefined>;
  secret(namespace: string, name: string): MaybePromise<LiveObject | undefined>;
  pod(namespace: string, name: string): MaybePromise<LivePod | undefined>;
  node(name: string): MaybePromise<LiveObject | undefined>;
}

/** Reads them from their stores. */
export function createTokenSubjects(stores: {
  readonly serviceAccounts: ResourceStore;
  readonly secrets: ResourceStore;
  readonly pods: ResourceStore<Pod>;
  readonly nodes: ResourceStore;
}): TokenSubjects {
  return {
    serviceAccount: async (namespace, name) => liveObject(await find(stores.serviceAccounts, namespace, name)),
    secret: async (namespace, name) => liveObject(await find(stores.secrets, namespace, name)),
    pod: async (namespace, name) => livePod(await find(stores.pods, namespace, name)),
    node: async (name) => liveObject(await find(stores.nodes, '', name)),
  };
}

async function find<T extends KubeObject>(
  store: ResourceStore<T>,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  try {
    return await store.get({ namespace, name });
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

function liveObject(object: KubeObject | undefined): LiveObject | undefined {
  return object === undefined ? undefined : toLiveObject(object);
}

function livePod(pod: Pod | undefined): LivePod | undefined {
  if (pod === undefined) return undefined;
  const { serviceAccountName = '', nodeName = '' } = pod.spec;
  return { ...toLiveObject(pod), serviceAccountName, nodeName };
}

/** The facts of a stored object. */
export function toLiveObject({ metadata }: KubeObject): LiveObject {
  const deletion = metadata.deletionTimestamp ?? undefined;
  const deletedAt = deletion === undefined ? undefined : parseTime(deletion);
  return { uid: metadata.uid ?? '', ...(deletedAt === undefined ? {} : { deletedAt }) };
}
