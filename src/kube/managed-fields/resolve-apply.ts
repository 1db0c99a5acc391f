import { isJsonObject } from '../decode-json.js';
import { equalValues } from '../equal-values.js';
import type { KubeObject, ManagedFieldsEntry } from '../object-meta.js';
import { badRequest, failure, StatusError } from '../status.js';
import { emptyMessage } from '../unset-values.js';
import { applyConflict, type Conflict } from './apply-conflict.js';
import { configurationProblems } from './check-configuration.js';
import { compareObjects } from './compare-objects.js';
import { extractFields } from './extract-fields.js';
import { difference, type FieldSet, fieldSetOf, intersection, isEmptySet, NO_FIELDS, union } from './field-set.js';
import { KUBECTL, lastAppliedFields, withLastApplied } from './last-applied.js';
import type { FieldWriter, ManagedKind } from './managed-kind.js';
import { mergeValues } from './merge-values.js';
import {
  decodeOwners,
  encodeOwners,
  type ManagerIdentity,
  NO_OWNERS,
  type Owner,
  ownerId,
  type Owners,
  sameOwnership,
  withFields,
} from './owners.js';
import { fieldElement } from './path-element.js';
import { removeFields, withNamedFields } from './remove-fields.js';
import { contentOf, ownersAfterUpdate, withoutChanged } from './track-update.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** Who owns what existed before anybody applied. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** An apply: what is wanted, and whether to take from others what they own. */
export interface Application extends FieldWriter {
  readonly configuration: JsonObject;
  readonly force: boolean;
}

/** What an apply makes of an object. */
export interface Applied {
  /** JSON of the kind, not decoded yet, without managed fields. */
  readonly object: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/**
 * Server-side apply: merges a configuration into an object, removes what its manager applied before and no longer does,
 * and says who owns what after it. `live` is undefined where there is no object yet. Throws StatusError: 400 for another
 * type or given managed fields, 500 for a configuration that does not fit the schema, 409 for conflicts with other
 * owners, unless forced.
 */
export function resolveApply(kind: ManagedKind, application: Application, live: KubeObject | undefined): Applied {
  const { configuration } = application;
  refuseWrongType(kind, configuration);
  if (isJsonObject(configuration['metadata']) && (configuration['metadata']['managedFields'] ?? null) !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  refuseProblems(kind, configuration);
  const before = ownersBefore(kind, application, live);
  const merged = mergeAndPrune(kind, application, live, before);
  const { owners, conflicts } = withoutChanged(
    merged.owners,
    compareObjects(kind.shape, merged.live, merged.object, kind.ignored),
    kind.apiVersion,
    merged.self,
  );
  if (!application.force) refuseConflicts(kind, application, live, conflicts);
  const changed = !equalValues(merged.live, merged.object) || !sameOwnership(before, owners);
  const object: JsonObject = { kind: kind.kind, apiVersion: kind.apiVersion, ...merged.object };
  return {
    object: application.manager === KUBECTL ? withLastApplied(object, configuration) : object,
    managedFields: encodeOwners(changed ? atTime(owners, merged.self, application.now) : owners),
  };
}

function atTime(owners: Owners, self: string, now: string): Owners {
  const own = owners.get(self);
  return own === undefined ? owners : new Map([...owners, [self, withFields(own, own.fields, now)]]);
}

function refuseWrongType({ kind, apiVersion }: ManagedKind, configuration: JsonObject): void {
  if (configuration['kind'] === kind && configuration['apiVersion'] === apiVersion) return;
  throw badRequest(`invalid object type: ${typeText(configuration)}`);
}

/** `apps/v1, Kind=Deployment`, as Go prints a type. */
function typeText(object: JsonObject): string {
  const version = typeof object['apiVersion'] === 'string' ? object['apiVersion'] : '';
  const kind = typeof object['kind'] === 'string' ? object['kind'] : '';
  const parts = version.split('/');
  const shown = parts.length > 2 || version === '' ? '/' : parts.length === 2 ? version : `/${version}`;
  return `${shown}, Kind=${kind}`;
}

function refuseProblems(kind: ManagedKind, configuration: JsonObject): void {
  const { kind: _kind, apiVersion: _apiVersion, ...content } = configuration;
  const problems = configurationProblems(kind.shape, content);
  if (problems.length === 0) return;
  const metadata = isJsonObject(content['metadata']) ? content['metadata'] : {};
  const { name, namespace } = metadata;
  const object = `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`;
  const text = problems.length === 1 ? problems.join('') : ['errors:', ...problems.map((p) => `  ${p}`)].join('\n');
  const message = `failed to create typed patch object (${object}; ${typeText(configuration)}): ${text}`;
  throw new StatusError(failure(500, undefined, message));
}

/** The owners of what is there; without any, everything is attributed to one. */
function ownersBefore(kind: ManagedKind, { now }: FieldWriter, live: KubeObject | undefined): Owners {
  const owners = decodeOwners(live?.metadata.managedFields ?? []) ?? NO_OWNERS;
  if (live === undefined || owners.size > 0) return owners;
  return ownersAfterUpdate(kind, { manager: BEFORE_FIRST_APPLY, now }, owners, undefined, live);
}

interface Merged {
  readonly live: JsonObject;
  readonly object: JsonObject;
  readonly owners: Owners;
  /** The id of the applying owner. */
  readonly self: string;
}

const METADATA_ITSELF = fieldSetOf([[fieldElement('metadata')]]);

function mergeAndPrune(
  kind: ManagedKind,
  { manager, configuration }: Application,
  live: KubeObject | undefined,
  before: Owners,
): Merged {
  const { apiVersion, subresource } = kind;
  const { kind: _kind, apiVersion: _apiVersion, ...content } = configuration;
  const identity: ManagerIdentity = { manager, operation: 'Apply', apiVersion, subresource };
  const self = ownerId(identity);
  const last = before.get(self);
  const fields = difference(extractFields(kind.shape, content, kind.ignored), METADATA_ITSELF);
  const own: Owner = last?.apiVersion === apiVersion ? withFields(last, fields) : { ...identity, fields };
  const owners = new Map(before);
  if (isEmptySet(fields)) owners.delete(self);
  else owners.set(self, own);
  const was = live === undefined ? emptyMessage(kind.schema) : withoutManagedFields(contentOf(live));
  const merged = mergeValues(kind.shape, was, content);
  const pruned = prune(kind, merged, last?.fields ?? NO_FIELDS, owners);
  // an object has metadata, and mergeValues makes an object of two
  return { live: was, object: (pruned ?? {}) as JsonObject, owners, self };
}

function withoutManagedFields(content: JsonObject): JsonObject {
  if (!isJsonObject(content['metadata'])) return content;
  const { managedFields: _managed, ...metadata } = content['metadata'];
  return { ...content, metadata };
}

/** Removes what was applied last time, is not applied now, and is owned by nobody. */
function prune({ shape, apiVersion }: ManagedKind, merged: unknown, last: FieldSet, owners: Owners): unknown {
  if (isEmptySet(last)) return merged;
  let owned: FieldSet = NO_FIELDS;
  for (const owner of owners.values()) if (owner.apiVersion === apiVersion) owned = union(owned, owner.fields);
  const applied = withNamedFields(shape, last);
  const held = withNamedFields(shape, owned);
  if (isEmptySet(difference(applied, held))) return merged;
  const all = withNamedFields(shape, extractFields(shape, merged));
  const fieldsOf = (value: unknown): FieldSet => withNamedFields(shape, extractFields(shape, value));
  const pruned = removeFields(shape, merged, applied);
  // what others own comes back, and then what was there before the applier: what is below of its items
  const restored = removeFields(shape, merged, difference(all, union(fieldsOf(pruned), held)));
  return removeFields(shape, merged, intersection(difference(all, fieldsOf(restored)), applied));
}

function refuseConflicts(
  kind: ManagedKind,
  { manager }: FieldWriter,
  live: KubeObject | undefined,
  conflicts: readonly Conflict[],
): void {
  if (conflicts.length === 0) return;
  // kubectl takes over from itself: what its client-side apply wrote, and nobody changed
  const allowed = manager === KUBECTL && live !== undefined ? lastAppliedFields(kind, live) : NO_FIELDS;
  const left = conflicts
    .map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (left.length > 0) throw applyConflict(left);
}
