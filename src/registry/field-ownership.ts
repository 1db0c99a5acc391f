import { apiVersionOf, type KubeObject, type ManagedFieldsEntry } from '../kube/object-meta.js';
import { equalValues } from '../kube/equal-values.js';
import { type ManagedKind, managedKind } from '../kube/managed-fields/managed-kind.js';
import { trackUpdate } from '../kube/managed-fields/track-update.js';
import { formatTime } from '../kube/time.js';
import type { RequestContext, Resource } from './resource.js';

const kinds = new WeakMap<object, Map<string, ManagedKind>>();

/** A resource as server-side apply sees it, through a subresource (empty: the object itself). */
export function managedKindOf<T extends KubeObject>(resource: Resource<T>, subresource: string): ManagedKind {
  let known = kinds.get(resource);
  if (known === undefined) {
    known = new Map();
    kinds.set(resource, known);
  }
  let kind = known.get(subresource);
  if (kind === undefined) {
    const { schema, kind: name, group, version } = resource;
    const of = { schema, kind: name, apiVersion: apiVersionOf(group, version), subresource };
    kind = managedKind(of, resetFieldsOf(resource, subresource));
    known.set(subresource, kind);
  }
  return kind;
}

function resetFieldsOf<T extends KubeObject>(resource: Resource<T>, subresource: string): readonly string[] {
  const { strategy, subresources = {} } = resource;
  if (subresource === '') return strategy.resetFields ?? (subresources['status'] === undefined ? [] : ['status']);
  const through = subresources[subresource];
  if (through?.kind === 'update' && through.resetFields !== undefined) return through.resetFields;
  return subresource === 'status' ? ['spec'] : ['status'];
}

/** Who owns which fields after a write that says nothing of owners itself. */
export function trackedFields<T extends KubeObject>(
  resource: Resource<T>,
  subresource: string,
  context: RequestContext,
  live: T | undefined,
  next: T,
): readonly ManagedFieldsEntry[] {
  const { fieldManager: manager, now } = context;
  return trackUpdate(managedKindOf(resource, subresource), { manager, now: formatTime(now) }, live, next);
}

/** Whether entries say the same, whenever their owners wrote: a write that changes nothing else is none. */
export function sameOwners(
  next: readonly ManagedFieldsEntry[] | undefined,
  current: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (next === current) return true;
  return equalValues(next?.map(withoutTime), current?.map(withoutTime));
}

function withoutTime(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  const { time: _time, ...rest } = entry;
  return rest;
}
