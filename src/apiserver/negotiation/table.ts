import { apiVersionOf, type KubeObject, type ListMeta } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import type { UnixSeconds } from '../../base/clock.js';
import type { Cell, Column, Resource, RowCondition } from '../../registry/resource.js';

/** How much of each object a Table carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** meta.k8s.io Table. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly TableColumn[] | null;
  readonly rows: readonly TableRow[];
}

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly RowCondition[];
  readonly object: object | null;
}

/** Reads `includeObject`; anything but the three values is 400. */
export function parseIncludeObject(text: string): IncludeObject {
  switch (text) {
    case '':
    case 'Metadata':
      return 'Metadata';
    case 'None':
    case 'Object':
      return text;
    default:
      throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
  }
}

/** What a Table is made with. */
export interface TableForm {
  readonly version: 'v1' | 'v1beta1';
  readonly includeObject: IncludeObject;
  readonly now: UnixSeconds;
}

const definitions = new WeakMap<readonly Column[], readonly TableColumn[]>();

function definitionsOf(columns: readonly Column[]): readonly TableColumn[] {
  let known = definitions.get(columns);
  if (known === undefined) {
    known = columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    }));
    definitions.set(columns, known);
  }
  return known;
}

/** Objects of one resource as rows, as `kubectl get` shows them. */
export function tableOf(resource: Resource, items: readonly KubeObject[], metadata: ListMeta, form: TableForm): Table {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${form.version}`,
    metadata,
    columnDefinitions: definitionsOf(resource.columns),
    rows: items.map((item) => rowOf(resource, item, form)),
  };
}

/** A watch event as a Table of one row; only the first one of a stream says what the columns are. */
export function tableEvent(
  resource: Resource,
  object: KubeObject,
  bookmark: boolean,
  first: boolean,
  form: TableForm,
): Table {
  const version = object.metadata.resourceVersion;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${form.version}`,
    metadata: version === undefined ? {} : { resourceVersion: version },
    columnDefinitions: first ? definitionsOf(resource.columns) : null,
    rows: [
      bookmark
        ? { cells: resource.columns.map(emptyCell), object: rowObject(resource, object, form) }
        : rowOf(resource, object, form),
    ],
  };
}

function rowOf(resource: Resource, item: KubeObject, form: TableForm): TableRow {
  const condition = resource.rowCondition?.(item);
  return {
    cells: resource.cells(item, form.now),
    ...(condition === undefined ? {} : { conditions: [condition] }),
    object: rowObject(resource, item, form),
  };
}

function emptyCell(column: Column): Cell {
  return column.type === 'integer' ? 0 : '';
}

function rowObject(resource: Resource, item: KubeObject, form: TableForm): object | null {
  switch (form.includeObject) {
    case 'None':
      return null;
    case 'Metadata':
      return partialMetadataOf(item, form.version);
    case 'Object':
      return withType(item, resource);
  }
}

/** An object with nothing but its metadata. */
export function partialMetadataOf(object: KubeObject, version: 'v1' | 'v1beta1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** An object that says what it is; items of lists do not. */
export function withType(
  object: KubeObject,
  of: { readonly group: string; readonly version: string; readonly kind: string },
): KubeObject {
  if (object.kind !== undefined && object.apiVersion !== undefined) return object;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return { kind: of.kind, apiVersion: apiVersionOf(of.group, of.version), ...rest };
}
