import type { Clock } from '../base/clock.js';
import { hasCode, messageOf } from '../base/error.js';
import { apiVersionOf, type KubeObject, type WatchEvent } from '../kube/object-meta.js';
import { expired, internalError, StatusError } from '../kube/status.js';
import { emptyMessage } from '../kube/unset-values.js';
import type { Revision, Store, Watch } from '../storage/store.js';
import { ObjectChange } from './object-change.js';
import type { FeedPlace, ObjectFeed } from './object-feed.js';
import { isStorable, type ObjectScope, scopeOf } from './object-scope.js';
import { requireResourceVersion } from './parse-resource-version.js';
import { reachedRevision } from './reached-revision.js';
import type { Resource } from './resource.js';
import type { ObjectWatch, WatchQuery, WatchReceiver } from './resource-store.js';
import type { StoredObjects } from './stored-objects.js';

/** What a watch needs of its resource. */
export interface WatchSources<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly store: Store;
  readonly clock: Clock;
  readonly objects: StoredObjects<T>;
  readonly feed: ObjectFeed<T>;
  /** Waits until everybody else had a turn. Absent: long lists keep the turn. */
  readonly pause?: () => Promise<void>;
}

/** Objects read from the store at once for the initial events. */
const INITIAL_PAGE = 500;

/** Between two looks at how far a watch has come that catches up; doubles up to the second. */
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 1000;

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

/** Starts a watch as `ResourceStore.watch` promises it. */
export async function startWatch<T extends KubeObject>(
  sources: WatchSources<T>,
  query: WatchQuery<T>,
  receive: WatchReceiver<T>,
): Promise<ObjectWatch> {
  const from = requireResourceVersion(query.resourceVersion);
  const watcher = new ObjectWatcher(sources, query, receive);
  await watcher.start(from);
  return watcher;
}

class ObjectWatcher<T extends KubeObject> implements ObjectWatch {
  readonly #sources: WatchSources<T>;
  readonly #query: WatchQuery<T>;
  readonly #scope: ObjectScope<T>;
  readonly #receive: WatchReceiver<T>;
  /** Ends what delivers at the moment. */
  #leave: (() => void) | undefined;
  /** Undefined while initial events are still to come. */
  #through: (() => Revision) | undefined;
  #over = false;

  constructor(sources: WatchSources<T>, query: WatchQuery<T>, receive: WatchReceiver<T>) {
    this.#sources = sources;
    this.#query = query;
    this.#scope = scopeOf(sources.resource, query);
    this.#receive = receive;
  }

  bookmark(): WatchEvent | undefined {
    return this.#through === undefined ? undefined : this.#bookmarkAt(this.#through());
  }

  stop(): void {
    this.#over = true;
    this.#leave?.();
    this.#leave = undefined;
  }

  /** Resolves when the watch tells what is written, or is over, or its receiver holds it back. */
  start(from: Revision): Promise<void> {
    return new Promise((resolve, reject) => {
      let started = false;
      const onStarted = (): void => {
        started = true;
        resolve();
      };
      this.#run(from, onStarted).then(resolve, (error: unknown) => {
        const inStream = started || hasCode(error, 'STORE_COMPACTED') || isTimeout(error);
        if (!inStream) reject(toError(error));
        else void this.#fail(error, from).then(resolve, reject);
      });
    });
  }

  async #run(from: Revision, onStarted: () => void): Promise<void> {
    const { sendInitialEvents } = this.#query;
    const { store, clock } = this.#sources;
    if (sendInitialEvents ?? from === 0) {
      await reachedRevision(store, clock, from);
      const seen = await this.#sendInitialEvents(onStarted);
      if (seen !== undefined) await this.#follow(seen, onStarted);
    } else await this.#follow(from === 0 ? await store.currentRevision() : from, onStarted);
  }

  /** Everything there is as ADDED, in pages of one snapshot; the answer is its revision, undefined when stopped. */
  async #sendInitialEvents(onHeldBack: () => void): Promise<Revision | undefined> {
    const { store, objects } = this.#sources;
    const { keys, single, filter } = this.#scope;
    let after: string | undefined;
    let revision: Revision | undefined;
    for (;;) {
      const page = await store.list(isStorable(keys) ? keys : this.#sources.resource.keyPrefix, {
        limit: single ? 1 : INITIAL_PAGE,
        ...(after === undefined ? {} : { after }),
        ...(revision === undefined ? {} : { revision }),
      });
      revision = page.revision;
      const events: WatchEvent<T>[] = [];
      for (const entry of page.entries) {
        if (single && entry.key !== keys) continue;
        const { object } = objects.of(entry, 'many');
        if (filter.everything || filter.matches(object)) events.push({ type: 'ADDED', object });
      }
      if (this.#over) return undefined;
      const held = events.length === 0 ? undefined : this.#receive(events);
      if (held instanceof Promise) {
        onHeldBack();
        await held;
        if (this.#isOver()) return undefined;
      }
      after = page.entries.at(-1)?.key;
      if (single || !page.more || after === undefined) break;
      await this.#sources.pause?.();
    }
    if (this.#query.allowBookmarks) this.#deliver([this.#bookmarkAt(revision, INITIAL_EVENTS_END)]);
    return revision;
  }

  /** Delivers everything after a revision, for good: live where nothing was missed, from the store's history else. */
  async #follow(after: Revision, onLive: () => void): Promise<void> {
    await this.#sources.feed.start();
    if (this.#over || this.#join(after)) return;
    await this.#catchUp(after, onLive);
  }

  #join(after: Revision): boolean {
    const place: FeedPlace | undefined = this.#sources.feed.join({
      scope: this.#scope.keys,
      filter: this.#scope.filter,
      after,
      onEvents: (events) => this.#deliver(events),
      onEnd: (error) => void this.#fail(error, after),
    });
    if (place === undefined) return false;
    this.#leave = () => place.leave();
    this.#through = () => place.through();
    return true;
  }

  /** A watch of its own, live at once, until it is where the feed is. Resolves then, or when the watch is over. */
  async #catchUp(after: Revision, onLive: () => void): Promise<void> {
    const { store, objects, resource, clock } = this.#sources;
    const { keys, single, filter } = this.#scope;
    await new Promise<void>((resolve, reject) => {
      let joined = false;
      let stopOwn: (() => void) | undefined;
      let cancelLook: (() => void) | undefined;
      const tryJoin = (through: Revision): void => {
        if (joined || (!this.#over && !this.#join(through))) return;
        joined = true;
        cancelLook?.();
        stopOwn?.();
        resolve();
      };
      // The store may be ahead of its watches, and nothing tells when they come to where nothing of ours was written.
      const lookAgain = (watch: Watch, delayMs: number): void => {
        if (joined || this.#over) return;
        cancelLook = clock.schedule(delayMs, () => {
          tryJoin(watch.through());
          lookAgain(watch, Math.min(delayMs * 2, LAST_LOOK_MS));
        });
      };
      const prefix = isStorable(keys) ? keys : resource.keyPrefix;
      const opening = store.watch(prefix, after, {
        onEvents: (events, through) => {
          if (joined || this.#over) return;
          const list: WatchEvent<T>[] = [];
          for (const event of events) {
            if (single && event.key !== keys) continue;
            const told = new ObjectChange(event, objects).eventFor(filter);
            if (told !== undefined) list.push(told);
          }
          if (list.length > 0) this.#deliver(list);
          tryJoin(through);
        },
        onEnd: (error) => {
          cancelLook?.();
          if (!joined) reject(error);
        },
      });
      opening.then((watch) => {
        stopOwn = () => watch.stop();
        if (joined) watch.stop();
        else {
          this.#leave = () => {
            cancelLook?.();
            watch.stop();
            resolve();
          };
          this.#through = () => watch.through();
          tryJoin(watch.through());
          lookAgain(watch, FIRST_LOOK_MS);
          onLive();
        }
      }, reject);
    });
  }

  #deliver(events: readonly WatchEvent<T | KubeObject>[]): void {
    if (this.#over) return;
    try {
      void this.#receive(events);
    } catch (error) {
      // Nobody else may suffer from a receiver that throws, and nobody else can handle it.
      this.stop();
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  async #fail(error: unknown, from: Revision): Promise<void> {
    if (this.#over) return;
    const status = hasCode(error, 'STORE_COMPACTED')
      ? expired(`too old resource version: ${from} (${await this.#sources.store.currentRevision()})`).status
      : error instanceof StatusError
        ? error.status
        : internalError(messageOf(error)).status;
    this.#deliver([{ type: 'ERROR', object: status }]);
    this.stop();
  }

  #bookmarkAt(revision: Revision, annotations?: Readonly<Record<string, string>>): WatchEvent {
    const { kind, group, version, schema } = this.#sources.resource;
    const metadata = { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) };
    const object = { kind, apiVersion: apiVersionOf(group, version), ...emptyMessage(schema), metadata };
    return { type: 'BOOKMARK', object };
  }

  /** Asked after a wait, during which it may have become true. */
  #isOver(): boolean {
    return this.#over;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof StatusError && error.httpCode === 504;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
