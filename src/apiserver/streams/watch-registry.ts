/** A running watch that can be ended from outside. */
export interface RunningWatch {
  end(): void;
}

/** The watches of one server: how many there are, of whom, and how to end them all. */
export class WatchRegistry {
  readonly #max: number;
  readonly #maxPerUser: number;
  readonly #running = new Set<RunningWatch>();
  readonly #byUser = new Map<string, number>();
  #counted = 0;

  /** At most `max` watches over connections, and `maxPerUser` of one user. */
  constructor(max: number, maxPerUser: number) {
    this.#max = max;
    this.#maxPerUser = maxPerUser;
  }

  /** How many watches run over connections. */
  get count(): number {
    return this.#counted;
  }

  /** Whether another one of a user over a connection is one too many. */
  isFull(user: string): boolean {
    return this.#counted >= this.#max || (this.#byUser.get(user) ?? 0) >= this.#maxPerUser;
  }

  /** Takes in a watch, counted for a user where it runs over a connection; the answer takes it out again, once. */
  add(watch: RunningWatch, user: string | undefined): () => void {
    this.#running.add(watch);
    if (user !== undefined) this.#count(user, 1);
    return () => {
      if (this.#running.delete(watch) && user !== undefined) this.#count(user, -1);
    };
  }

  /** Ends every watch cleanly. */
  endAll(): void {
    for (const watch of [...this.#running]) watch.end();
  }

  #count(user: string, by: number): void {
    this.#counted += by;
    const count = (this.#byUser.get(user) ?? 0) + by;
    if (count > 0) this.#byUser.set(user, count);
    else this.#byUser.delete(user);
  }
}
