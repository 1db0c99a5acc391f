import { hasCode } from '../base/error.js';
import { type FieldError, invalidObject, tooLong } from '../kube/field-error.js';
import type { KubeObject, ObjectMeta } from '../kube/object-meta.js';
import { formatTime } from '../kube/time.js';
import { validateObjectMeta } from '../kube/validate-object-meta.js';
import { MAX_KEY_BYTES } from '../storage/store.js';
import { trackedFields } from './field-ownership.js';
import { freeMetadata } from './free-metadata.js';
import { isStorable, type KeyedResource, storeKeyOf } from './object-scope.js';
import { orderedMetadata } from './ordered-metadata.js';
import type { RequestContext, Resource, Strategy } from './resource.js';
import { storing, withoutOwnersIfTooLarge, type WriteSources } from './store-access.js';

/** A new object as it would be stored: system fields set, prepared by its strategy, valid. */
export async function prepareNew<T extends KubeObject>(
  { resource, newUid }: WriteSources<T>,
  object: T,
  name: string,
  context: RequestContext,
  applies = false,
): Promise<T> {
  const { strategy, namespaced } = resource;
  const { generateName: base, namespace, managedFields: sent } = object.metadata;
  const metadata = orderedMetadata(
    {
      name: name === '' ? undefined : name,
      generateName: base,
      namespace,
      uid: newUid(),
      generation: strategy.countsGenerations !== undefined ? 1 : undefined,
      creationTimestamp: formatTime(context.now),
      ...freeMetadata(object.metadata, context),
    },
    undefined,
  );
  const unset: T = { ...object, metadata };
  const filled = strategy.setDefaults?.(unset) ?? unset;
  const owned = withOwners(filled, applies ? sent : ownersOfNew(resource, filled, sent, context));
  const next = strategy.prepareForCreate(owned, context);
  const errors = [
    ...validateObjectMeta(next.metadata, { namespaced, nameProblems: strategy.nameProblems }),
    ...keyProblems(resource, next.metadata),
    ...(await strategy.validate(next, context)),
  ];
  if (errors.length > 0) throw invalidObject(resource.group, resource.kind, name, errors);
  for (const warning of strategy.warningsFor?.(next, undefined, context) ?? []) context.warn(warning);
  return next;
}

/** Who owns the fields of a new object; entries that its writer sent are a beginning. */
function ownersOfNew<T extends KubeObject>(
  resource: Resource<T>,
  filled: T,
  sent: ObjectMeta['managedFields'],
  context: RequestContext,
): ObjectMeta['managedFields'] {
  if (context.fieldManager === '') return undefined;
  const next = sent === undefined ? filled : { ...filled, metadata: { ...filled.metadata, managedFields: sent } };
  return trackedFields(resource, '', context, undefined, next);
}

function withOwners<T extends KubeObject>(object: T, managedFields: ObjectMeta['managedFields'] = []): T {
  return managedFields.length === 0 ? object : { ...object, metadata: { ...object.metadata, managedFields } };
}

/** A name that the API takes, but the store does not. */
function keyProblems(resource: KeyedResource, { namespace = '', name = '' }: ObjectMeta): readonly FieldError[] {
  const key = storeKeyOf(resource, { namespace, name });
  if (isStorable(key)) return [];
  return [tooLong('metadata.name', MAX_KEY_BYTES - (key.length - name.length))];
}

/** Stores a new object, or on a dry run only looks whether it could; undefined where the key is in use. */
export function putNew<T extends KubeObject>(
  sources: WriteSources<T>,
  key: string,
  next: T,
  dryRun: boolean,
): Promise<T | undefined> {
  return withoutOwnersIfTooLarge(next, (object) => putOnce(sources, key, object, dryRun));
}

async function putOnce<T extends KubeObject>(
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

/** An object in the form in which it is stored. */
export function canonical<T extends KubeObject>(strategy: Strategy<T>, next: T): T {
  return strategy.canonicalize?.(next) ?? next;
}
