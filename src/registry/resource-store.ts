import type { KubeObject, ListMeta, WatchEvent } from '../kube/object-meta.js';
import type { Propagation } from '../kube/propagation.js';
import type { MaybePromise, Preconditions, RequestContext, Resource } from './resource.js';

/** Which object: namespace is empty for cluster-scoped ones. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** Decides on objects; built from label and field selectors. */
export interface ObjectFilter<T> {
  readonly matches: (object: T) => boolean;
  /** No selector at all: counts and pages need no look into the objects. */
  readonly everything: boolean;
}

/** Called after validation and before the write; throws to refuse. `previous` is undefined on create. */
export type Admit<T> = (object: T, previous: T | undefined) => MaybePromise<void>;

export interface WriteOptions<T> {
  readonly context: RequestContext;
  readonly admit?: Admit<T>;
}

export interface UpdateOptions<T> extends WriteOptions<T> {
  /** The subresource written through; the main resource when absent. */
  readonly subresource?: string;
  /**
   * The change is an apply: it creates the object where there is none, and its `metadata.managedFields` say who owns
   * what from now on. After any other change, the store finds that out.
   */
  readonly applies?: true;
  /** Called before a create-on-update, to ask for `create` as well. */
  readonly mayCreate?: () => MaybePromise<void>;
}

export interface DeleteOptions<T> extends WriteOptions<T> {
  readonly preconditions?: Preconditions;
  readonly gracePeriodSeconds?: number;
  /** Absent: what an earlier delete, or the object's own finalizers, said; Background where nobody did. */
  readonly propagationPolicy?: Propagation;
}

export interface ListQuery<T> {
  /** Empty = all namespaces. */
  readonly namespace: string;
  /** Only this object: an exact `metadata.name` selector. */
  readonly name?: string;
  readonly filter: ObjectFilter<T>;
  readonly limit?: number;
  readonly continue?: string;
  /** As the client sent them, unparsed; empty = unset. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

export interface ObjectList<T> {
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

export interface WatchQuery<T> {
  readonly namespace: string;
  readonly name?: string;
  readonly filter: ObjectFilter<T>;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  /** undefined = not given. */
  readonly sendInitialEvents?: boolean;
  readonly allowBookmarks: boolean;
}

/**
 * Receives a watch. Calls come in order and never after `stop`. An ERROR event is the last one. While the initial
 * events come, a promise in answer holds the next ones back; live events wait for nobody.
 */
export type WatchReceiver<T> = (events: readonly WatchEvent<T | KubeObject>[]) => MaybePromise<void>;

export interface ObjectWatch {
  /**
   * A bookmark with the revision up to which everything was delivered. There is none while initial events are still to
   * come: who has not seen them all cannot go on from any version.
   */
  bookmark(): WatchEvent | undefined;
  stop(): void;
}

/** What an update did. */
export interface Updated<T> {
  readonly object: T;
  readonly created: boolean;
}

/** What a delete did: `removed` false means that finalizers or a graceful end hold the object. */
export interface Deleted<T> {
  readonly object: T;
  readonly removed: boolean;
}

/**
 * The generic store of one resource: names, uids, times, versions, finalizers, preconditions, no-op writes, dry run,
 * selectors, paging, watches. Throws StatusError in the API's words. Objects it returns carry kind and apiVersion,
 * except in lists, and are shared: they must not be changed.
 */
export interface ResourceStore<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  create(object: T, options: WriteOptions<T>): Promise<T>;
  /** The newest. With `resourceVersion`, as the client sent it, 504 where the store does not reach that soon. */
  get(key: ObjectKey, resourceVersion?: string): Promise<T>;
  /** `items` omit kind and apiVersion. */
  list(query: ListQuery<T>): Promise<ObjectList<T>>;
  /**
   * Changes an object. `change` gets the stored one (undefined when absent) and returns what the client wants; it is
   * called again with a newer one when the write lost a race and the result named no resourceVersion.
   */
  update(
    key: ObjectKey,
    change: (current: T | undefined) => MaybePromise<T>,
    options: UpdateOptions<T>,
  ): Promise<Updated<T>>;
  delete(key: ObjectKey, options: DeleteOptions<T>): Promise<Deleted<T>>;
  /** Deletes what the query matches, one by one; the answer is what it listed. */
  deleteCollection(query: ListQuery<T>, options: DeleteOptions<T>): Promise<ObjectList<T>>;
  /**
   * Starts a watch. Resolves when it is live: everything up to then has been received, and every later write is
   * received before it is answered. Only a receiver that holds initial events back gets its watch before.
   * Rejects where the query is wrong; that a version is too old, or not reached in time, is an ERROR event.
   */
  watch(query: WatchQuery<T>, receive: WatchReceiver<T>): Promise<ObjectWatch>;
}
