import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { KubeObject } from '../kube/object-meta.js';
import { notFound } from '../kube/status.js';
import type { Store } from '../storage/store.js';
import { createObject } from './create-objects.js';
import { deleteListed, deleteObject } from './delete-objects.js';
import { listObjects } from './list-objects.js';
import { ObjectFeed } from './object-feed.js';
import { storeKeyOf } from './object-scope.js';
import { startWatch } from './object-watcher.js';
import { requireResourceVersion } from './parse-resource-version.js';
import { reachedRevision } from './reached-revision.js';
import type { Resource } from './resource.js';
import type { ResourceStore } from './resource-store.js';
import { readObject } from './store-access.js';
import { DEFAULT_CACHE_BYTES, StoredObjects } from './stored-objects.js';
import { updateObject } from './update-objects.js';

/** What every resource's store shares. */
export interface ResourceStoreDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** A fresh UUID. */
  readonly newUid: () => string;
  /** Decoded objects kept for reuse, in bytes of their stored form; 8 MiB when absent. */
  readonly cacheBytes?: number;
  /** Waits until everybody else had a turn. Absent: long lists keep the turn. */
  readonly pause?: () => Promise<void>;
}

/** The store of one resource, over the storage port. It starts nothing until its first watch. */
export function createResourceStore<T extends KubeObject>(
  resource: Resource<T>,
  dependencies: ResourceStoreDependencies,
): ResourceStore<T> {
  const { store } = dependencies;
  const objects = new StoredObjects(resource, dependencies.cacheBytes ?? DEFAULT_CACHE_BYTES);
  const feed = new ObjectFeed(store, objects, resource.keyPrefix);
  const sources = { ...dependencies, resource, objects, feed };
  return {
    resource,
    create: (object, options) => createObject(sources, object, options),
    async get(key, resourceVersion = '') {
      if (resourceVersion !== '') {
        await reachedRevision(store, dependencies.clock, requireResourceVersion(resourceVersion));
      }
      const found = await readObject(sources, storeKeyOf(resource, key));
      if (found === undefined) throw notFound(resource, key.name);
      return found.object;
    },
    list: (query) => listObjects(sources, query),
    update: (key, change, options) => updateObject(sources, key, change, options),
    delete: (key, options) => deleteObject(sources, key, options),
    async deleteCollection(query, options) {
      return deleteListed(sources, await listObjects(sources, query), options);
    },
    watch: (query, receive) => startWatch(sources, query, receive),
  };
}
