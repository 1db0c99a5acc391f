import { watcherFailed } from '../refusals.js';
import type { Revision, StoreEvent, Watch, Watcher } from '../store.js';
import { endWatcher } from '../watch-hub.js';

/** Part of what a watch has missed. */
export interface MissedEvents {
  readonly events: readonly StoreEvent[];
  /** The revision up to which this is everything. */
  readonly through: Revision;
  /** Nothing newer has been answered. */
  readonly complete: boolean;
}

/** Where a watch gets what it has missed, and where it goes on when it has missed nothing more. */
export interface CatchUpSource {
  /** Throws when history is gone or cannot be read; the watch ends with that. */
  readonly readChunk: (after: Revision) => MissedEvents;
  readonly join: (through: Revision) => Watch;
  /** The watch no longer catches up. */
  readonly ended: () => void;
}

type State =
  | { readonly kind: 'reading'; readonly through: Revision }
  | { readonly kind: 'live'; readonly watch: Watch }
  | { readonly kind: 'over'; readonly through: Revision };

/** A watch that reads history chunk by chunk until it has caught up, and then is live. */
export class CatchUp implements Watch {
  readonly #watcher: Watcher;
  readonly #source: CatchUpSource;
  #state: State;

  constructor(after: Revision, watcher: Watcher, source: CatchUpSource) {
    this.#watcher = watcher;
    this.#source = source;
    this.#state = { kind: 'reading', through: after };
  }

  /** Delivers the first chunk at once, the rest in later turns of the event loop. */
  start(): void {
    if (this.#state.kind !== 'reading') return;
    try {
      const { events, through, complete } = this.#source.readChunk(this.#state.through);
      if (complete) this.#state = { kind: 'live', watch: this.#source.join(through) };
      else this.#state = { kind: 'reading', through };
      if (events.length > 0) this.#deliver(events, through);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#isReading()) setImmediate(() => this.start());
    else this.#source.ended();
  }

  through(): Revision {
    return this.#state.kind === 'live' ? this.#state.watch.through() : this.#state.through;
  }

  stop(): void {
    if (this.#state.kind === 'over') return;
    const through = this.through();
    if (this.#state.kind === 'live') this.#state.watch.stop();
    this.#state = { kind: 'over', through };
    this.#source.ended();
  }

  /** Stops it and tells the watcher why. */
  end(error: Error): void {
    if (this.#state.kind === 'over') return;
    this.stop();
    endWatcher(this.#watcher, error);
  }

  #deliver(events: readonly StoreEvent[], through: Revision): void {
    try {
      this.#watcher.onEvents(events, through);
    } catch (error) {
      throw watcherFailed(error);
    }
  }

  #isReading(): boolean {
    return this.#state.kind === 'reading';
  }
}
