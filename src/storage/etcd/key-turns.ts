/** Lets what is done to one key be done in the order in which it was asked for; different keys do not wait. */
export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs something when all that was asked before for the key is done, whatever came of it. */
  async take<T>(key: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? run() : before.then(run, run);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
