import { pathSegmentProblems } from '../../kube/names.js';
import { exactFieldValue, parseFieldSelector } from '../../kube/field-selector.js';
import { type Query, queryOf } from './query.js';

/** A request for a resource of the API, served or not. Empty strings where there is none. */
export interface ResourceRequest {
  readonly kind: 'resource';
  /** What it is authorised for: get, list, watch, create, update, patch, delete or deletecollection. */
  readonly verb: string;
  readonly method: string;
  readonly group: string;
  readonly version: string;
  /** From the path; for the Namespace `x` itself it is `x`, too. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** The name that permission is asked for: also one that a field selector pins. */
  readonly authorizedName: string;
  /** Whether the path goes on behind the subresource. */
  readonly tooLong: boolean;
  /** The deprecated form `/api/v1/watch/...`. */
  readonly watchPath: boolean;
  /** Decoded. */
  readonly path: string;
  readonly query: Query;
}

/** A request for any other path. The verb is the lower-case method. */
export interface PathRequest {
  readonly kind: 'path';
  readonly verb: string;
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly query: Query;
}

/** What a request is for. */
export type RequestInfo = ResourceRequest | PathRequest;

/** A Map, for HTTP/2 carries any method: `constructor` is one that every object knows. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/**
 * Takes a request target apart as the API server does: the path is percent-decoded as a whole and then split, so that
 * routing and permission see the same segments. Paths with doubled slashes or dot segments are no resource. Undefined
 * for a target that is badly encoded.
 */
export function requestInfo(method: string, target: string): RequestInfo | undefined {
  const origin = withoutOrigin(target);
  const mark = origin.indexOf('?');
  const encoded = mark < 0 ? origin : origin.slice(0, mark);
  const query = queryOf(mark < 0 ? '' : origin.slice(mark + 1));
  const path = decodePath(encoded);
  if (path === undefined) return undefined;
  const parts = splitPath(path);
  return (
    resourceRequest(method, path, parts, query) ?? { kind: 'path', verb: method.toLowerCase(), method, path, query }
  );
}

/** RFC 9112 §3.2.2: a target may come with scheme and authority, which say nothing here. */
function withoutOrigin(target: string): string {
  if (target.startsWith('/')) return target;
  const scheme = target.indexOf('://');
  if (scheme < 0) return target;
  const slash = target.indexOf('/', scheme + 3);
  return slash < 0 ? '/' : target.slice(slash);
}

function decodePath(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // a URIError, which is all that decodeURIComponent throws
  }
}

/** Segments without one slash at the start and one at the end; undefined where a segment is empty or of dots. */
function splitPath(path: string): readonly string[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  const parts = path.slice(1, Math.max(1, end)).split('/');
  for (const part of parts) if (part === '' || part === '.' || part === '..') return undefined;
  return parts;
}

function resourceRequest(
  method: string,
  path: string,
  parts: readonly string[] | undefined,
  query: Query,
): ResourceRequest | undefined {
  if (parts === undefined || parts.length < 3) return undefined;
  let at = 1;
  let group = '';
  if (parts[0] === 'apis') {
    if (parts.length < 4) return undefined;
    group = parts[1] ?? '';
    at = 2;
  } else if (parts[0] !== 'api') return undefined;
  const version = parts[at++] ?? '';
  const watchPath = parts[at] === 'watch' && at + 1 < parts.length;
  if (watchPath) at++;
  let namespace = '';
  if (parts[at] === 'namespaces' && at + 1 < parts.length) {
    namespace = parts[at + 1] ?? '';
    if (at + 2 < parts.length && !isNamespaceSubresource(parts[at + 2])) at += 2;
  }
  const name = parts[at + 1] ?? '';
  const verb = watchPath ? 'watch' : verbOf(method, name, query);
  return {
    kind: 'resource',
    verb,
    method,
    group,
    version,
    namespace,
    resource: parts[at] ?? '',
    subresource: parts[at + 2] ?? '',
    name,
    authorizedName: name === '' && (verb === 'list' || verb === 'watch') ? pinnedName(query) : name,
    tooLong: parts.length > at + 3,
    watchPath,
    path,
    query,
  };
}

/** Any other third segment under a namespace is a resource in it. */
function isNamespaceSubresource(segment: string | undefined): boolean {
  return segment === 'status' || segment === 'finalize';
}

function verbOf(method: string, name: string, query: Query): string {
  const verb = VERBS.get(method) ?? method.toLowerCase();
  if (name !== '') return verb;
  if (verb === 'get') return query.flag('watch') === true ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** An exact selector on the name lets a rule with `resourceNames` permit a list or watch of that one object. */
function pinnedName(query: Query): string {
  const text = query.get('fieldSelector');
  if (!text.includes('metadata.name')) return '';
  try {
    const name = exactFieldValue(parseFieldSelector(text), 'metadata.name') ?? '';
    return pathSegmentProblems(name).length === 0 ? name : '';
  } catch {
    return ''; // a selector that cannot be read is refused with its own error once the request is permitted
  }
}
