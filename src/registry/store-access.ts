import type { Random } from '../base/bytes.js';
import { hasCode } from '../base/error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { failure, StatusError } from '../kube/status.js';
import type { Revision, Store } from '../storage/store.js';
import { isStorable } from './object-scope.js';
import type { Resource } from './resource.js';
import type { StoredObject, StoredObjects } from './stored-objects.js';

/** What writes need of their resource. */
export interface WriteSources<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly store: Store;
  readonly objects: StoredObjects<T>;
  readonly random: Random;
  readonly newUid: () => string;
}

/** Reads an object; undefined where there is none. */
export async function readObject<T extends KubeObject>(
  { store, objects }: Pick<WriteSources<T>, 'store' | 'objects'>,
  key: string,
): Promise<StoredObject<T> | undefined> {
  if (!isStorable(key)) return undefined;
  const entry = await store.get(key);
  return entry === undefined ? undefined : objects.of(entry);
}

/** What became of a removal: done, done by somebody else before, or refused because the object was written meanwhile. */
export type Removal = 'removed' | 'gone' | 'changed';

/** Removes an object as it was seen, and gives back what it had been given. */
export async function removeObject<T extends KubeObject>(
  { resource, store, objects }: Pick<WriteSources<T>, 'resource' | 'store' | 'objects'>,
  { key, revision, object }: StoredObject<T>,
): Promise<Removal> {
  try {
    objects.forget(key, await store.delete(key, revision));
    await resource.allocator?.release(object);
    return 'removed';
  } catch (error) {
    if (hasCode(error, 'STORE_NOT_FOUND')) return 'gone';
    if (hasCode(error, 'STORE_CONFLICT')) return 'changed';
    throw error;
  }
}

/** A write to the store, whose refusal of a large value is put in the words of the API. */
export async function storing(write: () => Promise<Revision>): Promise<Revision> {
  try {
    return await write();
  } catch (error) {
    if (!hasCode(error, 'STORE_TOO_LARGE')) throw error;
    throw new TooLarge(failure(500, undefined, 'etcdserver: request is too large'));
  }
}

class TooLarge extends StatusError {}

/** Writes an object; one that is too large is tried again without saying who owns its fields. */
export async function withoutOwnersIfTooLarge<T extends KubeObject, R>(
  object: T,
  write: (object: T) => Promise<R>,
): Promise<R> {
  try {
    return await write(object);
  } catch (error) {
    if (!(error instanceof TooLarge) || object.metadata.managedFields === undefined) throw error;
    const { managedFields: _owners, ...metadata } = object.metadata;
    return write({ ...object, metadata });
  }
}
