import { secondsOf } from '../../base/clock.js';
import { FakeClock } from '../../base/fake-clock.js';
import type { KubeObject, WatchEvent } from '../../kube/object-meta.js';
import { createMemoryStore } from '../../storage/memory/memory-store.js';
import type { Store } from '../../storage/store.js';
import { createResourceStore } from '../generic-store.js';
import type { RequestContext, Resource } from '../resource.js';
import type { ListQuery, ObjectFilter, ResourceStore, WatchQuery } from '../resource-store.js';

/** A resource over a memory store with a clock that stands still. */
export interface TestStore<T extends KubeObject> {
  readonly store: Store;
  readonly objects: ResourceStore<T>;
  readonly clock: FakeClock;
  /** What strategies warned of. */
  readonly warnings: readonly string[];
  /** The context of a request by `alice`. */
  readonly context: (more?: Partial<RequestContext>) => RequestContext;
}

export interface TestStoreOptions {
  readonly store?: Store;
  /** What random bytes are; counting up when absent. */
  readonly randomByte?: () => number;
  readonly cacheBytes?: number;
}

/** Opens it. uids are `uid-1`, `uid-2` and so on. */
export function openTestStore<T extends KubeObject>(
  resource: Resource<T>,
  options: TestStoreOptions = {},
): TestStore<T> {
  const { store = createMemoryStore(), cacheBytes } = options;
  const clock = new FakeClock(1_767_225_600_000);
  let uids = 0;
  let bytes = 0;
  const nextByte = options.randomByte ?? ((): number => bytes++ % 256);
  const objects = createResourceStore(resource, {
    store,
    clock,
    random: (count) => Uint8Array.from({ length: count }, nextByte),
    newUid: () => `uid-${++uids}`,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  });
  const warnings: string[] = [];
  const { signal } = new AbortController();
  const context = (more: Partial<RequestContext> = {}): RequestContext => ({
    user: { username: 'alice', groups: ['system:authenticated'] },
    now: secondsOf(clock),
    dryRun: false,
    // nobody becomes owner of fields, unless a test wants it
    fieldManager: '',
    warn: (text) => warnings.push(text),
    signal,
    ...more,
  });
  return { store, objects, clock, warnings, context };
}

/** No selector. */
export const EVERYTHING: ObjectFilter<KubeObject> = { matches: () => true, everything: true };

/** A list of everything, unless told otherwise. */
export function listQuery<T>(more: Partial<ListQuery<T>> = {}): ListQuery<T> {
  // a filter of any object also judges objects of one kind
  const filter = EVERYTHING as ObjectFilter<unknown>;
  return { namespace: '', filter, resourceVersion: '', resourceVersionMatch: '', ...more };
}

/** A watch from now on, unless told otherwise. */
export function watchQuery<T>(more: Partial<WatchQuery<T>> = {}): WatchQuery<T> {
  return { ...listQuery<T>(more), allowBookmarks: false, ...more };
}

/** `ADDED a@1`: what happened to which object, and its version. */
export function shortEvent({ type, object }: WatchEvent): string {
  const { name, resourceVersion } = object.metadata;
  return `${type} ${name ?? ''}@${resourceVersion ?? ''}`;
}
