import type { KubeObject, ManagedFieldsEntry } from '../object-meta.js';
import { emptyMessage } from '../unset-values.js';
import { type Comparison, compareObjects } from './compare-objects.js';
import type { Conflict } from './apply-conflict.js';
import { difference, intersection, isEmptySet, union } from './field-set.js';
import type { FieldWriter, ManagedKind } from './managed-kind.js';
import {
  capUpdaters,
  decodeOwners,
  encodeOwners,
  type ManagerIdentity,
  NO_OWNERS,
  type Owner,
  ownerId,
  type Owners,
  withFields,
} from './owners.js';

/**
 * The entries of an object after a create, an update or a patch: what it adds or changes is its writer's, and nobody
 * else's; what it removes is nobody's. Objects without entries get none by updates, until somebody applies. A writer may
 * set entries, except through a subresource; entries that cannot be read are not taken. `live` is undefined on create.
 */
export function trackUpdate(
  kind: ManagedKind,
  writer: FieldWriter,
  live: KubeObject | undefined,
  next: KubeObject,
): readonly ManagedFieldsEntry[] {
  const { entries, owners } = startingFrom(kind, live, next);
  if (live !== undefined && owners.size === 0) return [];
  const after = ownersAfterUpdate(kind, writer, owners, live, next);
  return after === owners ? entries : encodeOwners(capUpdaters(after));
}

interface Start {
  readonly entries: readonly ManagedFieldsEntry[];
  readonly owners: Owners;
}

const NOBODY: Start = { entries: [], owners: NO_OWNERS };

function startingFrom(kind: ManagedKind, live: KubeObject | undefined, next: KubeObject): Start {
  const kept = readable(live?.metadata.managedFields ?? []) ?? NOBODY;
  const sent = next.metadata.managedFields;
  if (kind.subresource !== '' || sent === undefined || sent === live?.metadata.managedFields) return kept;
  if (isReset(sent)) return NOBODY;
  const given = readable(sent);
  return given === undefined ? kept : { ...given, entries: encodeOwners(given.owners) };
}

function readable(entries: readonly ManagedFieldsEntry[]): Start | undefined {
  if (entries.length === 0) return undefined;
  const owners = decodeOwners(entries);
  return owners === undefined ? undefined : { entries, owners };
}

/** An empty list, or one empty entry, is the wish to begin anew. */
function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.values(first).every((value) => value === undefined));
}

/** The owners after an update; the same map where it changes nothing. */
export function ownersAfterUpdate(
  kind: ManagedKind,
  writer: FieldWriter,
  owners: Owners,
  live: KubeObject | undefined,
  next: KubeObject,
): Owners {
  const before = live === undefined ? emptyMessage(kind.schema) : contentOf(live);
  const comparison = compareObjects(kind.shape, before, contentOf(next), kind.ignored);
  const changed = union(comparison.modified, comparison.added);
  if (isEmptySet(changed) && isEmptySet(comparison.removed)) return owners;
  const after = new Map(withoutChanged(owners, comparison, kind.apiVersion).owners);
  if (isEmptySet(changed)) return after;
  const { apiVersion, subresource } = kind;
  const self: ManagerIdentity = { manager: writer.manager, operation: 'Update', apiVersion, subresource };
  const id = ownerId(self);
  const own: Owner = after.get(id) ?? { ...self, fields: changed };
  after.set(id, withFields(own, union(own.fields, changed), writer.now));
  return after;
}

/** An object without what says its type: kind and apiVersion belong to nobody. */
export function contentOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const { kind: _kind, apiVersion: _apiVersion, ...content } = object;
  return content;
}

/**
 * What owners keep of their fields when these changes happen, and what they lose because somebody else sets it. `self`
 * loses nothing, nor does who owns fields of another version: they may mean something else there.
 */
export function withoutChanged(
  owners: Owners,
  { added, modified, removed }: Comparison,
  apiVersion: string,
  self?: string,
): { readonly owners: Owners; readonly conflicts: readonly Conflict[] } {
  const changed = union(modified, added);
  const gone = union(changed, removed);
  const kept = new Map<string, Owner>();
  const conflicts: Conflict[] = [];
  for (const [id, owner] of owners) {
    if (id === self || owner.apiVersion !== apiVersion) {
      kept.set(id, owner);
      continue;
    }
    const lost = intersection(owner.fields, changed);
    if (!isEmptySet(lost)) conflicts.push({ owner, fields: lost });
    const rest = withFields(owner, difference(owner.fields, gone));
    if (!isEmptySet(rest.fields)) kept.set(id, rest);
  }
  return { owners: kept, conflicts };
}
