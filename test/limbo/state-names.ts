import type { KubeObject } from '../../src/kube/object-meta.js';

/**
 * Numbers for texts and objects, the same number for the same one in every run of a case. An object's resourceVersion
 * does not count, but what the object was before does: writes to different objects lead to the same state in any order.
 */
export class StateNames {
  readonly #numbers = new Map<string, number>();
  readonly #objects = new WeakMap<KubeObject, number>();
  /** The number of the last version, by uid, in the run that is going on. */
  #versions = new Map<string, number>();

  /** A new run begins. */
  restart(): void {
    this.#versions = new Map();
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(text, number);
    return number;
  }

  of(object: KubeObject): number {
    const known = this.#objects.get(object);
    if (known !== undefined) return known;
    const { uid = '' } = object.metadata;
    const { resourceVersion: _, ...metadata } = object.metadata;
    const number = this.numberOf(`${this.#versions.get(uid) ?? 0} ${JSON.stringify({ ...object, metadata })}`);
    this.#versions.set(uid, number);
    this.#objects.set(object, number);
    return number;
  }
}
