const MAX_REMEMBERED = 1000;

/**
 * Owners that the server said are not there: a thousand objects with one owner that is gone cost one question. What is
 * once gone never comes back, for its uid is part of what is remembered; the oldest are forgotten.
 */
export class AbsentOwners {
  readonly #known = new Set<string>();

  add(owner: string): void {
    this.#known.add(owner);
    if (this.#known.size <= MAX_REMEMBERED) return;
    // sets keep insertion order
    const oldest = this.#known.values().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }

  has(owner: string): boolean {
    return this.#known.has(owner);
  }
}
