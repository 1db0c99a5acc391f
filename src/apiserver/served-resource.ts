import type { KubeObject } from '../kube/object-meta.js';
import type { Resource } from '../registry/resource.js';
import type { ResourceStore } from '../registry/resource-store.js';

/** A resource and where its objects live. */
export interface ServedResource<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  readonly store: ResourceStore<T>;
}
