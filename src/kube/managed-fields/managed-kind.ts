import type { MessageSchema } from '../schema.js';
import { type FieldSet, fieldSetOf, NO_FIELDS, union } from './field-set.js';
import { fieldElement } from './path-element.js';
import { shapeOfObject, type ValueShape } from './value-shape.js';

/** What the ownership of fields needs to know of a kind, as one endpoint serves it. */
export interface ManagedKind {
  readonly schema: MessageSchema;
  readonly shape: ValueShape;
  readonly kind: string;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Paths that nobody owns through this endpoint, with all that is below. */
  readonly ignored: FieldSet;
}

/** Metadata that only the server writes. */
const SYSTEM_FIELDS = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
].map((name) => `metadata.${name}`);

const system = setOfPaths(SYSTEM_FIELDS);

/** A kind of which nobody owns `resetFields` (`status.conditions`), since the endpoint never takes them from a writer. */
export function managedKind(
  of: Pick<ManagedKind, 'schema' | 'kind' | 'apiVersion' | 'subresource'>,
  resetFields: readonly string[],
): ManagedKind {
  const ignored = resetFields.length === 0 ? system : union(system, setOfPaths(resetFields));
  return { ...of, shape: shapeOfObject(of.schema), ignored };
}

function setOfPaths(paths: readonly string[]): FieldSet {
  return paths.length === 0 ? NO_FIELDS : fieldSetOf(paths.map((path) => path.split('.').map(fieldElement)));
}

/** Who writes, and when. */
export interface FieldWriter {
  readonly manager: string;
  /** RFC 3339. */
  readonly now: string;
}
