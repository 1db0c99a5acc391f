/** Keys that wait their turn. A key waits once, however often it is added. */
export interface FairKeys {
  readonly size: number;
  has(key: string): boolean;
  add(key: string): void;
  /** The key whose turn it is; undefined where none waits. */
  take(): string | undefined;
  clear(): void;
}

/**
 * An empty line. Groups take turns, one key each, so that many keys of one group do not hold up the others; within a
 * group it is first come, first served. Without `groupOf` all keys are one group. The group of a key is looked at when
 * it is added.
 */
export function createFairKeys(groupOf: (key: string) => string = () => ''): FairKeys {
  const waiting = new Set<string>();
  // Maps and sets keep the order of insertion: the first group is the next one to have its turn.
  const groups = new Map<string, Set<string>>();
  return {
    get size() {
      return waiting.size;
    },
    has: (key) => waiting.has(key),
    add: (key) => {
      if (waiting.has(key)) return;
      waiting.add(key);
      const name = groupOf(key);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, new Set([key]));
      else group.add(key);
    },
    take: () => {
      for (const [name, group] of groups) {
        groups.delete(name);
        for (const key of group) {
          group.delete(key);
          waiting.delete(key);
          if (group.size > 0) groups.set(name, group);
          return key;
        }
      }
      return undefined;
    },
    clear: () => {
      waiting.clear();
      groups.clear();
    },
  };
}
