import type { ApiRequest, ApiResponse, EventStream, StreamSink, Transport } from '../../kube/exchange.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import { mergePatch } from '../../kube/merge-patch.js';
import { alreadyExists, conflict, notFound, StatusError, failure, type Status } from '../../kube/status.js';

/** An API server small enough to be read in one go: for tests of clients, where a server of our own is too far away. */
export interface MemoryApi {
  readonly transport: Transport;
  /** Every request so far, as `METHOD target`. */
  readonly log: readonly string[];
  /** Stored objects, by path. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** Stores an object as if somebody else had written it; its path is that of the object. */
  put(path: string, object: KubeObject): KubeObject;
  remove(path: string): void;
  /** Sends every watcher a bookmark. */
  bookmark(): void;
  /** Ends every watch cleanly. */
  endWatches(): void;
  /** Forgets history: watches from before now get 410. */
  compact(): void;
  readonly resourceVersion: number;
}

interface Change {
  readonly version: number;
  readonly path: string;
  readonly event: WatchEvent;
}

interface Watcher {
  readonly prefix: string;
  readonly name: string | undefined;
  readonly sink: StreamSink<WatchEvent>;
}

interface Target {
  readonly collection: string;
  readonly path: string;
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
}

const KINDS: Readonly<Record<string, string>> = {
  certificatesigningrequests: 'CertificateSigningRequest',
  configmaps: 'ConfigMap',
  endpointslices: 'EndpointSlice',
  events: 'Event',
  leases: 'Lease',
  namespaces: 'Namespace',
  pods: 'Pod',
  serviceaccounts: 'ServiceAccount',
  services: 'Service',
};

/** What a memory API can be told to be unable to do. */
export interface MemoryApiOptions {
  /** How `sendInitialEvents` is met. Default: as asked. */
  readonly watchList?: 'served' | 'refused' | 'ignored';
}

/** A memory API: objects, optimistic writes, lists with pages, watches. No validation, no permissions. */
export function createMemoryApi(options: MemoryApiOptions = {}): MemoryApi {
  return new Memory(options);
}

class Memory implements MemoryApi {
  readonly objects = new Map<string, KubeObject>();
  readonly log: string[] = [];
  readonly #options: MemoryApiOptions;
  readonly #watchers = new Set<Watcher>();
  #history: Change[] = [];
  #compactedAt = 0;
  #version = 1;
  #uids = 0;

  constructor(options: MemoryApiOptions) {
    this.#options = options;
  }

  get resourceVersion(): number {
    return this.#version;
  }

  readonly transport: Transport = async (request) => {
    this.log.push(`${request.method} ${request.target}`);
    // A real server never answers before its caller has gone on.
    await Promise.resolve();
    try {
      return this.#handle(request);
    } catch (error) {
      if (error instanceof StatusError) return answer(error.httpCode, error.status);
      throw error;
    }
  };

  put(path: string, object: KubeObject): KubeObject {
    const previous = this.objects.get(path);
    this.#version++;
    const uid = object.metadata.uid ?? previous?.metadata.uid ?? `uid-${++this.#uids}`;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(this.#version) } };
    this.objects.set(path, stored);
    this.#publish(path, { type: previous === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  remove(path: string): void {
    const object = this.objects.get(path);
    if (object === undefined) return;
    this.objects.delete(path);
    this.#version++;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#publish(path, { type: 'DELETED', object: { ...object, metadata } });
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#version) } };
    for (const { sink } of this.#watchers) sink.write({ type: 'BOOKMARK', object });
  }

  endWatches(): void {
    const ending = [...this.#watchers];
    this.#watchers.clear();
    for (const { sink } of ending) sink.end();
  }

  compact(): void {
    this.#history = [];
    this.#version++;
    this.#compactedAt = this.#version;
  }

  #publish(path: string, event: WatchEvent): void {
    this.#history.push({ version: this.#version, path, event });
    for (const watcher of [...this.#watchers]) if (concerns(watcher, path)) watcher.sink.write(event);
  }

  #matching(collection: string, name: string | undefined): readonly (readonly [string, KubeObject])[] {
    return [...this.objects]
      .filter(([path]) => concerns({ prefix: collection, name }, path))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #handle(request: ApiRequest): ApiResponse {
    const target = targetOf(request.target);
    switch (request.method) {
      case 'GET':
        return this.#read(target);
      case 'POST':
        return this.#create(target, bodyOf(request));
      case 'DELETE':
        return this.#delete(target, bodyOf(request));
      default:
        return this.#change(request.method, target, bodyOf(request));
    }
  }

  #read(target: Target): ApiResponse {
    if (target.name === '') return target.query.get('watch') === 'true' ? this.#watch(target) : this.#list(target);
    const object = this.objects.get(target.path);
    if (object === undefined) throw notFound(resourceOf(target), target.name);
    return answer(200, object);
  }

  #list({ collection, query }: Target): ApiResponse {
    const all = this.#matching(collection, nameSelector(query));
    const [version = String(this.#version), at = '0'] = (query.get('continue') ?? '')
      .split(':')
      .filter((x) => x !== '');
    if (Number(version) < this.#compactedAt) throw new StatusError(expiredStatus());
    const start = Number(at);
    const limit = Number(query.get('limit') ?? '0');
    const end = limit === 0 ? all.length : start + limit;
    const metadata = { resourceVersion: version, ...(end < all.length ? { continue: `${version}:${end}` } : {}) };
    const items = all.slice(start, end).map(([, object]) => object);
    return answer(200, { kind: 'List', apiVersion: 'v1', metadata, items });
  }

  #watch({ collection, query }: Target): ApiResponse {
    const { watchList = 'served' } = this.#options;
    const asked = query.get('sendInitialEvents') === 'true';
    if (asked && watchList === 'refused')
      throw new StatusError(failure(422, 'Invalid', 'sendInitialEvents is forbidden'));
    const from = Number(query.get('resourceVersion') ?? '0');
    const name = nameSelector(query);
    let watcher: Watcher | undefined;
    const stream: EventStream = {
      start: (sink) => {
        watcher = { prefix: collection, name, sink };
        if (asked && watchList === 'served') this.#sendInitial(watcher, true);
        else if (from === 0) this.#sendInitial(watcher, false);
        else if (from < this.#compactedAt) {
          sink.write({ type: 'ERROR', object: expiredStatus() });
          sink.end();
          return;
        } else this.#replay(watcher, from);
        this.#watchers.add(watcher);
      },
      stop: () => {
        if (watcher !== undefined) this.#watchers.delete(watcher);
      },
    };
    return { status: 200, headers: {}, body: { kind: 'events', stream } };
  }

  #sendInitial({ prefix, name, sink }: Watcher, bookmark: boolean): void {
    for (const [, object] of this.#matching(prefix, name)) sink.write({ type: 'ADDED', object });
    if (bookmark) sink.write(initialEventsEnd(this.#version));
  }

  #replay(watcher: Watcher, from: number): void {
    for (const { version, path, event } of this.#history) {
      if (version > from && concerns(watcher, path)) watcher.sink.write(event);
    }
  }

  #create(target: Target, body: KubeObject): ApiResponse {
    const name = body.metadata.name ?? '';
    const path = `${target.collection}/${name}`;
    if (this.objects.has(path)) throw alreadyExists(resourceOf(target), name);
    return answer(201, this.put(path, body));
  }

  #change(method: string, target: Target, body: KubeObject): ApiResponse {
    const current = this.objects.get(target.path);
    if (current === undefined) throw notFound(resourceOf(target), target.name);
    const { uid = current.metadata.uid, resourceVersion = current.metadata.resourceVersion } = body.metadata;
    if (uid !== current.metadata.uid || resourceVersion !== current.metadata.resourceVersion) {
      throw conflict(resourceOf(target), target.name);
    }
    // A patch is a merge of objects: what mergePatch makes of two objects is one.
    if (method === 'PATCH') return answer(200, this.put(target.path, mergePatch(current, body) as KubeObject));
    return answer(200, this.put(target.path, target.subresource === 'status' ? withStatusOf(current, body) : body));
  }

  #delete(target: Target, options: DeleteBody): ApiResponse {
    if (target.name === '') {
      for (const [path] of this.#matching(target.collection, nameSelector(target.query))) this.remove(path);
    } else {
      const current = this.objects.get(target.path)?.metadata;
      if (current === undefined) throw notFound(resourceOf(target), target.name);
      const { uid = current.uid, resourceVersion = current.resourceVersion } = options.preconditions ?? {};
      if (uid !== current.uid || resourceVersion !== current.resourceVersion) {
        throw conflict(resourceOf(target), target.name);
      }
      this.remove(target.path);
    }
    return answer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
  }
}

interface DeleteBody {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

function resourceOf({ collection }: Target): { readonly group: string; readonly resource: string } {
  const parts = collection.split('/');
  return { group: parts[1] === 'apis' ? (parts[2] ?? '') : '', resource: parts.at(-1) ?? '' };
}

function concerns(watched: { readonly prefix: string; readonly name: string | undefined }, path: string): boolean {
  const at = path.lastIndexOf('/');
  if (watched.name !== undefined && path.slice(at + 1) !== watched.name) return false;
  const collection = path.slice(0, at);
  if (collection === watched.prefix) return true;
  // All namespaces: /api/v1/configmaps is the sum of /api/v1/namespaces/*/configmaps.
  return collection.replace(/\/namespaces\/[^/]+\//, '/') === watched.prefix;
}

function targetOf(target: string): Target {
  const { pathname, searchParams } = new URL(target, 'https://memory.invalid');
  const parts = pathname.split('/').slice(1).map(decodeURIComponent);
  const scope = parts[0] === 'api' ? 2 : 3;
  const namespaced =
    parts[scope] === 'namespaces' && parts.length > scope + 2 && KINDS[parts[scope + 2] ?? ''] !== undefined;
  const at = namespaced ? scope + 2 : scope;
  const collection = `/${parts.slice(0, at + 1).join('/')}`;
  const name = parts[at + 1] ?? '';
  return { collection, name, path: `${collection}/${name}`, subresource: parts[at + 2] ?? '', query: searchParams };
}

function nameSelector(query: URLSearchParams): string | undefined {
  return /(?:^|,)metadata\.name=([^,]*)/.exec(query.get('fieldSelector') ?? '')?.[1];
}

function bodyOf(request: ApiRequest): KubeObject & DeleteBody {
  if (request.body.kind !== 'object') throw new Error('The memory API takes objects only');
  return { metadata: {}, ...request.body.value };
}

/** What a write through `/status` keeps of what is stored. */
function withStatusOf(current: KubeObject, sent: KubeObject): KubeObject {
  const { status } = sent as { readonly status?: unknown };
  return { ...current, metadata: sent.metadata, ...{ status } };
}

function initialEventsEnd(version: number): WatchEvent {
  const metadata = { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } };
  return { type: 'BOOKMARK', object: { metadata } };
}

function expiredStatus(): Status {
  return failure(410, 'Expired', 'too old resource version');
}

function answer(status: number, value: object): ApiResponse {
  return { status, headers: {}, body: { kind: 'object', value } };
}
