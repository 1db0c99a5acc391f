import type { KubeObject, WatchEvent } from '../kube/object-meta.js';
import type { Revision, Store, StoreEvent, Watch } from '../storage/store.js';
import { ObjectChange } from './object-change.js';
import type { ObjectFilter } from './resource-store.js';
import type { StoredObjects } from './stored-objects.js';

/** One who wants to hear of changes. */
export interface FeedListener<T> {
  /** A whole key, or the beginning of many that ends in a slash. */
  readonly scope: string;
  readonly filter: ObjectFilter<T>;
  /** Changes up to this revision are known already. */
  readonly after: Revision;
  /** Events that match, in order; never empty. Must not throw. */
  onEvents(events: readonly WatchEvent<T>[]): void;
  /** The feed is over. */
  onEnd(error: Error): void;
}

/** Where a listener is in the feed. */
export interface FeedPlace {
  /** Everything up to here has been told. */
  through(): Revision;
  /** No call follows. Idempotent. */
  leave(): void;
}

/** The revision of the last write under the prefix, or that from which the watch started: none came between. */
interface Progress {
  lastChange: Revision;
}

interface Running {
  readonly watch: Watch;
  readonly progress: Progress;
}

/**
 * The one watch of a resource in the store, fanned out to all who watch the resource. It starts with its first
 * listener and stays. A change is looked at only by those whose scope it is in, and decoded only if there are any.
 */
export class ObjectFeed<T extends KubeObject> {
  readonly #store: Store;
  readonly #objects: StoredObjects<T>;
  readonly #prefix: string;
  readonly #listeners = new Map<string, Set<FeedListener<T>>>();
  #starting: Promise<void> | undefined;
  #running: Running | undefined;

  constructor(store: Store, objects: StoredObjects<T>, prefix: string) {
    this.#store = store;
    this.#objects = objects;
    this.#prefix = prefix;
  }

  /** Starts the watch in the store, if it does not run. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#starting ??= this.#open().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /**
   * Adds a listener; undefined when changes after `listener.after` have gone by already. Then it must catch up by
   * itself first.
   */
  join(listener: FeedListener<T>): FeedPlace | undefined {
    const running = this.#running;
    if (running === undefined || listener.after < running.progress.lastChange) return undefined;
    let group = this.#listeners.get(listener.scope);
    if (group === undefined) {
      group = new Set();
      this.#listeners.set(listener.scope, group);
    }
    group.add(listener);
    return {
      through: () => Math.max(listener.after, running.watch.through()),
      leave: () => this.#leave(listener),
    };
  }

  async #open(): Promise<void> {
    const progress: Progress = { lastChange: await this.#store.currentRevision() };
    let ended: Error | undefined;
    const watch = await this.#store.watch(this.#prefix, progress.lastChange, {
      onEvents: (events) => {
        progress.lastChange = events.at(-1)?.revision ?? progress.lastChange;
        if (this.#running?.progress === progress) this.#deliver(events);
      },
      onEnd: (error) => {
        ended = error;
        if (this.#running?.progress === progress) this.#end(error);
      },
    });
    if (ended !== undefined) throw ended;
    this.#running = { watch, progress };
  }

  #deliver(events: readonly StoreEvent[]): void {
    if (this.#listeners.size === 0) return;
    const told = new Map<FeedListener<T>, WatchEvent<T>[]>();
    for (const event of events) {
      const change = new ObjectChange(event, this.#objects);
      for (const scope of scopesOf(change.key, this.#prefix)) {
        for (const listener of this.#listeners.get(scope) ?? []) tell(listener, change, told);
      }
      if (event.kind === 'delete') this.#objects.forget(event.key, event.revision);
    }
    for (const [listener, list] of told) {
      // an earlier one may have made a later one leave
      if (this.#listeners.get(listener.scope)?.has(listener) === true) listener.onEvents(list);
    }
  }

  #end(error: Error): void {
    this.#running = undefined;
    const groups = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const group of groups) for (const listener of group) listener.onEnd(error);
  }

  #leave(listener: FeedListener<T>): void {
    const group = this.#listeners.get(listener.scope);
    if (group?.delete(listener) === true && group.size === 0) this.#listeners.delete(listener.scope);
  }
}

function tell<T extends KubeObject>(
  listener: FeedListener<T>,
  change: ObjectChange<T>,
  told: Map<FeedListener<T>, WatchEvent<T>[]>,
): void {
  if (change.revision <= listener.after) return;
  const event = change.eventFor(listener.filter);
  if (event === undefined) return;
  const list = told.get(listener);
  if (list === undefined) told.set(listener, [event]);
  else list.push(event);
}

/** Every scope that a key is in: all of the resource, its namespace, itself. */
function scopesOf(key: string, prefix: string): readonly string[] {
  const slash = key.indexOf('/', prefix.length);
  return slash < 0 ? [prefix, key] : [prefix, key.slice(0, slash + 1), key];
}
