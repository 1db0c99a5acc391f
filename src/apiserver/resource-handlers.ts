import type { ApiResponse } from '../kube/exchange.js';
import { methodNotAllowed, resourceNotFound } from '../kube/status.js';
import { deleteObject, deleteObjects } from './handlers/delete-handlers.js';
import { patchObject } from './handlers/patch-handler.js';
import { getObject, listObjects } from './handlers/read-handlers.js';
import { watchObjects } from './handlers/watch-handler.js';
import { createObject, createReview, createThrough, updateObject } from './handlers/write-handlers.js';
import { notFoundText } from './path-handlers.js';
import type { ResourceRequest } from './routing/request-info.js';
import type { Route } from './routing/route-table.js';
import type { ServedRequest } from './served-request.js';
import type { ServerParts } from './server-parts.js';

/** Answers a permitted request for a resource: the method that its route takes, 405 for another, 404 for no route. */
export async function answerResource(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  route: Route,
): Promise<ApiResponse> {
  if (route.kind === 'unknown-group') return notFoundText(served);
  if (route.kind === 'unknown-resource') throw resourceNotFound();
  const { method, watchPath } = served.info;
  if (!route.methods.has(method) || (watchPath && method !== 'GET')) throw methodNotAllowed();
  if (route.kind === 'review') return createReview(parts, served, route.review);
  if (route.served.resource.deprecation !== undefined) served.warnings.add(route.served.resource.deprecation);
  if (watchPath) return watchObjects(parts, served, route.served);
  switch (route.kind) {
    case 'collection':
      return answerCollection(parts, served, route.served);
    case 'object':
      return answerObject(parts, served, route.served);
    case 'subresource': {
      const { subresource } = route;
      if (subresource.kind === 'create') return createThrough(parts, served, route.served, subresource);
      if (method === 'GET') return getObject(served, route.served, subresource);
      if (method === 'PUT') return updateObject(parts, served, route.served, subresource);
      return patchObject(parts, served, route.served, subresource);
    }
  }
}

type Target = Extract<Route, { kind: 'collection' }>['served'];

function answerCollection(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  target: Target,
): Promise<ApiResponse> {
  switch (served.info.method) {
    case 'POST':
      return createObject(parts, served, target);
    case 'DELETE':
      return deleteObjects(parts, served, target);
    default:
      return served.info.verb === 'watch' ? watchObjects(parts, served, target) : listObjects(served, target);
  }
}

function answerObject(
  parts: ServerParts,
  served: ServedRequest<ResourceRequest>,
  target: Target,
): Promise<ApiResponse> {
  switch (served.info.method) {
    case 'PUT':
      return updateObject(parts, served, target, undefined);
    case 'PATCH':
      return patchObject(parts, served, target, undefined);
    case 'DELETE':
      return deleteObject(parts, served, target);
    default:
      return getObject(served, target, undefined);
  }
}
