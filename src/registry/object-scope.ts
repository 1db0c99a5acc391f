import { MAX_KEY_BYTES } from '../storage/store.js';
import { byteLength } from '../kube/names.js';
import type { KubeObject } from '../kube/object-meta.js';
import type { Resource } from './resource.js';
import type { ObjectFilter, ObjectKey } from './resource-store.js';

/** What keys are made of. */
export type KeyedResource = Pick<Resource, 'namespaced' | 'keyPrefix'>;

/** The key of an object in the store. */
export function storeKeyOf(resource: KeyedResource, { namespace, name }: ObjectKey): string {
  return resource.namespaced ? `${resource.keyPrefix}${namespace}/${name}` : resource.keyPrefix + name;
}

/** Whether the store takes the key. */
export function isStorable(key: string): boolean {
  return byteLength(key) <= MAX_KEY_BYTES && !/\p{Surrogate}/u.test(key);
}

/** Which objects a list or watch is about. */
export interface ObjectScope<T> {
  /** The only key, or the beginning of all keys, which ends in a slash. */
  readonly keys: string;
  readonly single: boolean;
  readonly filter: ObjectFilter<T>;
}

/** The keys that can hold what a query asks for, and what is left to ask of each object. */
export function scopeOf<T extends KubeObject>(
  resource: KeyedResource,
  query: { readonly namespace: string; readonly name?: string; readonly filter: ObjectFilter<T> },
): ObjectScope<T> {
  const { namespace, name, filter } = query;
  const everywhere = resource.namespaced && namespace === '';
  if (name !== undefined && !everywhere) {
    return { keys: storeKeyOf(resource, { namespace, name }), single: true, filter };
  }
  const keys = resource.namespaced && !everywhere ? `${resource.keyPrefix}${namespace}/` : resource.keyPrefix;
  if (name === undefined) return { keys, single: false, filter };
  const matches = (object: T): boolean => object.metadata.name === name && filter.matches(object);
  return { keys, single: false, filter: { matches, everything: false } };
}
