import type { GraphObject } from './graph-object.js';

/**
 * Who owns whom: objects that have owners or wait for the collector, and what each uid owns, whether or not anything
 * has that uid. Every change costs as much as the object has owners, however much those own.
 */
export class OwnerGraph {
  readonly #objects = new Map<string, GraphObject>();
  readonly #dependents = new Map<string, Set<string>>();
  /** How many of its dependents block an owner. */
  readonly #blockers = new Map<string, number>();

  get size(): number {
    return this.#objects.size;
  }

  get(uid: string): GraphObject | undefined {
    return this.#objects.get(uid);
  }

  objects(): IterableIterator<GraphObject> {
    return this.#objects.values();
  }

  /** Adds an object, or puts it in the place of what had its uid. */
  set(object: GraphObject): void {
    this.remove(object.uid);
    this.#objects.set(object.uid, object);
    for (const [owner, blocks] of linksOf(object)) {
      const dependents = this.#dependents.get(owner);
      if (dependents === undefined) this.#dependents.set(owner, new Set([object.uid]));
      else dependents.add(object.uid);
      if (blocks) this.#blockers.set(owner, this.blockersOf(owner) + 1);
    }
  }

  remove(uid: string): void {
    const object = this.#objects.get(uid);
    if (object === undefined) return;
    this.#objects.delete(uid);
    for (const [owner, blocks] of linksOf(object)) {
      const dependents = this.#dependents.get(owner);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner);
      if (!blocks) continue;
      const left = this.blockersOf(owner) - 1;
      if (left > 0) this.#blockers.set(owner, left);
      else this.#blockers.delete(owner);
    }
  }

  /** The uids of what names this one as an owner. */
  dependentsOf(uid: string): ReadonlySet<string> {
    return this.#dependents.get(uid) ?? NOTHING;
  }

  /** How many objects must be gone before this one goes in the foreground; itself is not one of them. */
  blockersOf(uid: string): number {
    return this.#blockers.get(uid) ?? 0;
  }

  /** Whether an object that is being emptied waits for itself, by way of others that are being emptied. */
  waitsForItself(uid: string): boolean {
    const looked = new Set<string>();
    const ahead = [uid];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const object = this.#objects.get(next);
      if (object?.phase !== 'emptying') continue;
      for (const [owner, blocks] of linksOf(object)) {
        if (!blocks || looked.has(owner)) continue;
        if (owner === uid) return true;
        looked.add(owner);
        ahead.push(owner);
      }
    }
    return false;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** The owners of an object, each once, and whether it blocks them. Nothing blocks itself. */
function linksOf({ uid, owners }: GraphObject): ReadonlyMap<string, boolean> {
  const links = new Map<string, boolean>();
  for (const owner of owners) {
    links.set(owner.uid, (owner.blocks && owner.uid !== uid) || links.get(owner.uid) === true);
  }
  return links;
}
