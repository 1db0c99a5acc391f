import type { ObjectMeta } from '../kube/object-meta.js';

type MaybeUnset<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Metadata with its fields in the order of the API, without those that are undefined, and with this version. */
export function orderedMetadata(meta: MaybeUnset<ObjectMeta>, resourceVersion: string | undefined): ObjectMeta {
  const ordered: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] } = {};
  if (meta.name !== undefined) ordered.name = meta.name;
  if (meta.generateName !== undefined) ordered.generateName = meta.generateName;
  if (meta.namespace !== undefined) ordered.namespace = meta.namespace;
  if (meta.uid !== undefined) ordered.uid = meta.uid;
  if (resourceVersion !== undefined) ordered.resourceVersion = resourceVersion;
  if (meta.generation !== undefined) ordered.generation = meta.generation;
  if (meta.creationTimestamp !== undefined) ordered.creationTimestamp = meta.creationTimestamp;
  if (meta.deletionTimestamp !== undefined) ordered.deletionTimestamp = meta.deletionTimestamp;
  if (meta.deletionGracePeriodSeconds !== undefined) {
    ordered.deletionGracePeriodSeconds = meta.deletionGracePeriodSeconds;
  }
  if (meta.labels !== undefined) ordered.labels = meta.labels;
  if (meta.annotations !== undefined) ordered.annotations = meta.annotations;
  if (meta.ownerReferences !== undefined) ordered.ownerReferences = meta.ownerReferences;
  if (meta.finalizers !== undefined) ordered.finalizers = meta.finalizers;
  if (meta.managedFields !== undefined) ordered.managedFields = meta.managedFields;
  return ordered;
}
