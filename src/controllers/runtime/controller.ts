import type { UnixSeconds } from '../../base/clock.js';
import type { CacheChange } from '../../client/indexed-cache.js';
import type { Informer } from '../../client/informer.js';

/** What of a cache the runtime must know. */
export type Followed = Pick<Informer<unknown>, 'resource' | 'synced' | 'onState' | 'run'>;

/** A cache that a controller follows, and how its changes become keys. */
export interface Watched {
  readonly informer: Followed;
  /** Starts passing keys to `enqueue`; the answer ends that. */
  readonly subscribe: (enqueue: (key: string) => void) => () => void;
}

/** Follows `informer`: each change enqueues the keys that `keysOf` answers, by default the object's own. */
export function watched<Kept>(
  informer: Informer<Kept>,
  keysOf: (change: CacheChange<Kept>) => readonly string[] = (change) => [change.key],
): Watched {
  return {
    informer,
    subscribe: (enqueue) =>
      informer.onChange((change) => {
        for (const key of keysOf(change)) enqueue(key);
      }),
  };
}

/** What should be done about a key. */
export type Decision<Action> =
  /** Nothing, until something changes. */
  | { readonly kind: 'done' }
  /** Nothing now; look again after this time, or when something changes. */
  | { readonly kind: 'wait'; readonly delayMs: number; readonly because: string }
  | { readonly kind: 'act'; readonly actions: readonly Action[] };

/** How an action went. What is thrown counts as retry. */
export type Applied =
  | { readonly kind: 'done' }
  /** Try the key again, with backoff, or after exactly `delayMs`. */
  | { readonly kind: 'retry'; readonly because: string; readonly delayMs?: number };

/** How work on a key ended. */
export type Reconciled = Applied | { readonly kind: 'wait'; readonly delayMs: number; readonly because: string };

/**
 * What a control loop is made of. Level-driven: `decide` sees the state as it is, never the event that led to it, so
 * the process may die between any two steps and be right after a restart.
 */
export interface ControllerDefinition<Seen, Action> {
  readonly name: string;
  readonly watches: readonly Watched[];
  /** Keys to look at when everything is synced, and again every `seconds`. */
  readonly resync?: { readonly seconds: number; readonly keys: () => readonly string[] };
  /** Keys in progress at once. Default 1. */
  readonly concurrency?: number;
  /** Groups of keys that take turns: whose key it is. Default: first come, first served. */
  readonly groupOf?: (key: string) => string;
  /** Nobody waits for it: its caches are read once everything else works. */
  readonly late?: true;
  /** The state of a key: from caches, or read for the purpose. */
  readonly observe: (key: string, signal: AbortSignal) => Seen | Promise<Seen>;
  /** Pure. */
  readonly decide: (seen: Seen, now: UnixSeconds) => Decision<Action>;
  /** Does one action. */
  readonly apply: (action: Action, signal: AbortSignal) => Promise<Applied>;
  /** Runs after the last action at shutdown: for what must be said before memory goes. */
  readonly close?: () => Promise<void>;
}

/** A control loop, ready to be run. */
export interface Controller {
  readonly name: string;
  readonly watches: readonly Watched[];
  readonly resync: { readonly seconds: number; readonly keys: () => readonly string[] } | undefined;
  readonly concurrency: number;
  readonly groupOf: ((key: string) => string) | undefined;
  readonly late: boolean;
  /** Observes, decides and applies, in order; stops at the first action that wants another try. */
  readonly reconcile: (key: string, now: UnixSeconds, signal: AbortSignal) => Promise<Reconciled>;
  readonly close: () => Promise<void>;
}

/** Makes a controller of its parts. */
export function createController<Seen, Action>(definition: ControllerDefinition<Seen, Action>): Controller {
  const { name, watches, resync, concurrency = 1, groupOf, late = false } = definition;
  const { observe, decide, apply, close } = definition;
  return {
    name,
    watches,
    resync,
    concurrency,
    groupOf,
    late,
    reconcile: async (key, now, signal) => {
      const decision = decide(await observe(key, signal), now);
      if (decision.kind !== 'act') return decision;
      for (const action of decision.actions) {
        const applied = await apply(action, signal);
        if (applied.kind === 'retry') return applied;
      }
      return { kind: 'done' };
    },
    close: close ?? (() => Promise.resolve()),
  };
}
