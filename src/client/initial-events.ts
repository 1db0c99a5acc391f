import type { Clock } from '../base/clock.js';
import type { KubeObject, WatchEvent } from '../kube/object-meta.js';

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** How long a server may say nothing before it has delivered the initial events it was asked for. */
export const SILENCE_MS = 10_000;

/**
 * Collects the initial events of a watch until the bookmark that ends them. A server that does not know the parameter
 * never sends that bookmark; `onSilence` is called when nothing has come for ten seconds.
 */
export class InitialEvents<T extends KubeObject> {
  readonly #clock: Clock;
  readonly #collect: (event: WatchEvent<T>) => void;
  readonly #onSilence: () => void;
  #state: 'collecting' | 'silent' | 'complete' = 'collecting';
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, collect: (event: WatchEvent<T>) => void, onSilence: () => void) {
    this.#clock = clock;
    this.#collect = collect;
    this.#onSilence = onSilence;
    this.#expect();
  }

  get state(): 'collecting' | 'silent' | 'complete' {
    return this.#state;
  }

  /** Takes one event; true when it is the end of the initial events. */
  take(event: WatchEvent<T>): boolean {
    this.#cancel();
    if (event.type === 'BOOKMARK') {
      if (event.object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true') {
        this.#state = 'complete';
        return true;
      }
    } else {
      this.#collect(event);
    }
    this.#expect();
    return false;
  }

  /** Ends the waiting. */
  stop(): void {
    this.#cancel();
  }

  #expect(): void {
    this.#cancel = this.#clock.schedule(SILENCE_MS, () => {
      this.#state = 'silent';
      this.#onSilence();
    });
  }
}
