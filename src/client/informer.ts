import type { Random } from '../base/bytes.js';
import { delay, type Clock } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import type { KubeObject, WatchEvent } from '../kube/object-meta.js';
import { StatusError } from '../kube/status.js';
import { hasHttpCode, isExpired, isVersionTooLarge } from './api-failure.js';
import { backoffMs, randomFraction } from './backoff.js';
import type { Client } from './client.js';
import { createIndexedCache, type CacheChange, type IndexedCache, type Indexes } from './indexed-cache.js';
import { InitialEvents } from './initial-events.js';
import type { ResourceType } from './resource-type.js';

/** What an informer is made with. */
export interface InformerOptions<T extends KubeObject, Kept> {
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** `keep` looks at nothing but `metadata`. */
  readonly metadataOnly?: boolean;
  /**
   * What of an object stays in memory; undefined: nothing, as if it did not exist. The object comes without
   * `metadata.managedFields`: they are often the larger half, and a write without them leaves them as they are.
   */
  readonly keep: (object: T) => Kept | undefined;
  /** Named ways to find objects: the values under which one is found. */
  readonly indexes?: Indexes<Kept>;
}

/** What an informer is doing. */
export type InformerState =
  | { readonly kind: 'idle' }
  /** Reading everything, because nothing is known or the known is too old to go on from. */
  | { readonly kind: 'listing' }
  | { readonly kind: 'watching' }
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly because: unknown }
  | { readonly kind: 'stopped' };

/** A cache of one resource that follows the server. It may lag behind, and never goes back. */
export interface Informer<Kept> {
  /** What it follows, for messages: `certificatesigningrequests`. */
  readonly resource: string;
  readonly state: InformerState;
  /**
   * When the cache was last told by the server that it is up to date: the end of a list, an event, a bookmark. The
   * clock's milliseconds; undefined before the first list. Servers send a bookmark about once a minute, so that an older
   * time means that nobody knows what has happened since.
   */
  readonly heardAt: number | undefined;
  /**
   * The version up to which the cache has followed: of its last list, event or bookmark. Undefined while everything must
   * be read anew.
   */
  readonly version: string | undefined;
  /** Resolves when the cache has held everything once. */
  readonly synced: Promise<void>;
  get(key: string): Kept | undefined;
  keys(): IterableIterator<string>;
  values(): IterableIterator<Kept>;
  readonly size: number;
  /** The keys of the objects that `index` files under `value`. */
  keysBy(index: string, value: string): readonly string[];
  /** Calls `listener` for every change from now on; the answer ends that. */
  onChange(listener: (change: CacheChange<Kept>) => void): () => void;
  /** Calls `listener` for every state from now on: failures that are waited out, and recovery. The answer ends that. */
  onState(listener: (state: InformerState) => void): () => void;
  /** Follows the server until `signal` aborts; the same run for every caller, with the first caller's signal. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

const RECONNECT = { baseMs: 800, maxMs: 30_000 } as const;
/** A watch that ends sooner without a single event was no watch; client-go's bound. */
const SHORT_WATCH_MS = 1000;

/** An informer over list and watch. Nothing happens until `run`. */
export function createInformer<T extends KubeObject, Kept>(
  client: Client,
  resource: ResourceType<T>,
  options: InformerOptions<T, Kept>,
): Informer<Kept> {
  return new ListWatchInformer(client, resource, options);
}

/** `namespace/name`, or `name` where there is no namespace: how caches and queues name an object. */
export function keyOf(object: KubeObject): string {
  const { namespace = '', name = '' } = object.metadata;
  return namespace === '' ? name : `${namespace}/${name}`;
}

function withoutOwners<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
}

class ListWatchInformer<T extends KubeObject, Kept> implements Informer<Kept> {
  readonly synced: Promise<void>;
  readonly #client: Client;
  readonly #resource: ResourceType<T>;
  readonly #options: InformerOptions<T, Kept>;
  readonly #cache: IndexedCache<Kept>;
  readonly #stateListeners = new Set<(state: InformerState) => void>();
  #state: InformerState = { kind: 'idle' };
  #heardAt: number | undefined;
  #markSynced: () => void = () => undefined;
  #running: Promise<void> | undefined;
  /** Where the watch goes on; undefined: everything must be read anew. */
  #resourceVersion: string | undefined;
  /** Whether the server is believed to deliver initial events in a watch. */
  #watchList = true;

  constructor(client: Client, resource: ResourceType<T>, options: InformerOptions<T, Kept>) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    this.#cache = createIndexedCache(options.indexes ?? {});
    this.synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  get resource(): string {
    return this.#resource.resource;
  }

  get state(): InformerState {
    return this.#state;
  }

  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  get version(): string | undefined {
    return this.#resourceVersion;
  }

  get size(): number {
    return this.#cache.size;
  }

  get(key: string): Kept | undefined {
    return this.#cache.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#cache.keys();
  }

  values(): IterableIterator<Kept> {
    return this.#cache.values();
  }

  keysBy(index: string, value: string): readonly string[] {
    return this.#cache.keysBy(index, value);
  }

  onChange(listener: (change: CacheChange<Kept>) => void): () => void {
    return this.#cache.onChange(listener);
  }

  onState(listener: (state: InformerState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  run(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#follow(signal);
    return this.#running;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#round(signal);
        failures = 0;
      } catch (error) {
        if (hasStopped(signal)) break;
        if (isExpired(error) || isVersionTooLarge(error)) this.#resourceVersion = undefined;
        failures++;
        const delayMs = backoffMs(RECONNECT, failures, random);
        this.#enter({ kind: 'waiting', delayMs, because: error });
        await delay(clock, delayMs, signal);
      }
    }
    this.#enter({ kind: 'stopped' });
  }

  /** From where we are to the end of one watch. */
  async #round(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined) {
      this.#enter({ kind: 'listing' });
      if (this.#watchList) {
        const outcome = await this.#watchEverything(signal);
        if (outcome === 'followed') return;
        this.#watchList = false;
      }
      await this.#listEverything(signal);
    }
    this.#enter({ kind: 'watching' });
    const { clock } = this.#options;
    const startedAt = clock.now();
    let events = 0;
    await this.#client.watch(
      this.#resource,
      { ...this.#query(signal), resourceVersion: this.#resourceVersion ?? '0' },
      (event) => {
        events++;
        this.#receive(event);
      },
    );
    if (events === 0 && !signal.aborted && clock.now() - startedAt < SHORT_WATCH_MS) throw this.#tooShort();
  }

  /**
   * Reads everything and then follows, in one watch. `unsupported` where the server refuses, or takes no notice and
   * stays silent.
   */
  async #watchEverything(signal: AbortSignal): Promise<'followed' | 'unsupported'> {
    const attempt = new AbortController();
    const abort = (): void => attempt.abort();
    signal.addEventListener('abort', abort, { once: true });
    const fresh = new Map<string, Kept>();
    const initial = new InitialEvents<T>(this.#options.clock, (event) => this.#collect(fresh, event), abort);
    const query = { ...this.#query(attempt.signal), sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
    try {
      await this.#client.watch(this.#resource, query, (event) => {
        if (initial.state === 'complete') this.#receive(event);
        else if (initial.take(event)) {
          this.#replaceAll(fresh, event.object.metadata.resourceVersion);
          this.#enter({ kind: 'watching' });
        }
      });
    } catch (error) {
      if (initial.state === 'collecting' && refusesWatchList(error)) return 'unsupported';
      throw error;
    } finally {
      initial.stop();
      signal.removeEventListener('abort', abort);
    }
    if (initial.state === 'complete' || signal.aborted) return 'followed';
    if (initial.state === 'silent') return 'unsupported';
    throw this.#tooShort();
  }

  async #listEverything(signal: AbortSignal): Promise<void> {
    const { namespace, labelSelector, fieldSelector, metadataOnly } = this.#options;
    const fresh = new Map<string, Kept>();
    let resourceVersion: string | undefined;
    const pages = this.#client.pages(this.#resource, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(metadataOnly === undefined ? {} : { metadataOnly }),
      signal,
    });
    for await (const page of pages) {
      resourceVersion = page.metadata.resourceVersion;
      for (const object of page.items) this.#collect(fresh, { type: 'ADDED', object });
    }
    this.#replaceAll(fresh, resourceVersion);
  }

  #query(signal: AbortSignal): {
    readonly namespace?: string;
    readonly labelSelector?: string;
    readonly fieldSelector?: string;
    readonly metadataOnly?: boolean;
    readonly allowWatchBookmarks: true;
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
  } {
    const { namespace, labelSelector, fieldSelector, metadataOnly, random } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(metadataOnly === undefined ? {} : { metadataOnly }),
      allowWatchBookmarks: true,
      // Spread, so that the watches of many clients do not all end together.
      timeoutSeconds: 300 + Math.floor(300 * randomFraction(random)),
      signal,
    };
  }

  #replaceAll(fresh: ReadonlyMap<string, Kept>, resourceVersion: string | undefined): void {
    this.#resourceVersion = resourceVersion;
    this.#heardAt = this.#options.clock.now();
    this.#cache.replaceAll(fresh);
    this.#markSynced();
  }

  #collect(fresh: Map<string, Kept>, event: WatchEvent<T>): void {
    const kept = event.type === 'DELETED' ? undefined : this.#options.keep(withoutOwners(event.object));
    if (kept === undefined) fresh.delete(keyOf(event.object));
    else fresh.set(keyOf(event.object), kept);
  }

  #receive(event: WatchEvent<T>): void {
    this.#heardAt = this.#options.clock.now();
    if (event.type !== 'BOOKMARK') {
      const key = keyOf(event.object);
      const kept = event.type === 'DELETED' ? undefined : this.#options.keep(withoutOwners(event.object));
      if (kept === undefined) this.#cache.remove(key);
      else this.#cache.set(key, kept);
    }
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  #tooShort(): CountersignError<'CLIENT_PROTOCOL'> {
    return new CountersignError(
      'CLIENT_PROTOCOL',
      `Cannot watch ${this.#resource.resource}: the watch ended at once, without an event`,
    );
  }

  #enter(state: InformerState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}

/** A function, because time passes between two looks at a signal. */
function hasStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Whether a refusal is about the parameters, so that a plain list and watch may do. */
function refusesWatchList(error: unknown): boolean {
  return error instanceof StatusError && !isExpired(error) && !hasHttpCode(error, 401, 403, 429, 503, 504);
}
