import type { Told } from './decide.js';

/** What was told about requests that still wait, so that it is told once. Gone with the process: then it is told again. */
export interface Memory {
  of(name: string, uid: string | undefined): Told;
  deferred(name: string, uid: string | undefined, message: string): void;
  shadowed(name: string, uid: string | undefined, key: string): void;
  /** The request waits no longer. */
  forget(name: string): void;
}

interface Entry {
  readonly uid: string | undefined;
  deferral?: string;
  readonly shadows: Set<string>;
}

const NOTHING: Told = { shadows: new Set() };

/** Remembers nothing yet. */
export function createMemory(): Memory {
  const entries = new Map<string, Entry>();
  const find = (name: string, uid: string | undefined): Entry | undefined => {
    const entry = entries.get(name);
    return entry?.uid === uid ? entry : undefined; // another request may have taken the name
  };
  const findOrMake = (name: string, uid: string | undefined): Entry => {
    const found = find(name, uid);
    if (found !== undefined) return found;
    const made: Entry = { uid, shadows: new Set() };
    entries.set(name, made);
    return made;
  };
  return {
    of: (name, uid) => find(name, uid) ?? NOTHING,
    deferred: (name, uid, message) => {
      findOrMake(name, uid).deferral = message;
    },
    shadowed: (name, uid, key) => {
      findOrMake(name, uid).shadows.add(key);
    },
    forget: (name) => {
      entries.delete(name);
    },
  };
}
