import type { GraphObject } from './graph-object.js';

/**
 * Who owns whom: objects that have owners or wait for the collector, and what each uid owns, whether or not anything
 * has that uid. Every change costs as much as the object has owners, however much those own.
 */
export class OwnerGraph {
  readonly #objects = new Map<string, GraphObject>();
  readonly #dependents = new Map<string, Set<string>>();
  /** How many of its dependents block an owner, by their namespace. */
  readonly #blockers = new Map<string, Map<string, number>>();

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
      if (blocks) this.#countBlocker(owner, object.namespace, 1);
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
      if (blocks) this.#countBlocker(owner, object.namespace, -1);
    }
  }

  /** The uids of what names this one as an owner. */
  dependentsOf(uid: string): ReadonlySet<string> {
    return this.#dependents.get(uid) ?? NOTHING;
  }

  /**
   * How many objects must be gone before this one goes in the foreground; itself is not one of them, and neither is what
   * cannot be its dependent: what lives elsewhere than an owner with a namespace only claims to be.
   */
  blockersOf(uid: string): number {
    const counts = this.#blockers.get(uid);
    const owner = this.#objects.get(uid);
    if (owner?.type.namespaced === true) return counts?.get(owner.namespace) ?? 0;
    return [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  #countBlocker(owner: string, namespace: string, by: 1 | -1): void {
    let counts = this.#blockers.get(owner);
    if (counts === undefined) {
      counts = new Map();
      this.#blockers.set(owner, counts);
    }
    const count = (counts.get(namespace) ?? 0) + by;
    if (count > 0) counts.set(namespace, count);
    else counts.delete(namespace);
    if (counts.size === 0) this.#blockers.delete(owner);
  }

  /** Whether an object that is being emptied waits for itself, by way of others that are being emptied. */
  waitsForItself(uid: string): boolean {
    const looked = new Set<string>();
    const ahead = [uid];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const object = this.#objects.get(next);
      if (object?.phase !== 'emptying') continue;
      for (const [owner, blocks] of linksOf(object)) {
        if (!blocks || looked.has(owner) || this.#isElsewhere(object, owner)) continue;
        if (owner === uid) return true;
        looked.add(owner);
        ahead.push(owner);
      }
    }
    return false;
  }

  /** Whether an owner is known to live in another namespace than what names it. */
  #isElsewhere({ namespace }: GraphObject, owner: string): boolean {
    const known = this.#objects.get(owner);
    return known?.type.namespaced === true && known.namespace !== namespace;
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
