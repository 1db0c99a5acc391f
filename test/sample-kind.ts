import { sampleSchema } from './sample-schema.js';
import { decodeObject } from '../src/kube/decode-json.js';
import type { KubeObject } from '../src/kube/object-meta.js';
import { type ManagedKind, managedKind } from '../src/kube/managed-fields/managed-kind.js';
import { resolveApply } from '../src/kube/managed-fields/resolve-apply.js';
import { trackUpdate } from '../src/kube/managed-fields/track-update.js';

/** The sample kind as the object itself is served: nobody owns its status. */
export const SAMPLE: ManagedKind = managedKind(
  { schema: sampleSchema, kind: 'Sample', apiVersion: 'example.io/v1', subresource: '' },
  ['status'],
);

/** The sample kind through its status. */
export const SAMPLE_STATUS: ManagedKind = managedKind(
  { schema: sampleSchema, kind: 'Sample', apiVersion: 'example.io/v1', subresource: 'status' },
  ['spec'],
);

/** What a test wants of a sample: its spec, labels and the like. */
export interface Wanted {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** A sample as a client writes it. */
export function sample(wanted: Wanted): Readonly<Record<string, unknown>> {
  return {
    kind: 'Sample',
    apiVersion: 'example.io/v1',
    ...wanted,
    metadata: { name: 's', ...wanted.metadata },
  };
}

/** A sample as it is stored. */
export function stored(json: unknown): KubeObject {
  return decodeObject(sampleSchema, 'Sample', json).object;
}

/** What an apply makes of an object, in the form in which it is stored. */
export function apply(
  live: KubeObject | undefined,
  manager: string,
  wanted: Wanted,
  more: { readonly force?: boolean; readonly now?: string; readonly kind?: ManagedKind } = {},
): KubeObject {
  const { force = false, now = '2026-01-01T00:00:00Z', kind = SAMPLE } = more;
  const applied = resolveApply(kind, { manager, force, now, configuration: sample(wanted) }, live);
  return withEntries(stored(applied.object), applied.managedFields);
}

/** What a create or an update makes of an object. */
export function update(
  live: KubeObject | undefined,
  manager: string,
  wanted: Wanted,
  more: { readonly now?: string; readonly kind?: ManagedKind } = {},
): KubeObject {
  const { now = '2026-01-01T00:00:00Z', kind = SAMPLE } = more;
  const next = stored(sample(wanted));
  return withEntries(next, trackUpdate(kind, { manager, now }, live, next));
}

function withEntries(
  object: KubeObject,
  managedFields: NonNullable<KubeObject['metadata']['managedFields']>,
): KubeObject {
  const { managedFields: _before, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
}

/** Who owns what: `Apply one: {"f:spec":{"f:count":{}}}`. */
export function ownership({ metadata }: KubeObject): readonly string[] {
  return (metadata.managedFields ?? []).map(
    ({ manager = '', operation = '', subresource, fieldsV1 }) =>
      `${operation} ${manager}${subresource === undefined ? '' : `/${subresource}`}: ${JSON.stringify(fieldsV1)}`,
  );
}
