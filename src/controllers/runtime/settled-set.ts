/** Uids of requests that need nothing more, the latest few thousand of them. */
export interface SettledSet {
  add(uid: string): void;
  has(uid: string | undefined): boolean;
}

const MAX_REMEMBERED = 8192;

/**
 * An empty set. It only has to bridge the time until the cache has caught up, so that the oldest may be forgotten; what
 * is forgotten too soon costs a wasted signature and never a second certificate.
 */
export function createSettledSet(): SettledSet {
  const uids = new Set<string>();
  return {
    add: (uid) => {
      uids.add(uid);
      if (uids.size <= MAX_REMEMBERED) return;
      // Sets keep insertion order.
      const oldest = uids.values().next();
      if (oldest.done !== true) uids.delete(oldest.value);
    },
    has: (uid) => uid !== undefined && uids.has(uid),
  };
}
