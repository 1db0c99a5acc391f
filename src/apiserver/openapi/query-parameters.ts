/** A query parameter as the documents describe it. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly type: 'boolean' | 'integer' | 'string';
}

function parameter(name: string, type: QueryParameter['type'], description: string): QueryParameter {
  return { name, type, description };
}

/** Of every operation. */
export const PRETTY: QueryParameter = parameter('pretty', 'string', 'Whether the answer is indented.');

const DRY_RUN = parameter('dryRun', 'string', 'All: do everything but store the result.');
const FIELD_MANAGER = parameter('fieldManager', 'string', 'Name of whoever makes this change.');
const FIELD_VALIDATION = parameter(
  'fieldValidation',
  'string',
  'What is done about unknown and doubled fields: Ignore, Warn or Strict.',
);

/** Of creates and updates. By `fieldValidation` kubectl recognises a server that validates. */
export const WRITE_PARAMETERS: readonly QueryParameter[] = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION];

/** Of patches. */
export const PATCH_PARAMETERS: readonly QueryParameter[] = [
  ...WRITE_PARAMETERS,
  parameter('force', 'boolean', 'Whether an apply takes over fields of other managers.'),
];

/** Of deletions. */
export const DELETE_PARAMETERS: readonly QueryParameter[] = [
  DRY_RUN,
  parameter('gracePeriodSeconds', 'integer', 'Seconds the object has to end by itself; 0 removes it at once.'),
  parameter('orphanDependents', 'boolean', 'Deprecated: whether objects that depend on this one stay.'),
  parameter('propagationPolicy', 'string', 'What happens to dependents: Orphan, Background or Foreground.'),
];

const SELECTORS: readonly QueryParameter[] = [
  parameter('fieldSelector', 'string', 'Only objects whose fields have these values.'),
  parameter('labelSelector', 'string', 'Only objects whose labels meet these conditions.'),
];

const PAGES: readonly QueryParameter[] = [
  parameter('continue', 'string', 'Token of the page before.'),
  parameter('limit', 'integer', 'At most this many objects in one answer.'),
  parameter('resourceVersion', 'string', 'Which version of the store the answer shows.'),
  parameter('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
];

/** Of lists and watches. */
export const LIST_PARAMETERS: readonly QueryParameter[] = [
  ...SELECTORS,
  ...PAGES,
  parameter('allowWatchBookmarks', 'boolean', 'Whether a watch may send bookmarks.'),
  parameter('sendInitialEvents', 'boolean', 'Whether a watch begins with the objects that are there.'),
  parameter('timeoutSeconds', 'integer', 'After how many seconds a watch ends.'),
  parameter('watch', 'boolean', 'Watch for changes instead of listing.'),
];

/** Of the deletion of many. */
export const DELETE_COLLECTION_PARAMETERS: readonly QueryParameter[] = [...SELECTORS, ...PAGES, ...DELETE_PARAMETERS];
