import {
  assertKnownFields,
  exactFieldValue,
  type FieldSelector,
  matchesFields,
  parseFieldSelector,
} from '../../kube/field-selector.js';
import { type FieldError, forbiddenField, notSupported } from '../../kube/field-error.js';
import { type LabelSelector, matchesLabels, parseLabelSelector } from '../../kube/label-selector.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import type { Resource } from '../../registry/resource.js';
import type { ListQuery, ObjectFilter, WatchQuery } from '../../registry/resource-store.js';
import type { Query } from '../routing/query.js';
import type { ResourceRequest } from '../routing/request-info.js';
import { parseInt64 } from './parse-int64.js';
import { invalidOptions } from './write-options.js';

const EVERYTHING: ObjectFilter<KubeObject> = { matches: () => true, everything: true };

/** The list that a request asks for. Throws 400 for what cannot be read and 422 for what does not fit together. */
export function parseListQuery(info: ResourceRequest, resource: Resource): ListQuery<KubeObject> {
  const { query } = info;
  const namespace = resource.namespaced ? info.namespace : '';
  if (query.raw === '') return { namespace, filter: EVERYTHING, resourceVersion: '', resourceVersionMatch: '' };
  const { limit } = parseNumbers(query);
  const selectors = parseSelectors(query);
  const token = query.get('continue');
  const resourceVersion = query.get('resourceVersion');
  const match = query.get('resourceVersionMatch');
  const errors = matchProblems(resourceVersion, match, token);
  if (query.has('sendInitialEvents')) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  return {
    namespace,
    ...selection(info, resource, selectors),
    resourceVersion,
    resourceVersionMatch: match,
    ...(limit > 0 ? { limit } : {}),
    ...(token === '' ? {} : { continue: token }),
  };
}

/** What a watch asks for, besides what to watch. */
export interface WatchOptions {
  readonly query: WatchQuery<KubeObject>;
  /** 0 = the client leaves it to the server. */
  readonly timeoutSeconds: number;
}

/** The watch that a request asks for, with the same refusals. */
export function parseWatchQuery(info: ResourceRequest, resource: Resource): WatchOptions {
  const { query } = info;
  const { timeoutSeconds } = parseNumbers(query);
  const selectors = parseSelectors(query);
  const match = query.get('resourceVersionMatch');
  const initial = query.flag('sendInitialEvents');
  const errors = watchMatchProblems(initial, match, query.get('continue'));
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  return {
    timeoutSeconds,
    query: {
      namespace: resource.namespaced ? info.namespace : '',
      ...selection(info, resource, selectors),
      resourceVersion: query.get('resourceVersion'),
      resourceVersionMatch: match,
      allowBookmarks: query.flag('allowWatchBookmarks') ?? false,
      ...(initial === undefined ? {} : { sendInitialEvents: initial }),
    },
  };
}

/** Every number of the options, whether or not it matters for this request. */
function parseNumbers(query: Query): { readonly timeoutSeconds: number; readonly limit: number } {
  const number = (name: string): number => (query.has(name) ? parseInt64(query.get(name)) : 0);
  return { timeoutSeconds: number('timeoutSeconds'), limit: number('limit') };
}

/** Label and field selectors as they came. */
interface Selectors {
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
}

function parseSelectors(query: Query): Selectors {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  return {
    labels: labels === '' ? [] : parseLabelSelector(labels),
    fields: fields === '' ? [] : parseFieldSelector(fields),
  };
}

function matchProblems(resourceVersion: string, match: string, token: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (match === '') return errors;
  if (resourceVersion === '') {
    errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (token !== '') errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided'));
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbiddenField(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function watchMatchProblems(initial: boolean | undefined, match: string, token: string): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'resourceVersionMatch';
  if (initial !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenField(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match === '') return errors;
  if (initial === undefined) {
    const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbiddenField(field, detail));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']));
  if (token !== '') errors.push(forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}

interface Selection {
  readonly name?: string;
  readonly filter: ObjectFilter<KubeObject>;
}

/** Selectors as a filter, and the one name that they, or the path of a watch, leave. */
function selection(info: ResourceRequest, resource: Resource, { labels, fields }: Selectors): Selection {
  const pinned = info.watchPath && info.name !== '' ? info.name : undefined;
  const everything = labels.length === 0 && fields.length === 0;
  if (everything) return { ...(pinned === undefined ? {} : { name: pinned }), filter: EVERYTHING };
  assertKnownFields(fields, knownFields(resource), resource.unknownFieldText);
  const selected = exactFieldValue(fields, 'metadata.name');
  if (pinned !== undefined && fields.length > 0 && selected !== pinned) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  const name = pinned ?? selected;
  const matches = (object: KubeObject): boolean =>
    matchesLabels(labels, object.metadata.labels) && matchesFields(fields, (field) => fieldOf(resource, object, field));
  return { ...(name === undefined ? {} : { name }), filter: { matches, everything } };
}

const known = new WeakMap<Resource, readonly string[]>();

function knownFields(resource: Resource): readonly string[] {
  let fields = known.get(resource);
  if (fields === undefined) {
    fields = ['metadata.name', 'metadata.namespace', ...Object.keys(resource.selectableFields ?? {})];
    known.set(resource, fields);
  }
  return fields;
}

function fieldOf(resource: Resource, object: KubeObject, field: string): string {
  if (field === 'metadata.name') return object.metadata.name ?? '';
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return resource.selectableFields?.[field]?.(object) ?? '';
}
