/** A running watch that can be ended from outside. */
export interface RunningWatch {
  end(): void;
}

/** The watches of one server: how many there are, and how to end them all. */
export class WatchRegistry {
  readonly #max: number;
  readonly #running = new Set<RunningWatch>();
  #counted = 0;

  /** At most `max` watches over connections. */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many watches run over connections. */
  get count(): number {
    return this.#counted;
  }

  /** Whether another one over a connection is one too many. */
  get full(): boolean {
    return this.#counted >= this.#max;
  }

  /** Takes in a watch; the answer takes it out again, once. */
  add(watch: RunningWatch, counted: boolean): () => void {
    this.#running.add(watch);
    if (counted) this.#counted++;
    return () => {
      if (this.#running.delete(watch) && counted) this.#counted--;
    };
  }

  /** Ends every watch cleanly. */
  endAll(): void {
    for (const watch of [...this.#running]) watch.end();
  }
}
