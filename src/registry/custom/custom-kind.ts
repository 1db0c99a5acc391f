import type { UnixSeconds } from '../../base/clock.js';
import type { FieldError } from '../../kube/field-error.js';
import { invalid } from '../../kube/field-error.js';
import { humanDuration } from '../../kube/human-duration.js';
import { dnsSubdomainProblems } from '../../kube/names.js';
import type { KubeObject } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import { parseTime } from '../../kube/time.js';
import { NAME_COLUMN } from '../columns.js';
import { equalValues } from '../../kube/equal-values.js';
import type { Cell, Column, Resource, Strategy, UpdateSubresource } from '../resource.js';
import { type JsonPath, parseJsonPath, valueAt } from './json-path.js';
import { validateStructure } from './validate-structure.js';
import { withDefaults } from './with-defaults.js';

/** A column that says where its value stands: the same in a CustomResourceDefinition. */
export interface PathColumn extends Column {
  /** Such as `.spec.mode`. */
  readonly path: string;
}

/**
 * A kind of ours: built into the embedded server, and a custom resource on a cluster. One description makes both, so
 * that both take, refuse, print and select the same. Every one has a spec, and a status that is written through
 * `/status` alone; none belongs to a namespace.
 */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly schema: MessageSchema;
  /** The spec never changes once it is made. */
  readonly immutableSpec: boolean;
  /** Paths into strings, besides `metadata.name`. */
  readonly selectableFields: readonly string[];
  /** Besides the name. */
  readonly columns: readonly PathColumn[];
}

/** What a changed spec of an immutable kind is told, here and by the definition's rule. */
export const IMMUTABLE = 'field is immutable';

/** A kind of ours has both. */
interface CustomObject extends KubeObject {
  readonly spec?: object;
  readonly status?: object;
}

/** Rules that the schema cannot say; they see only what the schema has nothing against. */
export type FurtherRules<T> = (object: T) => readonly FieldError[];

/** A kind of ours as the embedded server serves it: as kube-apiserver serves a custom resource. */
export function createCustomResource<T extends CustomObject>(
  kind: CustomKind,
  furtherRules: FurtherRules<T> = () => [],
): Resource<T> {
  const { group, version, resource, singular, shortNames, categories, schema } = kind;
  const paths = kind.columns.map((column) => ({ column, path: parseJsonPath(column.path) }));
  const validate = (object: T): readonly FieldError[] => {
    const errors = validateStructure(schema, object);
    return errors.length > 0 ? errors : furtherRules(object);
  };
  return {
    group,
    version,
    kind: kind.kind,
    resource,
    singular,
    namespaced: false,
    shortNames,
    categories,
    schema,
    keyPrefix: `/registry/${group}/${resource}/`, // as kube-apiserver lays out what a definition defines
    strategy: mainStrategy(kind, validate),
    subresources: { status: statusSubresource(schema) },
    selectableFields: Object.fromEntries(
      kind.selectableFields.map((field): [string, (object: T) => string] => {
        const path = parseJsonPath(`.${field}`);
        return [field, (object) => textOf(valueAt(path, object))];
      }),
    ),
    unknownFieldText: 'plain',
    columns: [NAME_COLUMN, ...kind.columns],
    cells: (object, now) => [
      object.metadata.name ?? '',
      ...paths.map(({ column, path }) => cellOf(column, path, object, now)),
    ],
    deleteAnswer: 'status',
  };
}

function mainStrategy<T extends CustomObject>(
  { schema, immutableSpec }: CustomKind,
  validate: FurtherRules<T>,
): Strategy<T> {
  return {
    nameProblems: dnsSubdomainProblems,
    createOnUpdate: false,
    unconditionalUpdate: false,
    countsGenerations: true,
    setDefaults: (object) => withDefaults(schema, object),
    prepareForCreate: (object) => withStatus(object, undefined),
    validate,
    prepareForUpdate: (next, previous) => withStatus(next, previous.status),
    validateUpdate: (next, previous) => {
      // What was taken once stays: a label can be set, and a finalizer taken away, whatever the rules are by now.
      if (equalValues(next.spec, previous.spec)) return [];
      return immutableSpec
        ? [...validateStructure(schema, next), invalid('spec', 'object', IMMUTABLE)]
        : validate(next);
    },
  };
}

/** `/status` changes the status, and nothing else: not even metadata. */
function statusSubresource<T extends CustomObject>(schema: MessageSchema): UpdateSubresource<T> {
  return {
    kind: 'update',
    table: true,
    verbs: ['get', 'patch', 'update'],
    unconditionalUpdate: false,
    prepareForUpdate: (next, previous) => withStatus(previous, next.status),
    validateUpdate: (next) => validateStructure(schema, next),
  };
}

function withStatus<T extends CustomObject>(object: T, status: object | undefined): T {
  const { status: _status, ...rest } = object;
  // The same object but for its status, which comes from another object of the kind.
  return (status === undefined ? rest : { ...rest, status }) as T;
}

/** A value as kube-apiserver prints it in a column: text as it is, lists as JSON, times as their age. */
function cellOf({ type }: Column, path: JsonPath, object: object, now: UnixSeconds): Cell {
  const value = valueAt(path, object);
  if (value === undefined || value === null) return null;
  if (type === 'date') {
    const time = parseTime(textOf(value));
    return time === undefined ? '<unknown>' : humanDuration((now - time) * 1000);
  }
  return type === 'integer' && typeof value === 'number' ? value : textOf(value);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
