import type { Revision, StoreEvent } from './store.js';

/** How much of the newest history stays in memory. */
export interface RecentLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/**
 * The newest changes without a gap: watches that resume from them need neither a disk nor a watch of their own in etcd.
 * Unlike our own stores, etcd gives several changes of one transaction the same revision, and other users of it use
 * revisions too.
 */
export class RecentChanges {
  readonly #limits: RecentLimits;
  #events: StoreEvent[] = [];
  /** Events before this index have been dropped. */
  #start = 0;
  #bytes = 0;
  #after: Revision;

  constructor(after: Revision, limits: RecentLimits) {
    this.#after = after;
    this.#limits = limits;
  }

  /** Everything after this revision is here. */
  get after(): Revision {
    return this.#after;
  }

  /** Adds changes that follow the newest one, and drops the oldest that are too many. */
  push(events: readonly StoreEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += weightOf(event);
    }
    while (this.#events.length - this.#start > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#events[this.#start];
      if (oldest === undefined) break;
      this.#bytes -= weightOf(oldest);
      this.#after = oldest.revision;
      this.#start++;
    }
    if (this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Every change after `revision`; undefined when some are no longer here. */
  since(revision: Revision): readonly StoreEvent[] | undefined {
    return revision < this.#after ? undefined : this.#events.slice(this.#indexAfter(revision));
  }

  /** The first change after `revision`; undefined when there is none, or some are no longer here. */
  firstAfter(revision: Revision): StoreEvent | undefined {
    return revision < this.#after ? undefined : this.#events[this.#indexAfter(revision)];
  }

  #indexAfter(revision: Revision): number {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.revision ?? Infinity) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function weightOf(event: StoreEvent): number {
  return (event.kind === 'put' ? event.value.length : 0) + (event.previous?.value.length ?? 0);
}
