import type { Random } from '../base/bytes.js';
import { hasCode } from '../base/error.js';
import { type FieldError, invalid, invalidObject, tooLong } from '../kube/field-error.js';
import { pathSegmentProblems } from '../kube/names.js';
import type { KubeObject, ObjectMeta } from '../kube/object-meta.js';
import { alreadyExists, conflict, failure, notFound, type QualifiedResource, StatusError } from '../kube/status.js';
import { formatTime } from '../kube/time.js';
import { validateObjectMeta, validateObjectMetaUpdate } from '../kube/validate-object-meta.js';
import { MAX_KEY_BYTES, type Revision, type Store } from '../storage/store.js';
import { equalValues } from './equal-values.js';
import { generateName } from './generate-name.js';
import { isStorable, type KeyedResource, storeKeyOf } from './object-scope.js';
import { orderedMetadata } from './ordered-metadata.js';
import { parseResourceVersion } from './parse-resource-version.js';
import type { MaybePromise, RequestContext, Resource, Strategy, UpdateSubresource } from './resource.js';
import type { ObjectKey, Updated, UpdateOptions, WriteOptions } from './resource-store.js';
import { type StoredObject, type StoredObjects, withVersion } from './stored-objects.js';

/** What writes need of their resource. */
export interface WriteSources<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly store: Store;
  readonly objects: StoredObjects<T>;
  readonly random: Random;
  readonly newUid: () => string;
}

/** How often a name is generated before the API gives up. */
const NAME_ATTEMPTS = 8;

/** Creates an object as `ResourceStore.create` promises it. */
export async function createObject<T extends KubeObject>(
  sources: WriteSources<T>,
  object: T,
  options: WriteOptions<T>,
): Promise<T> {
  const { name, generateName: base } = object.metadata;
  if ((name ?? '') !== '' || (base ?? '') === '') return createOnce(sources, object, name ?? '', options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await createOnce(sources, object, generateName(base ?? '', sources.random), options);
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error;
      if (attempt === NAME_ATTEMPTS) throw namesTaken(error.status);
    }
  }
}

/** The name is in use: for generated ones a reason to try another. */
class NameTaken extends StatusError {}

function namesTaken({ message = '', details = {} }: StatusError['status']): StatusError {
  const text = `${message}, the server was not able to generate a unique name for the object`;
  return new StatusError(failure(409, 'AlreadyExists', text, { ...details, retryAfterSeconds: 1 }));
}

async function createOnce<T extends KubeObject>(
  sources: WriteSources<T>,
  object: T,
  name: string,
  options: WriteOptions<T>,
): Promise<T> {
  const { resource } = sources;
  const next = await prepareNew(sources, object, name, options.context);
  if (options.admit !== undefined) await options.admit(next, undefined);
  // kube-apiserver finds this out when it stores the object, and says it as a plain error.
  const version = object.metadata.resourceVersion ?? '';
  if (version !== '' && version !== '0') {
    throw new StatusError(failure(500, undefined, 'resourceVersion should not be set on objects to be created'));
  }
  const key = storeKeyOf(resource, { namespace: next.metadata.namespace ?? '', name });
  const stored = await putNew(sources, key, next, options.context.dryRun);
  if (stored !== undefined) return stored;
  const { status } = alreadyExists(resource, name);
  const existing = await readObject(sources, key);
  const leaving = (existing?.object.metadata.deletionTimestamp ?? '') !== '';
  throw new NameTaken(leaving ? { ...status, message: `object is being deleted: ${status.message ?? ''}` } : status);
}

/** A new object as it would be stored: system fields set, prepared by its strategy, valid. */
async function prepareNew<T extends KubeObject>(
  { resource, newUid }: WriteSources<T>,
  object: T,
  name: string,
  context: RequestContext,
): Promise<T> {
  const { strategy, namespaced } = resource;
  const { generateName: base, namespace, labels, annotations, ownerReferences, finalizers } = object.metadata;
  const metadata = orderedMetadata(
    {
      name: name === '' ? undefined : name,
      generateName: base,
      namespace,
      uid: newUid(),
      creationTimestamp: formatTime(context.now),
      ...keptMetadata({ labels, annotations, ownerReferences, finalizers }),
    },
    undefined,
  );
  const filled: T = { ...object, metadata };
  const next = strategy.prepareForCreate(strategy.setDefaults?.(filled) ?? filled, context);
  const errors = [
    ...validateObjectMeta(next.metadata, { namespaced, nameProblems: strategy.nameProblems }),
    ...keyProblems(resource, next.metadata),
    ...(await strategy.validate(next, context)),
  ];
  if (errors.length > 0) throw invalidObject(resource.group, resource.kind, name, errors);
  for (const warning of strategy.warningsFor?.(next, undefined, context) ?? []) context.warn(warning);
  return next;
}

/** A name that the API takes, but the store does not. */
function keyProblems(resource: KeyedResource, { namespace = '', name = '' }: ObjectMeta): readonly FieldError[] {
  const key = storeKeyOf(resource, { namespace, name });
  if (isStorable(key)) return [];
  return [tooLong('metadata.name', MAX_KEY_BYTES - (key.length - name.length))];
}

/** The stored object; undefined where the key is in use. */
async function putNew<T extends KubeObject>(
  sources: WriteSources<T>,
  key: string,
  next: T,
  dryRun: boolean,
): Promise<T | undefined> {
  const { store, objects } = sources;
  const encoded = objects.encode(key, canonical(sources.resource.strategy, next));
  try {
    if (!dryRun) return objects.written(encoded, await storing(() => store.create(key, encoded.value))).object;
    return (await store.get(key)) === undefined ? encoded.object : undefined;
  } catch (error) {
    if (hasCode(error, 'STORE_EXISTS')) return undefined;
    throw error;
  } finally {
    objects.abandoned(encoded);
  }
}

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
    if (current === undefined && !rules.createOnUpdate) throw notFound(resource, key.name);
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
  { context, admit, mayCreate }: UpdateOptions<T>,
): Promise<Updated<T> | undefined> {
  const next = await prepareNew(sources, wanted, wanted.metadata.name ?? '', context);
  if (mayCreate !== undefined) await mayCreate();
  if (admit !== undefined) await admit(next, undefined);
  const object = await putNew(sources, storeKey, next, context.dryRun);
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
  const { resource, objects, store } = sources;
  refuseStale(resource, wanted, current, rules);
  const next = await prepareChanged(resource, wanted, current.object, rules, options.context);
  if (options.admit !== undefined) await options.admit(next, current.object);
  const encoded = objects.encode(current.key, canonical(resource.strategy, next));
  try {
    const released = isReleased(resource, encoded.object, current.object);
    if (!released && sameButVersion(encoded.object, current.object)) return { object: current.object, created: false };
    if (released && !options.context.dryRun && !(await removeObject(sources, current))) return undefined;
    if (released || options.context.dryRun) {
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
  context: RequestContext,
): Promise<T> {
  const { strategy, namespaced } = resource;
  const filled = strategy.setDefaults?.(wanted) ?? wanted;
  const prepared = rules.prepareForUpdate(filled, current, context);
  const next: T = { ...prepared, metadata: changedMetadata(prepared.metadata, current.metadata) };
  const errors: FieldError[] = [];
  const general = validateObjectMeta(next.metadata, { namespaced, nameProblems: pathSegmentProblems });
  const change = validateObjectMetaUpdate(next.metadata, current.metadata);
  // The API server looks at metadata for every kind, and most kinds look again: causes stand twice.
  if (general.length + change.length > 0) errors.push(...general, ...change, ...change);
  errors.push(...(await rules.validateUpdate(next, current, context)));
  if (errors.length > 0) throw invalidObject(resource.group, resource.kind, current.metadata.name ?? '', errors);
  for (const warning of strategy.warningsFor?.(next, current, context) ?? []) context.warn(warning);
  return next;
}

/** The metadata of an update: the system's fields are those of the stored object where the writer left them out. */
function changedMetadata(wanted: ObjectMeta, current: ObjectMeta): ObjectMeta {
  const { name, generateName: base, namespace, labels, annotations, ownerReferences, finalizers } = wanted;
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
      ...keptMetadata({ labels, annotations, ownerReferences, finalizers }),
    },
    undefined,
  );
}

type FreeMetadata = Pick<ObjectMeta, 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'>;
type MaybeFree = { readonly [K in keyof FreeMetadata]: FreeMetadata[K] | undefined };

/** What writers may set freely, without what is empty. */
function keptMetadata({ labels, annotations, ownerReferences, finalizers }: MaybeFree): FreeMetadata {
  return {
    ...(labels === undefined || isEmpty(labels) ? {} : { labels }),
    ...(annotations === undefined || isEmpty(annotations) ? {} : { annotations }),
    ...(ownerReferences === undefined || ownerReferences.length === 0 ? {} : { ownerReferences }),
    ...(finalizers === undefined || finalizers.length === 0 ? {} : { finalizers }),
  };
}

function isEmpty(map: object): boolean {
  for (const name in map) if (Object.hasOwn(map, name)) return false;
  return true;
}

function canonical<T extends KubeObject>(strategy: Strategy<T>, next: T): T {
  return strategy.canonicalize?.(next) ?? next;
}

/** Whether an object that has no version yet says what the stored one says. */
function sameButVersion<T extends KubeObject>(next: T, { metadata, ...current }: T): boolean {
  const { metadata: nextMetadata, ...rest } = next;
  return equalValues(rest, current) && equalValues(nextMetadata, { ...metadata, resourceVersion: undefined });
}

/** Whether an update took away the last thing that kept a deleted object. */
function isReleased<T extends KubeObject>({ strategy }: Resource<T>, next: T, current: T): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = current.metadata;
  if ((deletionTimestamp ?? '') === '' || deletionGracePeriodSeconds > 0) return false;
  return (next.metadata.finalizers ?? []).length === 0 && strategy.readyToRemove?.(next) !== false;
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

/** Removes an object as it was seen; false when it was written meanwhile. One that is gone is as good as removed. */
export async function removeObject<T extends KubeObject>(
  { store, objects }: Pick<WriteSources<T>, 'store' | 'objects'>,
  { key, revision }: StoredObject<T>,
): Promise<boolean> {
  try {
    objects.forget(key, await storing(() => store.delete(key, revision)));
    return true;
  } catch (error) {
    if (hasCode(error, 'STORE_NOT_FOUND')) return true;
    if (hasCode(error, 'STORE_CONFLICT')) return false;
    throw error;
  }
}

/** A write to the store, whose refusal of a large value is put in the words of the API. */
export async function storing(write: () => Promise<Revision>): Promise<Revision> {
  try {
    return await write();
  } catch (error) {
    if (!hasCode(error, 'STORE_TOO_LARGE')) throw error;
    throw new StatusError(failure(500, undefined, 'etcdserver: request is too large'));
  }
}
