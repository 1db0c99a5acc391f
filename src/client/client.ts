import type { Clock } from '../base/clock.js';
import type { Transport } from '../kube/exchange.js';
import type { KubeList, KubeObject, WatchEvent } from '../kube/object-meta.js';
import { describe, objectOf, send, type ApiCall, type Caller } from './api-call.js';
import {
  acceptOf,
  collectionPath,
  deleteCall,
  namedPath,
  patchCall,
  signalOf,
  toQuery,
  typed,
  updateCall,
  watchQuery,
  writeQuery,
} from './call-building.js';
import type {
  DeleteCollectionOptions,
  DeleteOptions,
  ListOptions,
  CallOptions,
  NamespacedOptions,
  PatchOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './call-options.js';
import { pagesOf, wholeList } from './list-pages.js';
import { pathOf, type ResourceType } from './resource-type.js';
import { followWatch } from './watch-stream.js';

/**
 * The Kubernetes API as functions, over any transport. A refusal is thrown as StatusError; a server that cannot be
 * reached as CLIENT_UNREACHABLE, one that does not speak the API as CLIENT_PROTOCOL. Objects that come back may be
 * shared with the server in the same process: they must not be changed.
 *
 * Reads are repeated when the server asks for it (429 and 5xx with Retry-After) or the connection breaks; writes only
 * on 429, which says that nothing was done.
 */
export interface Client {
  get<T extends KubeObject>(resource: ResourceType<T>, name: string, options?: ReadOptions): Promise<T>;
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
export function createClient(transport: Transport, options: ClientOptions): Client {
  const caller: Caller = {
    transport,
    userAgent: options.userAgent,
    clock: options.clock,
    maxRetries: options.maxRetries ?? 10,
    maxRetryAfterSeconds: options.maxRetryAfterSeconds ?? 30,
  };
  const exchange = async <T extends object>(call: ApiCall): Promise<T> =>
    // The answer to a call about a resource is an object of that resource, as far as the API's own schema goes.
    (await objectOf(await send(caller, call), call)) as T;
  const updateSubresource: Client['updateSubresource'] = (resource, subresource, object, opts = {}) =>
    exchange(updateCall(resource, subresource, object, opts));
  const pages: Client['pages'] = (resource, opts = {}) => pagesOf(exchange, resource, opts);
  return {
    get: (resource, name, opts = {}) =>
      exchange({
        method: 'GET',
        target: namedPath(resource, opts.namespace, name),
        accept: acceptOf(opts, 'PartialObjectMetadata'),
        signal: signalOf(opts),
      }),
    list: (resource, opts = {}) => wholeList(exchange, resource, opts),
    pages,
    create: (resource, object, opts = {}) =>
      exchange({
        method: 'POST',
        target: collectionPath(resource, object.metadata.namespace) + writeQuery(opts),
        body: typed(resource, object),
        signal: signalOf(opts),
      }),
    createSubresource: (resource, name, subresource, body, opts = {}) =>
      exchange({
        method: 'POST',
        target: namedPath(resource, opts.namespace, name, subresource) + writeQuery(opts),
        body,
        signal: signalOf(opts),
      }),
    update: (resource, object, opts) => updateSubresource(resource, '', object, opts),
    updateStatus: (resource, object, opts) => updateSubresource(resource, 'status', object, opts),
    updateSubresource,
    patch: (resource, name, patch, opts = {}) => exchange(patchCall(resource, name, patch, opts)),
    delete: (resource, name, opts = {}) => exchange(deleteCall(namedPath(resource, opts.namespace, name), opts)),
    deleteCollection: async (resource, opts = {}) => {
      const query = toQuery({ labelSelector: opts.labelSelector, fieldSelector: opts.fieldSelector });
      await exchange(deleteCall(collectionPath(resource, opts.namespace) + query, opts));
    },
    watch: async (resource, opts, receive) => {
      const call: ApiCall = {
        method: 'GET',
        target: pathOf(resource, opts.namespace ?? '') + toQuery({ ...watchQuery(opts), watch: true }),
        accept: acceptOf(opts, 'PartialObjectMetadata'),
        signal: signalOf(opts),
      };
      const response = await send(caller, call);
      await followWatch(response, describe(call), receive, call.signal);
    },
    getPath: (path, opts = {}) => exchange({ method: 'GET', target: path, signal: signalOf(opts) }),
  };
}
