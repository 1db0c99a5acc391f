import { hasCode } from '../base/error.js';
import type { KubeObject } from '../kube/object-meta.js';
import { finalizersForDelete, type Propagation } from '../kube/propagation.js';
import { conflict, hasReason, notFound } from '../kube/status.js';
import { markedAsDeleted } from './deletion-marks.js';
import { equalValues } from '../kube/equal-values.js';
import { storeKeyOf } from './object-scope.js';
import { orderedMetadata } from './ordered-metadata.js';
import type { Resource, Strategy } from './resource.js';
import type { Deleted, DeleteOptions, ObjectKey, ObjectList } from './resource-store.js';
import type { StoredObject } from './stored-objects.js';
import { readObject, removeObject, storing, type WriteSources } from './store-access.js';

/** Deletes an object as `ResourceStore.delete` promises it. */
export async function deleteObject<T extends KubeObject>(
  sources: WriteSources<T>,
  key: ObjectKey,
  options: DeleteOptions<T>,
): Promise<Deleted<T>> {
  const { resource } = sources;
  const storeKey = storeKeyOf(resource, key);
  for (;;) {
    const current = await readObject(sources, storeKey);
    if (current === undefined) throw notFound(resource, key.name);
    resource.strategy.refuseDelete?.(current.object, options.preconditions ?? {});
    refuseOther(resource, current.object, options);
    const kept = await keepWhileHeld(resource, current.object, options);
    if (options.admit !== undefined) await options.admit(current.object, current.object);
    const deleted =
      kept === undefined ? await remove(sources, current, options) : await keep(sources, current, kept, options);
    if (deleted !== undefined) return deleted;
  }
}

/** 409 where the caller means another object, or another state of it. The message names the kind. */
function refuseOther<T extends KubeObject>(
  { group, kind }: Resource<T>,
  { metadata }: T,
  { preconditions = {} }: DeleteOptions<T>,
): void {
  const { name = '', uid = '', resourceVersion = '' } = metadata;
  const of = { group, resource: kind };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(
      of,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(
      of,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** What stays of an object that something holds: marked as deleted. Undefined when nothing does. */
async function keepWhileHeld<T extends KubeObject>(
  { strategy }: Resource<T>,
  object: T,
  { context, gracePeriodSeconds, propagationPolicy }: DeleteOptions<T>,
): Promise<T | undefined> {
  const wanted = withFinalizers(object, finalizersFor(strategy, object, propagationPolicy));
  const begun = await strategy.beginDelete?.(wanted, context, gracePeriodSeconds);
  if (begun !== undefined) return begun === wanted ? object : begun;
  const { finalizers = [], deletionTimestamp, deletionGracePeriodSeconds = 0 } = wanted.metadata;
  if (finalizers.length === 0) return undefined;
  const marked = (deletionTimestamp ?? '') !== '' && deletionGracePeriodSeconds === 0;
  return marked ? wanted : markedAsDeleted(wanted, context.now, 0);
}

/** What holds an object that is deleted with this policy. */
function finalizersFor<T extends KubeObject>(
  { ownsNothing }: Strategy<T>,
  { metadata: { finalizers = [] } }: T,
  policy: Propagation | undefined,
): readonly string[] {
  if (ownsNothing === true) return finalizersForDelete(finalizers, 'Background');
  return policy === undefined ? finalizers : finalizersForDelete(finalizers, policy);
}

/** The object itself where it has these finalizers already. */
function withFinalizers<T extends KubeObject>(object: T, finalizers: readonly string[]): T {
  const { finalizers: known = [], ...rest } = object.metadata;
  if (finalizers === known || (finalizers.length === 0 && known.length === 0)) return object;
  const metadata = { ...rest, ...(finalizers.length === 0 ? {} : { finalizers }) };
  return { ...object, metadata: orderedMetadata(metadata, rest.resourceVersion) };
}

/** Undefined when the object was written or removed meanwhile. */
async function remove<T extends KubeObject>(
  sources: WriteSources<T>,
  current: StoredObject<T>,
  { context }: DeleteOptions<T>,
): Promise<Deleted<T> | undefined> {
  if (!context.dryRun && (await removeObject(sources, current)) !== 'removed') return undefined;
  return { object: current.object, removed: true };
}

/** Undefined when the object was written meanwhile. */
async function keep<T extends KubeObject>(
  { store, objects }: WriteSources<T>,
  current: StoredObject<T>,
  kept: T,
  { context }: DeleteOptions<T>,
): Promise<Deleted<T> | undefined> {
  if (context.dryRun || equalValues(kept, current.object)) return { object: kept, removed: false };
  const encoded = objects.encode(current.key, kept);
  try {
    const revision = await storing(() => store.update(current.key, encoded.value, current.revision));
    return { object: objects.written(encoded, revision).object, removed: false };
  } catch (error) {
    if (hasCode(error, 'STORE_CONFLICT') || hasCode(error, 'STORE_NOT_FOUND')) return undefined;
    throw error;
  } finally {
    objects.abandoned(encoded);
  }
}

/** Deletes that are under way at once: a durable store flushes them together. */
const AT_ONCE = 16;

/** Deletes what was listed; what is gone already does not matter. The first refusal ends it. */
export async function deleteListed<T extends KubeObject>(
  sources: WriteSources<T>,
  list: ObjectList<T>,
  options: DeleteOptions<T>,
): Promise<ObjectList<T>> {
  const waiting = list.items.values();
  const work = async (): Promise<void> => {
    for (const { metadata } of waiting) {
      try {
        await deleteObject(sources, { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }, options);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.items.length) }, work));
  return list;
}
