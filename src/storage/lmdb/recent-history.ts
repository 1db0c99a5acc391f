import type { Entry, Revision, StoreEvent } from '../store.js';

/** How much of the newest history stays in memory. */
export interface RecentHistoryLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** The newest writes without a gap: watches that resume from them, and reads of them, need no disk. */
export class RecentHistory {
  readonly #limits: RecentHistoryLimits;
  #events: StoreEvent[] = [];
  /** Events before this index have been dropped. */
  #start = 0;
  #bytes = 0;
  /** Revision before the first event. */
  #after: Revision;

  constructor(after: Revision, limits: RecentHistoryLimits) {
    this.#after = after;
    this.#limits = limits;
  }

  /** Adds writes that follow the newest one, and drops the oldest that are too many. */
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

  /** Every write after `revision`; undefined when some are no longer here. */
  since(revision: Revision): readonly StoreEvent[] | undefined {
    if (revision < this.#after) return undefined;
    return this.#events.slice(this.#start + (revision - this.#after));
  }

  /** The entry that a revision wrote, where it is still here. */
  entry(revision: Revision): Entry | undefined {
    if (revision <= this.#after) return undefined;
    const event = this.#events[this.#start + (revision - this.#after - 1)];
    if (event?.kind !== 'put') return undefined;
    // not the event itself: whoever keeps it, as the `previous` of another, would keep the whole chain
    return { key: event.key, value: event.value, revision };
  }
}

function weightOf(event: StoreEvent): number {
  return (event.kind === 'put' ? event.value.length : 0) + (event.previous?.value.length ?? 0);
}
