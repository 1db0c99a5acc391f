import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { KubeObject } from '../kube/object-meta.js';
import type { Store } from '../storage/store.js';
import type { Resource } from './resource.js';
import type { ResourceStore } from './resource-store.js';

/** What every resource's store shares. */
export interface ResourceStoreDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** A fresh UUID. */
  readonly newUid: () => string;
  /** Decoded objects kept for reuse, in bytes of their stored form; 16 MiB when absent. */
  readonly cacheBytes?: number;
}

/** The store of one resource, over the storage port. It starts nothing until its first watch. */
export function createResourceStore<T extends KubeObject>(
  _resource: Resource<T>,
  _dependencies: ResourceStoreDependencies,
): ResourceStore<T> {
  throw new Error('Cannot open a resource store: it is not wired yet');
}
