import type { Lookup } from '../../policy/lookups.js';

/** Who waits for which answers of the facts, so that a change wakes exactly those whom it may concern. */
export interface Dependents {
  /** `name` depends on these lookups, and on no others any more. */
  set(name: string, lookups: ReadonlySet<Lookup>): void;
  remove(name: string): void;
  /** Everyone who depends on one of these lookups, each once. */
  on(lookups: readonly Lookup[]): ReadonlySet<string>;
  /** How many depend on anything. */
  readonly size: number;
}

/** Nobody waits. A look for dependents costs as many steps as there are lookups, however many wait. */
export function createDependents(): Dependents {
  const lookupsByName = new Map<string, ReadonlySet<Lookup>>();
  const namesByLookup = new Map<Lookup, Set<string>>();
  const remove = (name: string): void => {
    for (const lookup of lookupsByName.get(name) ?? []) {
      const names = namesByLookup.get(lookup);
      names?.delete(name);
      if (names?.size === 0) namesByLookup.delete(lookup);
    }
    lookupsByName.delete(name);
  };
  return {
    get size() {
      return lookupsByName.size;
    },
    remove,
    set: (name, lookups) => {
      remove(name);
      if (lookups.size === 0) return;
      lookupsByName.set(name, new Set(lookups));
      for (const lookup of lookups) {
        const names = namesByLookup.get(lookup);
        if (names === undefined) namesByLookup.set(lookup, new Set([name]));
        else names.add(name);
      }
    },
    on: (lookups) => {
      const found = new Set<string>();
      for (const lookup of lookups) for (const name of namesByLookup.get(lookup) ?? []) found.add(name);
      return found;
    },
  };
}
