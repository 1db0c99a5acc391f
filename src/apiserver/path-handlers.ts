import type { ApiResponse } from '../kube/exchange.js';
import { methodNotAllowed, resourceNotFound } from '../kube/status.js';
import type { Discovery } from './discovery/discovery.js';
import type { ExtraRoute } from './extra-route.js';
import { HEALTH_ROOTS, type HealthEndpoints, type HealthRoot } from './health/health-endpoints.js';
import { type MetricSource, metricsText } from './metrics/metric-family.js';
import type { ProcessMetrics } from './metrics/process-metrics.js';
import { parseAccept } from './negotiation/accept.js';
import { negotiate, type Offer } from './negotiation/negotiate.js';
import type { DocumentRequest, OpenApiAnswer } from './openapi/built-document.js';
import type { OpenApi } from './openapi/openapi.js';
import { headerOf } from './request-headers.js';
import { headersOf, jsonBytes, respondBytes, respondText, respondValue } from './responses/respond.js';
import type { MaybePromise } from '../registry/resource.js';
import type { PathRequest } from './routing/request-info.js';
import type { ServedRequest } from './served-request.js';
import type { VersionInfo } from './version-info.js';

/** What the paths that are no resource are answered from. */
export interface PathParts {
  readonly health: HealthEndpoints;
  /** Made when first asked for, as the documents are. */
  readonly discovery: () => Discovery;
  readonly openApi: () => OpenApi;
  readonly version: VersionInfo;
  readonly metrics: readonly MetricSource[];
  readonly processMetrics: ProcessMetrics;
  readonly routes: readonly ExtraRoute[];
  readonly advertisedAddress: () => string;
  /** Of every group and version, such as `/apis/certificates.k8s.io/v1`. */
  readonly apiPaths: readonly string[];
}

const DOCUMENT: Offer = { shape: 'document', table: false, partialMetadata: false };

type PathHandler = (served: ServedRequest<PathRequest>) => MaybePromise<ApiResponse>;

/** Answers a request whose path is no resource: discovery, documents, health, metrics, and what the server adds. */
export async function answerPath(parts: PathParts, served: ServedRequest<PathRequest>): Promise<ApiResponse> {
  const { path, method } = served.info;
  const clean = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const handler = handlerFor(parts, clean, clean.slice(1).split('/'));
  if (handler === undefined) return notFoundText(served);
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  return handler(served);
}

/** 404 for a path that nobody knows. */
export function notFoundText(served: ServedRequest): ApiResponse {
  return respondText(served, 404, '404 page not found\n');
}

function handlerFor(parts: PathParts, path: string, segments: readonly string[]): PathHandler | undefined {
  const extra = parts.routes.find((route) => route.path === path);
  if (extra !== undefined) return async (served) => extraAnswer(served, await extra.handle(served.request));
  const [first = '', second = '', third = ''] = segments;
  const health = HEALTH_ROOTS.find((root) => root === first);
  if (health !== undefined) return (served) => answerHealth(parts, served, health, segments.slice(1).join('/'));
  switch (first) {
    case '':
      return path === '/' ? (served) => answerDocument(served, { paths: allPaths(parts) }) : undefined;
    case 'version':
      return segments.length === 1
        ? (served) => respondBytes(served, 200, 'application/json', jsonBytes(parts.version, 2))
        : undefined;
    case 'metrics':
      return segments.length === 1 ? (served) => answerMetrics(parts, served) : undefined;
    case 'api':
      if (segments.length === 1) return (served) => answerGroups(parts, served, 'core');
      return segments.length === 2 ? (served) => answerResources(parts, served, '', second) : undefined;
    case 'apis':
      if (segments.length === 1) return (served) => answerGroups(parts, served, 'groups');
      if (segments.length === 2) return groupHandler(parts, second);
      return segments.length === 3 && parts.discovery().group(second) !== undefined
        ? (served) => answerResources(parts, served, second, third)
        : undefined;
    case 'openapi':
      return openApiHandler(parts, segments.slice(1));
    default:
      return undefined;
  }
}

function groupHandler(parts: PathParts, name: string): PathHandler | undefined {
  const group = parts.discovery().group(name);
  return group === undefined ? undefined : (served) => answerDocument(served, group);
}

function openApiHandler(parts: PathParts, [version, ...rest]: readonly string[]): PathHandler | undefined {
  const path = rest.join('/');
  if (version === 'v2' && path === '') {
    return (served) => openApiAnswer(served, parts.openApi().swagger(documentRequest(served)));
  }
  if (version !== 'v3') return undefined;
  if (path === '') return (served) => openApiAnswer(served, parts.openApi().index(documentRequest(served)));
  return (served) => {
    const hash = served.info.query.has('hash') ? served.info.query.get('hash') : undefined;
    return openApiAnswer(served, parts.openApi().document(path, hash, documentRequest(served)));
  };
}

function documentRequest({ accept, request: { headers } }: ServedRequest): DocumentRequest {
  const ifNoneMatch = headerOf(headers, 'if-none-match');
  const ifModifiedSince = headerOf(headers, 'if-modified-since');
  return {
    accept,
    ...(ifNoneMatch === '' ? {} : { ifNoneMatch }),
    ...(ifModifiedSince === '' ? {} : { ifModifiedSince }),
  };
}

function openApiAnswer(served: ServedRequest, { status, headers, body }: OpenApiAnswer): MaybePromise<ApiResponse> {
  return respondBytes(served, status, headers['content-type'] ?? 'application/json', body, headers);
}

/** `/api` and `/apis`: aggregated for clients that ask for it before anything else, else the old documents. */
function answerGroups(
  parts: PathParts,
  served: ServedRequest<PathRequest>,
  root: 'core' | 'groups',
): MaybePromise<ApiResponse> {
  if (wantsAggregated(served.accept)) {
    const { body, etag, contentType } = parts.discovery().aggregated(root);
    const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
    if (headerOf(served.request.headers, 'if-none-match') === etag)
      return respondBytes(served, 304, contentType, new Uint8Array(0), headers);
    return respondBytes(served, 200, contentType, body, headers);
  }
  const document =
    root === 'core' ? parts.discovery().legacyVersions(parts.advertisedAddress()) : parts.discovery().groups();
  return answerDocument(served, document);
}

/** Whether the first choice that the server has is the aggregated document. */
function wantsAggregated(accept: string): boolean {
  if (!accept.includes('APIGroupDiscoveryList')) return false;
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    const json = type === 'application' && (subtype === 'json' || subtype === '*');
    if (!json && type !== '*') continue;
    const as = parameters.get('as') ?? '';
    if (as === '') return false;
    if (
      as === 'APIGroupDiscoveryList' &&
      parameters.get('g') === 'apidiscovery.k8s.io' &&
      parameters.get('v') === 'v2'
    ) {
      return true;
    }
  }
  return false;
}

function answerResources(
  parts: PathParts,
  served: ServedRequest<PathRequest>,
  group: string,
  version: string,
): MaybePromise<ApiResponse> {
  const resources = parts.discovery().resources(group, version);
  if (resources === undefined) throw resourceNotFound();
  return answerDocument(served, resources);
}

/** A document that has only a JSON and a YAML form. */
function answerDocument(served: ServedRequest, document: object): MaybePromise<ApiResponse> {
  return respondValue(served, 200, document, undefined, negotiate(served.accept, DOCUMENT));
}

async function answerHealth(
  parts: PathParts,
  served: ServedRequest<PathRequest>,
  root: HealthRoot,
  name: string,
): Promise<ApiResponse> {
  const answer = await parts.health.answer(root, name, served.info.query);
  return answer === undefined ? notFoundText(served) : respondText(served, answer.status, answer.text);
}

async function answerMetrics(parts: PathParts, served: ServedRequest): Promise<ApiResponse> {
  const own = metricsText(parts.metrics.flatMap((source) => source.collect()));
  const text = own + (await parts.processMetrics.text());
  return respondBytes(served, 200, 'text/plain; version=0.0.4; charset=utf-8', Buffer.from(text));
}

function extraAnswer(served: ServedRequest, answer: ApiResponse): ApiResponse {
  return { ...answer, headers: { ...headersOf(served, 'application/json'), ...answer.headers } };
}

function allPaths(parts: PathParts): readonly string[] {
  return [
    '/api',
    '/apis',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/version',
    ...parts.apiPaths,
    ...parts.health.paths(),
    ...parts.routes.map((route) => route.path),
  ].sort();
}
