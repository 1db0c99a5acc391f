import { hasCode } from '../base/error.js';
import { addErrors, type FieldError, invalid, invalidObject } from '../kube/field-error.js';
import { pathSegmentProblems } from '../kube/names.js';
import type { KubeObject, ObjectMeta } from '../kube/object-meta.js';
import { conflict, failure, notFound, type QualifiedResource, StatusError } from '../kube/status.js';
import { validateObjectMeta, validateObjectMetaUpdate } from '../kube/validate-object-meta.js';
import { equalValues } from '../kube/equal-values.js';
import { sameOwners, trackedFields } from './field-ownership.js';
import { freeMetadata } from './free-metadata.js';
import { canonical, prepareNew, putNew } from './new-objects.js';
import { storeKeyOf } from './object-scope.js';
import { orderedMetadata } from './ordered-metadata.js';
import { parseResourceVersion } from './parse-resource-version.js';
import type { MaybePromise, RequestContext, Resource, Strategy, UpdateSubresource } from './resource.js';
import type { ObjectKey, Updated, UpdateOptions } from './resource-store.js';
import { readObject, removeObject, storing, withoutOwnersIfTooLarge, type WriteSources } from './store-access.js';
import { type StoredObject, withVersion } from './stored-objects.js';
import { withAllocation } from './with-allocation.js';

/** Changes an object as `ResourceStore.update` promises it. */
export async function updateObject<T extends KubeObject>(
  sources: WriteSources<T>,
  key: ObjectKey,
  change: (current: T | undefined) => MaybePromise<T>,
  options: UpdateOptions<T>,
): Promise<Updated<T>> {
  const { resource } = sources;
  const rules = rulesOf(resource, options.subresource);
  const storeKey = storeKeyOf(resource, key);
  for (;;) {
    const current = await readObject(sources, storeKey);
    const creates = rules.createOnUpdate || (options.applies === true && options.subresource === undefined);
    if (current === undefined && !creates) throw notFound(resource, key.name);
    const wanted = await change(current?.object);
    refuseOtherUid(wanted, current?.object, storeKey, resource, key.name);
    const updated =
      current === undefined
        ? await createByUpdate(sources, storeKey, wanted, options)
        : await replace(sources, current, wanted, rules, options);
    if (updated !== undefined) return updated;
  }
}

/** What one endpoint makes of an update. */
interface UpdateRules<T extends KubeObject> {
  readonly createOnUpdate: boolean;
  readonly unconditionalUpdate: boolean;
  readonly prepareForUpdate: Strategy<T>['prepareForUpdate'];
  readonly validateUpdate: Strategy<T>['validateUpdate'];
}

function rulesOf<T extends KubeObject>(resource: Resource<T>, subresource: string | undefined): UpdateRules<T> {
  if (subresource === undefined) return resource.strategy;
  const found = resource.subresources?.[subresource];
  if (found?.kind !== 'update') throw new RangeError(`Not an updatable subresource: ${subresource}`);
  const { unconditionalUpdate, prepareForUpdate, validateUpdate }: UpdateSubresource<T> = found;
  return { createOnUpdate: false, unconditionalUpdate, prepareForUpdate, validateUpdate };
}

/** 409 where the writer means another object of that name; the text is that of kube-apiserver's store. */
function refuseOtherUid(
  wanted: KubeObject,
  current: KubeObject | undefined,
  storeKey: string,
  resource: QualifiedResource,
  name: string,
): void {
  const uid = wanted.metadata.uid ?? '';
  const actual = current?.metadata.uid ?? '';
  if (uid === '' || uid === actual) return;
  throw conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${storeKey}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actual}`,
  );
}

/** A PUT to a name that is not there. Undefined when somebody else created it meanwhile. */
async function createByUpdate<T extends KubeObject>(
  sources: WriteSources<T>,
  storeKey: string,
  wanted: T,
  { context, admit, mayCreate, applies }: UpdateOptions<T>,
): Promise<Updated<T> | undefined> {
  const next = await prepareNew(sources, wanted, wanted.metadata.name ?? '', context, applies);
  if (mayCreate !== undefined) await mayCreate();
  if (admit !== undefined) await admit(next, undefined);
  const object = await withAllocation(sources.resource, next, undefined, context, (given) =>
    putNew(sources, storeKey, given, context.dryRun),
  );
  return object === undefined ? undefined : { object, created: true };
}

/** Writes over an object. Undefined when it was written meanwhile: then the change must be made anew. */
async function replace<T extends KubeObject>(
  sources: WriteSources<T>,
  current: StoredObject<T>,
  wanted: T,
  rules: UpdateRules<T>,
  options: UpdateOptions<T>,
): Promise<Updated<T> | undefined> {
  const { resource } = sources;
  refuseStale(resource, wanted, current, rules);
  const next = await prepareChanged(resource, wanted, current.object, rules, options);
  if (options.admit !== undefined) await options.admit(next, current.object);
  return withAllocation(resource, next, current.object, options.context, (given) =>
    withoutOwnersIfTooLarge(given, (object) => putOver(sources, current, object, options.context.dryRun)),
  );
}

/** Stores an object over another, or removes it where nothing holds it any more. Undefined as for `replace`. */
async function putOver<T extends KubeObject>(
  sources: WriteSources<T>,
  current: StoredObject<T>,
  next: T,
  dryRun: boolean,
): Promise<Updated<T> | undefined> {
  const { resource, objects, store } = sources;
  const encoded = objects.encode(current.key, canonical(resource.strategy, next));
  try {
    const released = isReleased(resource, encoded.object, current.object);
    const isIdle = !current.stale && sameButVersion(encoded.object, current.object);
    if (!released && isIdle) return { object: current.object, created: false };
    if (released && !dryRun && (await removeObject(sources, current)) === 'changed') return undefined;
    if (released || dryRun) {
      // what was not written has no version of its own
      return { object: withVersion(encoded.object, current.object.metadata.resourceVersion), created: false };
    }
    const revision = await storing(() => store.update(current.key, encoded.value, current.revision));
    return { object: objects.written(encoded, revision).object, created: false };
  } catch (error) {
    if (hasCode(error, 'STORE_CONFLICT') || hasCode(error, 'STORE_NOT_FOUND')) return undefined;
    throw error;
  } finally {
    objects.abandoned(encoded);
  }
}

function refuseStale<T extends KubeObject>(
  resource: Resource<T>,
  wanted: T,
  current: StoredObject<T>,
  rules: UpdateRules<T>,
): void {
  const version = parseResourceVersion(wanted.metadata.resourceVersion ?? '');
  const name = current.object.metadata.name ?? '';
  if (version.kind === 'invalid') throw new StatusError(failure(500, undefined, version.detail));
  if (version.revision === 0) {
    if (rules.unconditionalUpdate) return;
    // kube-apiserver names the resource here where it names the kind everywhere else
    const missing = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalidObject(resource.group, resource.resource, name, [missing]);
  }
  if (version.revision !== current.revision) throw conflict(resource, name);
}

/** A changed object as it would be stored: what nobody may change is as it was, and the rest is valid. */
async function prepareChanged<T extends KubeObject>(
  resource: Resource<T>,
  wanted: T,
  current: T,
  rules: UpdateRules<T>,
  options: UpdateOptions<T>,
): Promise<T> {
  const { strategy, namespaced } = resource;
  const { context } = options;
  const filled = strategy.setDefaults?.(wanted) ?? wanted;
  const managedFields = ownersOf(resource, filled, current, options);
  const prepared = rules.prepareForUpdate(filled, current, context);
  const generation = nextGeneration(strategy, prepared, current);
  const before = { ...current.metadata, ...generation };
  const metadata = changedMetadata({ ...prepared.metadata, managedFields }, before, context);
  const next: T = { ...prepared, metadata };
  const errors: FieldError[] = [];
  const general = validateObjectMeta(next.metadata, { namespaced, nameProblems: pathSegmentProblems });
  const change = validateObjectMetaUpdate(next.metadata, current.metadata);
  // The API server looks at metadata for every kind, and most kinds look again: causes stand twice.
  for (const found of [general, change, change]) addErrors(errors, found);
  addErrors(errors, await rules.validateUpdate(next, current, context));
  if (errors.length > 0) throw invalidObject(resource.group, resource.kind, current.metadata.name ?? '', errors);
  for (const warning of strategy.warningsFor?.(next, current, context) ?? []) context.warn(warning);
  return next;
}

/** Who owns the fields of a changed object. */
function ownersOf<T extends KubeObject>(
  resource: Resource<T>,
  filled: T,
  current: T,
  { applies, context, subresource = '' }: UpdateOptions<T>,
): NonNullable<ObjectMeta['managedFields']> {
  if (applies === true) return filled.metadata.managedFields ?? [];
  const known = current.metadata.managedFields ?? [];
  if (known.length === 0 && (filled.metadata.managedFields ?? []).length === 0) return known;
  return context.fieldManager === '' ? known : trackedFields(resource, subresource, context, current, filled);
}

/** The metadata of an update: the system's fields are those of the stored object where the writer left them out. */
function changedMetadata(wanted: ObjectMeta, current: ObjectMeta, context: RequestContext): ObjectMeta {
  const { name, generateName: base, namespace } = wanted;
  return orderedMetadata(
    {
      name,
      generateName: base === '' ? undefined : base,
      namespace,
      uid: current.uid,
      generation: current.generation,
      creationTimestamp: current.creationTimestamp ?? wanted.creationTimestamp,
      deletionTimestamp: current.deletionTimestamp ?? wanted.deletionTimestamp ?? undefined,
      deletionGracePeriodSeconds: wanted.deletionGracePeriodSeconds ?? current.deletionGracePeriodSeconds,
      ...freeMetadata(wanted, context),
      managedFields: wanted.managedFields?.length === 0 ? undefined : wanted.managedFields,
    },
    undefined,
  );
}

/** The generation of a changed object, of a kind that counts them: one more where it differs in what counts. */
function nextGeneration<T extends KubeObject>(
  { countsGenerations: counts }: Strategy<T>,
  next: T,
  current: T,
): Pick<ObjectMeta, 'generation'> | undefined {
  if (counts === undefined) return undefined;
  const { generation = 1, labels = {} } = current.metadata;
  const relabelled = counts === 'with-labels' && !equalValues(next.metadata.labels ?? {}, labels);
  return { generation: relabelled || !equalValues(desired(next), desired(current)) ? generation + 1 : generation };
}

/** What of an object its writer wants, and nobody observes. */
function desired(object: KubeObject): object {
  return { ...object, kind: undefined, apiVersion: undefined, metadata: undefined, status: undefined };
}

/** Whether an object that has no version yet says what the stored one says. */
function sameButVersion<T extends KubeObject>(next: T, { metadata, ...current }: T): boolean {
  const { metadata: nextMetadata, ...rest } = next;
  const { managedFields: owners, ...others } = metadata;
  const { managedFields: nextOwners, ...nextOthers } = nextMetadata;
  return (
    equalValues(rest, current) &&
    equalValues(nextOthers, { ...others, resourceVersion: undefined }) &&
    sameOwners(nextOwners, owners)
  );
}

/** Whether an update took away the last thing that kept a deleted object. */
function isReleased<T extends KubeObject>({ strategy }: Resource<T>, next: T, current: T): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = current.metadata;
  if ((deletionTimestamp ?? '') === '' || deletionGracePeriodSeconds > 0) return false;
  return (next.metadata.finalizers ?? []).length === 0 && strategy.readyToRemove?.(next) !== false;
}
