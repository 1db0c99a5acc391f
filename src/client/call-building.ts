import { CountersignError } from '../base/error.js';
import { apiVersionOf, type KubeObject } from '../kube/object-meta.js';
import type { ApiCall } from './api-call.js';
import type {
  CallOptions,
  DeleteOptions,
  ListOptions,
  PatchKind,
  PatchOptions,
  ReadOptions,
  WatchOptions,
  WriteOptions,
} from './call-options.js';
import { pathOf, type ResourceType } from './resource-type.js';

type QueryValue = string | number | boolean | undefined;

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml', // JSON is YAML
};

/** `?a=1&b=2` of what is set; empty where nothing is. */
export function toQuery(values: Readonly<Record<string, QueryValue>>): string {
  let query = '';
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    query += `${query === '' ? '?' : '&'}${name}=${encodeURIComponent(String(value))}`;
  }
  return query;
}

/** The caller's signal, or a fresh one: a shared one would collect the listeners of every call. */
export function signalOf(options: CallOptions): AbortSignal {
  return options.signal ?? new AbortController().signal;
}

/** The media types of a read's answer. */
export function acceptOf(options: ReadOptions, kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string {
  const json = 'application/json';
  return options.metadataOnly === true ? `${json};as=${kind};g=meta.k8s.io;v=v1,${json}` : json;
}

/** The path of one object. Refuses (USAGE) a call without name, or without namespace where the resource has them. */
export function namedPath(
  resource: ResourceType,
  namespace: string | undefined,
  name: string | undefined,
  subresource = '',
): string {
  if (name === undefined || name === '') throw usage(resource, 'a name is required');
  if (resource.namespaced && (namespace === undefined || namespace === '')) {
    throw usage(resource, 'a namespace is required');
  }
  return pathOf(resource, namespace ?? '', name, subresource);
}

/** The path to which a new object is sent. */
export function collectionPath(resource: ResourceType, namespace: string | undefined): string {
  if (resource.namespaced && (namespace === undefined || namespace === '')) {
    throw usage(resource, 'a namespace is required');
  }
  return pathOf(resource, namespace ?? '');
}

function usage(resource: ResourceType, what: string): CountersignError<'USAGE'> {
  return new CountersignError('USAGE', `Cannot call the API: ${resource.resource}: ${what}`);
}

/** The object with kind and apiVersion, which the items of lists do not carry. */
export function typed<T extends KubeObject>(resource: ResourceType<T>, object: T): T {
  const apiVersion = apiVersionOf(resource.group, resource.version);
  if (object.kind === resource.kind && object.apiVersion === apiVersion) return object;
  return { ...object, apiVersion, kind: resource.kind };
}

/** The query of a write. */
export function writeQuery(options: WriteOptions, more: Readonly<Record<string, QueryValue>> = {}): string {
  return toQuery({
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    dryRun: options.dryRun === true ? 'All' : undefined,
    ...more,
  });
}

/** The query of a list, but for its page. */
export function listQuery(options: ListOptions): Readonly<Record<string, string | undefined>> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  };
}

/** The query of a watch, but `watch` itself. */
export function watchQuery(options: WatchOptions): Readonly<Record<string, QueryValue>> {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
    sendInitialEvents: options.sendInitialEvents,
    allowWatchBookmarks: options.allowWatchBookmarks,
    timeoutSeconds: options.timeoutSeconds,
  };
}

/** PUT of an object or of one of its subresources. */
export function updateCall<T extends KubeObject>(
  resource: ResourceType<T>,
  subresource: string,
  object: T,
  options: WriteOptions,
): ApiCall {
  return {
    method: 'PUT',
    target: namedPath(resource, object.metadata.namespace, object.metadata.name, subresource) + writeQuery(options),
    body: typed(resource, object),
    signal: signalOf(options),
  };
}

/** PATCH of an object or of one of its subresources. */
export function patchCall(resource: ResourceType, name: string, patch: object, options: PatchOptions): ApiCall {
  const { kind = 'merge', namespace, subresource } = options;
  return {
    method: 'PATCH',
    target: namedPath(resource, namespace, name, subresource) + writeQuery(options, { force: options.force }),
    contentType: PATCH_TYPES[kind],
    body: patch,
    signal: signalOf(options),
  };
}

/** DELETE of what `target` names. */
export function deleteCall(target: string, options: DeleteOptions): ApiCall {
  const { preconditions, propagationPolicy, gracePeriodSeconds, dryRun } = options;
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
  return { method: 'DELETE', target, body, signal: signalOf(options) };
}
