import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import type { ObjectFilter, ObjectWatch, ResourceStore } from '../../registry/resource-store.js';

const RETRY_MS = 1000;

/** What a cache tells its owner: the newest state of an object, undefined when it is gone. */
export type ObjectListener<T> = (namespace: string, name: string, object: T | undefined) => void;

export interface ObjectCacheOptions<T extends KubeObject> {
  readonly store: ResourceStore<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Which objects are kept; all of them when absent. */
  readonly filter?: ObjectFilter<T>;
  /** Called in order, for what is there at the start as well. Must not throw. */
  readonly onChange?: ObjectListener<T>;
}

/** Objects of one resource in memory, kept current by a watch in the same process. */
export interface ObjectCache<T extends KubeObject> {
  /** The newest known state; undefined when it is not there. */
  get(namespace: string, name: string): T | undefined;
  /** Every one of them, in no order. */
  values(): Iterable<T>;
  /** Ends the watch. */
  close(): void;
}

const EVERYTHING: ObjectFilter<KubeObject> = { matches: () => true, everything: true };

/**
 * Lists and then watches a resource; resolves when the list is in. The store delivers a write to its watches before it
 * answers it, so the cache knows every write whose answer anybody has seen. A watch that ends is started anew.
 */
export async function openObjectCache<T extends KubeObject>(options: ObjectCacheOptions<T>): Promise<ObjectCache<T>> {
  const cache = new WatchedObjects(options);
  await cache.start();
  return cache;
}

class WatchedObjects<T extends KubeObject> implements ObjectCache<T> {
  readonly #options: ObjectCacheOptions<T>;
  #objects = new Map<string, T>();
  #watch: ObjectWatch | undefined;
  #closed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  values(): Iterable<T> {
    return this.#objects.values();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#watch?.stop();
  }

  async start(): Promise<void> {
    const { store, filter = EVERYTHING } = this.#options;
    const list = await store.list({
      namespace: '',
      filter,
      resourceVersion: '',
      resourceVersionMatch: '',
    });
    this.#replace(list.items);
    const watch = await store.watch(
      {
        namespace: '',
        filter,
        resourceVersion: list.metadata.resourceVersion ?? '',
        resourceVersionMatch: '',
        allowBookmarks: false,
      },
      (events) => {
        for (const event of events) this.#apply(event);
      },
    );
    if (this.#closed) watch.stop();
    else this.#watch = watch;
  }

  #replace(items: readonly T[]): void {
    const before = this.#objects;
    this.#objects = new Map();
    for (const item of items) this.#put(item);
    for (const [key, object] of before) if (!this.#objects.has(key)) this.#tell(object, undefined);
  }

  #put(object: T): void {
    this.#objects.set(keyOf(object.metadata.namespace, object.metadata.name), object);
    this.#tell(object, object);
  }

  #tell(named: T, state: T | undefined): void {
    this.#options.onChange?.(named.metadata.namespace ?? '', named.metadata.name ?? '', state);
  }

  #apply(event: WatchEvent<T | KubeObject>): void {
    // The store gives objects of its own resource with these types; BOOKMARK and ERROR carry others.
    const object = event.object as T;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#put(object);
        return;
      case 'DELETED':
        this.#objects.delete(keyOf(object.metadata.namespace, object.metadata.name));
        this.#tell(object, undefined);
        return;
      case 'BOOKMARK':
        return;
      case 'ERROR':
        this.#watch = undefined;
        this.#restart(0);
        return;
    }
  }

  /** Until it has started, decisions rest on what was known: so the first try is made at once. */
  #restart(delayMs: number): void {
    if (this.#closed) return;
    this.#cancelRetry = this.#options.clock.schedule(delayMs, () => {
      this.start().catch((error: unknown) => {
        const { store, logger } = this.#options;
        logger.warn('Could not restart watch of cached objects', {
          resource: store.resource.resource,
          error: messageOf(error),
        });
        this.#restart(RETRY_MS);
      });
    });
  }
}

/** Neither part holds a slash. */
function keyOf(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}
