import type { UnixSeconds } from '../../base/clock.js';
import { hasReason } from '../../kube/status.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { parseTime } from '../../kube/time.js';
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

/** Reads service accounts and secrets from their stores. There are no pods and no nodes. */
export function createTokenSubjects(stores: {
  readonly serviceAccounts: ResourceStore;
  readonly secrets: ResourceStore;
}): TokenSubjects {
  return {
    serviceAccount: (namespace, name) => liveObject(stores.serviceAccounts, namespace, name),
    secret: (namespace, name) => liveObject(stores.secrets, namespace, name),
    pod: () => undefined,
    node: () => undefined,
  };
}

async function liveObject(store: ResourceStore, namespace: string, name: string): Promise<LiveObject | undefined> {
  try {
    return toLiveObject(await store.get({ namespace, name }));
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** The facts of a stored object. */
export function toLiveObject({ metadata }: KubeObject): LiveObject {
  const deletion = metadata.deletionTimestamp ?? undefined;
  const deletedAt = deletion === undefined ? undefined : parseTime(deletion);
  return { uid: metadata.uid ?? '', ...(deletedAt === undefined ? {} : { deletedAt }) };
}
