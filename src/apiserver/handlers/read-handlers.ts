import type { ApiResponse } from '../../kube/exchange.js';
import type { MaybePromise, Resource, Subresource } from '../../registry/resource.js';
import type { ObjectKey } from '../../registry/resource-store.js';
import { badRequest } from '../../kube/status.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { parseListQuery } from '../bodies/list-options.js';
import { negotiate, type Offer } from '../negotiation/negotiate.js';
import { respondList, respondObject } from '../responses/respond.js';
import type { ResourceRequest } from '../routing/request-info.js';
import type { ServedRequest } from '../served-request.js';
import type { ServedResource } from '../served-resource.js';

/** An object with every transformation. */
export const OBJECT_OFFER: Offer = { shape: 'object', table: true, partialMetadata: true };
/** An object without a Table. */
export const NO_TABLE_OFFER: Offer = { shape: 'object', table: false, partialMetadata: true };
const LIST_OFFER: Offer = { shape: 'list', table: true, partialMetadata: true };

/** What a request for an object, or for its subresource, can be answered with. */
export function offerFor(subresource: Subresource<KubeObject> | undefined): Offer {
  return subresource?.kind === 'update' && !subresource.table ? NO_TABLE_OFFER : OBJECT_OFFER;
}

/** The key of the object that a path names. */
export function keyOf(info: ResourceRequest, resource: Resource): ObjectKey {
  return { namespace: resource.namespaced ? info.namespace : '', name: info.name };
}

/** GET of an object, or of a subresource that shows it. */
export async function getObject(
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
  subresource: Subresource<KubeObject> | undefined,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, offerFor(subresource));
  if (served.info.query.flag('export') === true) {
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  }
  const version = served.info.query.get('resourceVersion');
  const object = await store.get(keyOf(served.info, resource), version);
  return respondObject(served, 200, object, resource, form);
}

/** GET of a collection. */
export async function listObjects(
  served: ServedRequest<ResourceRequest>,
  { resource, store }: ServedResource,
): Promise<ApiResponse> {
  const form = negotiate(served.accept, LIST_OFFER);
  const list = await store.list(parseListQuery(served.info, resource));
  return respondListOf(served, list, resource, form);
}

/** Answers with what a store listed. */
export function respondListOf(
  served: ServedRequest<ResourceRequest>,
  list: Awaited<ReturnType<ServedResource['store']['list']>>,
  resource: Resource,
  form: ReturnType<typeof negotiate>,
): MaybePromise<ApiResponse> {
  return respondList(served, 200, list.items, list.metadata, resource, form);
}
