/**
 * One read for all who ask at the same time. Who asks while one is under way shares the next one: the answer of the
 * one under way may be from before the question.
 */
export class SharedRead<T> {
  readonly #read: () => Promise<T>;
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** An answer that is at least as new as the question. */
  ask(): Promise<T> {
    if (this.#running === undefined) return this.#start();
    const start = (): Promise<T> => this.#start();
    this.#next ??= this.#running.then(start, start);
    return this.#next;
  }

  #start(): Promise<T> {
    this.#next = undefined;
    const running = this.#read();
    this.#running = running;
    const done = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    running.then(done, done);
    return running;
  }
}
