import { failure, type StatusCause, StatusError } from '../status.js';
import { type FieldSet, pathsOf } from './field-set.js';
import type { ManagerIdentity } from './owners.js';
import { showPath } from './path-element.js';

/** Fields that somebody else owns, and that an apply would change. */
export interface Conflict {
  readonly owner: ManagerIdentity;
  readonly fields: FieldSet;
}

/** 409 for an apply that would change what others own; it names every field and owner. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const found = conflicts
    .map(({ owner, fields }) => ({ manager: showManager(owner), paths: pathsOf(fields).map(showPath) }))
    .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0));
  const causes: readonly StatusCause[] = found.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  const [first] = causes;
  const message =
    causes.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: ${first.message ?? ''}: ${first.field ?? ''}`
      : `Apply failed with ${causes.length} conflicts: ${found.flatMap(linesOf).join('\n')}`;
  return new StatusError(failure(409, 'Conflict', message, { causes }));
}

function linesOf({ manager, paths }: { readonly manager: string; readonly paths: readonly string[] }): string[] {
  return [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)];
}

function showManager({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  const through = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${through}${using}`;
}
