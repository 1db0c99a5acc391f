import { storeClosed, watcherFailed } from './refusals.js';
import type { Revision, StoreEvent, Watch, Watcher } from './store.js';

/**
 * The live watches of one store in one process: fans batches of writes out to them, in order, without buffering. A
 * watcher may write, watch and stop from within a delivery.
 */
export class WatchHub {
  /** By prefix, so that a batch is filtered once for all who watch the same. */
  readonly #live = new Map<string, Set<LiveWatch>>();
  readonly #pending: Batch[] = [];
  #delivering = false;
  /** What has been handed to everybody. */
  #through: Revision;

  constructor(through: Revision) {
    this.#through = through;
  }

  /**
   * Adds a watch that has had everything up to `through`, which may be ahead of what has been handed to the others.
   * Nothing at or below it is delivered to it again, so that one may join from within a delivery.
   */
  join(prefix: string, through: Revision, watcher: Watcher): Watch {
    const watch = new LiveWatch(watcher, through);
    let group = this.#live.get(prefix);
    if (group === undefined) {
      group = new Set();
      this.#live.set(prefix, group);
    }
    group.add(watch);
    return {
      through: () => Math.max(watch.through, watch.active ? this.#through : 0),
      stop: () => this.#remove(prefix, watch),
    };
  }

  /**
   * Delivers a batch of writes in revision order, possibly none, after which everything up to `through` has been
   * delivered; queues it when called from within a delivery.
   */
  deliver(events: readonly StoreEvent[], through: Revision): void {
    this.#pending.push({ events, through });
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let batch = this.#pending.shift(); batch !== undefined; batch = this.#pending.shift()) {
        for (const [prefix, group] of this.#live) this.#deliverTo(prefix, group, batch);
        this.#through = batch.through;
      }
    } finally {
      this.#delivering = false;
    }
  }

  /** Ends every watch, and tells why. */
  close(error: Error = storeClosed()): void {
    const groups = [...this.#live.entries()];
    for (const [prefix, group] of groups) {
      for (const watch of [...group]) {
        if (!watch.active) continue;
        this.#remove(prefix, watch);
        endWatcher(watch.watcher, error);
      }
    }
  }

  #deliverTo(prefix: string, group: ReadonlySet<LiveWatch>, batch: Batch): void {
    const events = eventsUnder(prefix, batch.events);
    if (events.length === 0) return;
    for (const watch of group) {
      if (watch.through >= batch.through) continue;
      const missed = eventsAfter(watch.through, events);
      watch.through = batch.through;
      if (missed.length === 0) continue;
      try {
        watch.watcher.onEvents(missed, batch.through);
      } catch (error) {
        this.#remove(prefix, watch);
        endWatcher(watch.watcher, watcherFailed(error));
      }
    }
  }

  #remove(prefix: string, watch: LiveWatch): void {
    if (!watch.active) return;
    watch.through = Math.max(watch.through, this.#through);
    watch.active = false;
    const group = this.#live.get(prefix);
    group?.delete(watch);
    if (group?.size === 0) this.#live.delete(prefix);
  }
}

interface Batch {
  readonly events: readonly StoreEvent[];
  readonly through: Revision;
}

class LiveWatch {
  readonly watcher: Watcher;
  /** At least this revision has been delivered; grows only with deliveries. */
  through: Revision;
  active = true;

  constructor(watcher: Watcher, through: Revision) {
    this.watcher = watcher;
    this.through = through;
  }
}

/** The events whose key starts with `prefix`; the same array when that is all of them. */
export function eventsUnder(prefix: string, events: readonly StoreEvent[]): readonly StoreEvent[] {
  if (prefix === '') return events;
  let matching: StoreEvent[] | undefined;
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    if (event === undefined) break;
    if (event.key.startsWith(prefix)) matching?.push(event);
    else matching ??= events.slice(0, i);
  }
  return matching ?? events;
}

/** The events above a revision; the same array when that is all of them, as it is but for one who joined ahead. */
function eventsAfter(revision: Revision, events: readonly StoreEvent[]): readonly StoreEvent[] {
  const first = events[0];
  return first === undefined || first.revision > revision
    ? events
    : events.filter((event) => event.revision > revision);
}

/** Tells a watcher that its watch is over. What it throws at that becomes an unhandled error: nobody else can. */
export function endWatcher(watcher: Watcher, error: Error): void {
  try {
    watcher.onEnd(error);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
