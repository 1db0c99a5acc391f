import type { ManagedFieldsEntry } from '../object-meta.js';
import { equalSets, type FieldSet, isEmptySet, union } from './field-set.js';
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.js';

/** How fields came to their owner. */
export type Operation = 'Apply' | 'Update';

/** Whose a set of fields is. */
export interface ManagerIdentity {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** One owner, and what it owns. */
export interface Owner extends ManagerIdentity {
  readonly fields: FieldSet;
  /** RFC 3339; absent where nobody said. */
  readonly time?: string;
  /** The entry it was read from, as long as it says the same. */
  readonly entry?: ManagedFieldsEntry;
}

/** The owners of an object's fields, by `ownerId`. */
export type Owners = ReadonlyMap<string, Owner>;

/** Nobody owns anything. */
export const NO_OWNERS: Owners = new Map();

/** Fewer owners by update are told apart; what the oldest of more own is put together. */
export const MAX_UPDATERS = 10;

const ANCIENT = 'ancient-changes';

/** What tells owners apart: appliers have one set in whatever version they wrote last. */
export function ownerId({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  return JSON.stringify([manager, operation, operation === 'Update' ? apiVersion : '', subresource]);
}

/** Reads the entries of an object; undefined where one cannot be read. */
export function decodeOwners(entries: readonly ManagedFieldsEntry[]): Owners | undefined {
  const owners = new Map<string, Owner>();
  for (const entry of entries) {
    const { manager = '', operation, apiVersion = '', subresource = '', time } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    if (apiVersion === '' || entry.fieldsType !== 'FieldsV1') return undefined;
    const fields = parseFieldsV1(entry.fieldsV1 ?? {});
    if (fields === undefined) return undefined;
    const owner: Owner = {
      manager,
      operation,
      apiVersion,
      subresource,
      fields,
      entry,
      ...(typeof time === 'string' ? { time } : {}),
    };
    owners.set(ownerId(owner), owner);
  }
  return owners;
}

/** Writes owners as entries: appliers first, then by time, name, version and subresource. */
export function encodeOwners(owners: Owners): readonly ManagedFieldsEntry[] {
  return [...owners.values()]
    .filter(({ fields }) => !isEmptySet(fields))
    .sort(compareOwners)
    .map((owner) => owner.entry ?? entryOf(owner));
}

function entryOf({ manager, operation, apiVersion, time, fields, subresource }: Owner): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: formatFieldsV1(fields),
    ...(subresource === '' ? {} : { subresource }),
  };
}

function compareOwners(a: Owner, b: Owner): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The owner with other fields, and with another time where one is given. */
export function withFields(owner: Owner, fields: FieldSet, time: string | undefined = owner.time): Owner {
  if (time === owner.time && equalSets(owner.fields, fields)) return owner;
  const { entry: _entry, time: _time, ...rest } = owner;
  return { ...rest, fields, ...(time === undefined ? {} : { time }) };
}

/** Whether the same owners own the same fields, whenever that was. */
export function sameOwnership(a: Owners, b: Owners): boolean {
  if (a.size !== b.size) return false;
  for (const [id, { fields }] of a) {
    const other = b.get(id);
    if (other === undefined || !equalSets(fields, other.fields)) return false;
  }
  return true;
}

/** Puts the oldest owners by update together, one for each version, until few enough remain. */
export function capUpdaters(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update');
  let left = updaters.length;
  if (left <= MAX_UPDATERS) return owners;
  updaters.sort(([a, x], [b, y]) => compareTexts(x.time ?? '', y.time ?? '') || compareTexts(a, b));
  const capped = new Map(owners);
  const firstOf = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (left <= MAX_UPDATERS) break;
    const first = firstOf.get(owner.apiVersion);
    if (first === undefined) {
      firstOf.set(owner.apiVersion, id);
      continue;
    }
    const { apiVersion, time } = owner;
    const identity: ManagerIdentity = { manager: ANCIENT, operation: 'Update', apiVersion, subresource: '' };
    const bucket = ownerId(identity);
    const gathered = capped.get(bucket) ?? capped.get(first);
    if (!capped.has(bucket)) capped.delete(first);
    if (id !== bucket) capped.delete(id);
    const fields = gathered === undefined ? owner.fields : union(gathered.fields, owner.fields);
    capped.set(bucket, { ...identity, fields, ...(time === undefined ? {} : { time }) });
    left--;
  }
  return capped;
}
