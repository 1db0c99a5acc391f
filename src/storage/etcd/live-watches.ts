import { compacted, storeClosed, watcherFailed } from '../refusals.js';
import type { Revision, StoreEvent, Watch, Watcher } from '../store.js';
import { endWatcher, eventsUnder, WatchHub } from '../watch-hub.js';
import { RecentChanges } from '../recent-changes.js';
import type { RecentLimits } from '../recent-changes.js';
import type { WatchReceiver } from './resuming-watch.js';

/** A watch in etcd of everything the store holds. */
export interface EverythingWatch {
  /** Resolves when it has been opened for the first time; rejects when it is refused before, and then does not run. */
  start(): Promise<void>;
  askProgress(): Promise<void>;
  stop(): void;
}

/** Makes a watch in etcd that begins after a revision. */
export type WatchEverything = (after: Revision, receiver: WatchReceiver) => EverythingWatch;

/**
 * All watches of one store: one watch in etcd feeds those that are live. A watch from further back than memory reaches
 * has one of its own until it has come to where memory begins.
 */
export class LiveWatches {
  readonly #watchEverything: WatchEverything;
  readonly #limits: RecentLimits;
  readonly #newest: () => Promise<Revision>;
  #hub: WatchHub;
  #recent: RecentChanges;
  #feed: EverythingWatch;
  readonly #started: Promise<void>;
  #through: Revision;
  readonly #behind = new Set<CatchingUp>();
  #waiting: { readonly revision: Revision; readonly resolve: () => void }[] = [];
  #closed = false;

  /** `newest` asks for etcd's revision, until it is known; it is used after history was lost. */
  constructor(
    watchEverything: WatchEverything,
    limits: RecentLimits,
    through: Revision,
    newest: () => Promise<Revision>,
  ) {
    this.#watchEverything = watchEverything;
    this.#limits = limits;
    this.#newest = newest;
    this.#through = through;
    this.#hub = new WatchHub(through);
    this.#recent = new RecentChanges(through, limits);
    this.#feed = this.#createFeed();
    this.#started = this.#feed.start();
  }

  /** Resolves when changes are delivered as they are made; rejects when etcd refuses to have them watched. */
  started(): Promise<void> {
    return this.#started;
  }

  /** Everything up to here has been delivered to those that are live. */
  get through(): Revision {
    return this.#through;
  }

  /** Everything up to here has been delivered to every watch. */
  get complete(): Revision {
    return Math.min(this.#through, ...[...this.#behind].map((watch) => watch.through()));
  }

  /** The oldest revision from which a watch needs nothing from etcd. */
  get remembered(): Revision {
    return this.#recent.after;
  }

  /** Starts a watch. The revision has been reached, and is not compacted as far as is known. */
  watch(prefix: string, after: Revision, watcher: Watcher): Watch {
    const watch = new CatchingUp(prefix, after, watcher, this);
    this.#behind.add(watch);
    watch.advance();
    if (watch.isBehind()) watch.follow(this.#watchEverything(after, watch));
    return watch;
  }

  /** Resolves when everything up to a revision has been delivered. */
  reached(revision: Revision): Promise<void> {
    if (this.#through >= revision || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ revision, resolve }));
  }

  /** Asks etcd how far watches are complete; what it answers is told like changes. */
  async askProgress(): Promise<void> {
    await Promise.all([this.#feed, ...this.#behind].map((watch) => watch.askProgress()));
  }

  /** Ends every watch. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed.stop();
    for (const watch of [...this.#behind]) watch.end(storeClosed());
    this.#hub.close();
    this.#wake();
  }

  /** Changes after a revision, where memory reaches that far. */
  since(revision: Revision): readonly StoreEvent[] | undefined {
    return this.#recent.since(revision);
  }

  /** Makes a watch that has had everything up to `through` a live one. */
  join(prefix: string, through: Revision, watcher: Watcher): Watch {
    return this.#hub.join(prefix, through, watcher);
  }

  /** A watch no longer catches up. */
  leave(watch: CatchingUp): void {
    this.#behind.delete(watch);
  }

  #createFeed(): EverythingWatch {
    return this.#watchEverything(this.#through, {
      onChanges: (events, through) => {
        this.#through = through;
        this.#recent.push(events);
        this.#hub.deliver(events, through);
        this.#wake();
      },
      onLost: (floor) => void this.#startAnew(floor),
    });
  }

  /** History between what was delivered and now is lost: nobody can go on, and whoever comes now begins with now. */
  async #startAnew(lost: Revision): Promise<void> {
    const hub = this.#hub;
    const through = await this.#newest();
    if (this.#closed) return;
    this.#through = through;
    this.#hub = new WatchHub(through);
    this.#recent = new RecentChanges(through, this.#limits);
    this.#feed = this.#createFeed();
    this.#feed.start().catch((error: unknown) => this.#hub.close(toError(error)));
    hub.close(compacted(lost, through));
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ revision }) => !this.#closed && revision > this.#through);
    for (const { revision, resolve } of waiting) if (this.#closed || revision <= this.#through) resolve();
  }
}

type State =
  | { readonly kind: 'behind'; readonly own: EverythingWatch | undefined }
  | { readonly kind: 'live'; readonly watch: Watch }
  | { readonly kind: 'over' };

/** A watch from history: it has a watch of its own in etcd until memory takes over. */
class CatchingUp implements Watch, WatchReceiver {
  readonly #prefix: string;
  readonly #watcher: Watcher;
  readonly #watches: LiveWatches;
  #through: Revision;
  #state: State = { kind: 'behind', own: undefined };

  constructor(prefix: string, after: Revision, watcher: Watcher, watches: LiveWatches) {
    this.#prefix = prefix;
    this.#through = after;
    this.#watcher = watcher;
    this.#watches = watches;
  }

  /** Goes live if memory reaches back to where this is. */
  advance(): void {
    const missed = this.#watches.since(this.#through);
    if (missed === undefined) return;
    const through = Math.max(this.#through, this.#watches.through);
    const own = this.#state.kind === 'behind' ? this.#state.own : undefined;
    own?.stop();
    this.#watches.leave(this);
    this.#state = { kind: 'live', watch: this.#watches.join(this.#prefix, through, this.#watcher) };
    this.#through = through;
    this.#deliver(missed, through);
  }

  /** Takes what it has missed from a watch of its own. */
  follow(own: EverythingWatch): void {
    this.#state = { kind: 'behind', own };
    own.start().catch((error: unknown) => this.end(toError(error)));
  }

  async askProgress(): Promise<void> {
    if (this.#state.kind === 'behind') await this.#state.own?.askProgress();
  }

  isBehind(): boolean {
    return this.#state.kind === 'behind';
  }

  onChanges(events: readonly StoreEvent[], through: Revision): void {
    if (this.#state.kind !== 'behind') return;
    this.#through = through;
    this.#deliver(events, through);
    if (this.isBehind()) this.advance();
  }

  onLost(floor: Revision): void {
    this.end(compacted(floor, this.#watches.through));
  }

  through(): Revision {
    return this.#state.kind === 'live' ? this.#state.watch.through() : this.#through;
  }

  stop(): void {
    this.#through = this.through();
    if (this.#state.kind === 'live') this.#state.watch.stop();
    else if (this.#state.kind === 'behind') this.#state.own?.stop();
    this.#state = { kind: 'over' };
    this.#watches.leave(this);
  }

  /** Stops it and tells the watcher why. */
  end(error: Error): void {
    if (this.#state.kind === 'over') return;
    this.stop();
    endWatcher(this.#watcher, error);
  }

  #deliver(all: readonly StoreEvent[], through: Revision): void {
    const events = eventsUnder(this.#prefix, all);
    if (events.length === 0) return;
    try {
      this.#watcher.onEvents(events, through);
    } catch (error) {
      this.end(watcherFailed(error));
    }
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
