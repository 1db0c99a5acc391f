import type { Clock } from '../base/clock.js';
import type { Transport } from '../kube/exchange.js';
import type { KubeList, KubeObject, WatchEvent } from '../kube/object-meta.js';
import type { ResourceType } from './resource-type.js';

/** What every call may be told. */
export interface CallOptions {
  /** Gives up on the call; it then rejects with ABORTED. */
  readonly signal?: AbortSignal;
}

/** What a call about objects of a namespace needs. */
export interface NamespacedOptions extends CallOptions {
  /** Where the object lives; left out for cluster-scoped resources and, in lists and watches, for all namespaces. */
  readonly namespace?: string;
}

/** Options of a list. Selectors are in the syntax of the query parameters. */
export interface ListOptions extends NamespacedOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. Default 500. All pages are read. */
  readonly pageSize?: number;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** Options of a watch. */
export interface WatchOptions extends NamespacedOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  /** How long the server keeps the watch. */
  readonly timeoutSeconds?: number;
}

/** Options of a write. The namespace, where the object has one, is that of its metadata. */
export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly dryRun?: boolean;
}

/** The media types of a patch. */
export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

/** Options of a patch. */
export interface PatchOptions extends WriteOptions {
  readonly namespace?: string;
  readonly subresource?: string;
  /** Default `merge`. */
  readonly kind?: PatchKind;
  /** Only for `apply`: take fields from other managers. */
  readonly force?: boolean;
}

/** Options of a delete. */
export interface DeleteOptions extends NamespacedOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

/** Options of a delete of many. */
export interface DeleteCollectionOptions extends DeleteOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/**
 * The Kubernetes API as functions, over any transport. A refusal is thrown as StatusError; a server that cannot be
 * reached as CLIENT_UNREACHABLE, one that does not speak the API as CLIENT_PROTOCOL. Objects that come back may be
 * shared with the server in the same process: they must not be changed.
 *
 * Reads are repeated when the server asks for it (429 and 5xx with Retry-After) or the connection breaks; writes only
 * on 429, which says that nothing was done.
 */
export interface Client {
  get<T extends KubeObject>(resource: ResourceType<T>, name: string, options?: NamespacedOptions): Promise<T>;
  /** All pages. The items carry kind and apiVersion only where the server sends them. */
  list<T extends KubeObject>(resource: ResourceType<T>, options?: ListOptions): Promise<KubeList<T>>;
  /** Page by page, for collections that need not be in memory at once. */
  pages<T extends KubeObject>(resource: ResourceType<T>, options?: ListOptions): AsyncIterable<KubeList<T>>;
  create<T extends KubeObject>(resource: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** POSTs `body` to a subresource of a named object, such as `token` of a service account. */
  createSubresource<T extends KubeObject>(
    resource: ResourceType,
    name: string,
    subresource: string,
    body: T,
    options?: WriteOptions & NamespacedOptions,
  ): Promise<T>;
  update<T extends KubeObject>(resource: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  updateStatus<T extends KubeObject>(resource: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  updateSubresource<T extends KubeObject>(
    resource: ResourceType<T>,
    subresource: string,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: ResourceType<T>,
    name: string,
    patch: object,
    options?: PatchOptions,
  ): Promise<T>;
  /** Resolves with what the server answers: a Status, or the object where something still holds it. */
  delete(resource: ResourceType, name: string, options?: DeleteOptions): Promise<KubeObject>;
  deleteCollection(resource: ResourceType, options?: DeleteCollectionOptions): Promise<void>;
  /**
   * Calls `receive` for each event but ERROR until the server ends the stream or `signal` aborts; then resolves. An
   * ERROR event rejects with its StatusError. What `receive` throws ends the watch and rejects.
   */
  watch<T extends KubeObject>(
    resource: ResourceType<T>,
    options: WatchOptions,
    receive: (event: WatchEvent<T>) => void,
  ): Promise<void>;
  /** GETs any path of the server and answers the parsed JSON. */
  getPath(path: string, options?: CallOptions): Promise<unknown>;
}

/** What a client is made with. */
export interface ClientOptions {
  /** Sent as User-Agent. */
  readonly userAgent: string;
  /** Waits between repetitions; without it nothing is repeated. */
  readonly clock?: Clock;
  /** Repetitions of one call. Default 10. */
  readonly maxRetries?: number;
  /** Longest wait the server may ask for; a longer one is not waited out. Default 30. */
  readonly maxRetryAfterSeconds?: number;
}

/** A client over a transport. Holds nothing that needs closing. */
export function createClient(_transport: Transport, _options: ClientOptions): Client {
  throw new Error('not yet');
}
