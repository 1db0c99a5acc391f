import type { KubeList, KubeObject } from '../kube/object-meta.js';
import { CountersignError } from '../base/error.js';
import type { ApiCall } from './api-call.js';
import { isExpired } from './api-failure.js';
import { acceptOf, listQuery, signalOf, toQuery } from './call-building.js';
import type { ListOptions } from './call-options.js';
import { pathOf, type ResourceType } from './resource-type.js';

const DEFAULT_PAGE_SIZE = 500;

/** Makes one call and answers the object it returns. */
export type Exchange = <T extends object>(call: ApiCall) => Promise<T>;

/** The pages of a list, all of one snapshot. A snapshot that is no longer kept ends it with 410. */
export async function* pagesOf<T extends KubeObject>(
  exchange: Exchange,
  resource: ResourceType<T>,
  options: ListOptions,
): AsyncIterable<KubeList<T>> {
  const path = pathOf(resource, options.namespace ?? '');
  const signal = signalOf(options);
  const accept = acceptOf(options, 'PartialObjectMetadataList');
  const { resourceVersion, resourceVersionMatch, ...selectors } = listQuery(options);
  const limit = options.pageSize ?? DEFAULT_PAGE_SIZE;
  // The token of a later page names the snapshot; a resourceVersion next to it is refused.
  let position: Readonly<Record<string, string | undefined>> = { resourceVersion, resourceVersionMatch };
  for (;;) {
    const query = toQuery({ ...selectors, ...position, limit: limit === 0 ? undefined : limit });
    const page = await exchange<RawList<T>>({ method: 'GET', target: path + query, accept, signal });
    const items = page.items ?? [];
    if (!Array.isArray(items)) {
      throw new CountersignError('CLIENT_PROTOCOL', `Cannot list ${resource.resource}: the answer has no items`);
    }
    yield { ...page, items };
    const next = page.metadata.continue;
    if (next === undefined || next === '') return;
    position = { continue: next };
  }
}

/** A list as it comes: Go writes an empty list of some resources as null. */
type RawList<T extends KubeObject> = Omit<KubeList<T>, 'items'> & { readonly items?: readonly T[] | null };

/** All objects in one list. When its snapshot expires between pages, it is read again in one piece, as client-go does. */
export async function wholeList<T extends KubeObject>(
  exchange: Exchange,
  resource: ResourceType<T>,
  options: ListOptions,
): Promise<KubeList<T>> {
  let first: KubeList<T> | undefined;
  const items: T[] = [];
  try {
    for await (const page of pagesOf(exchange, resource, options)) {
      if (first === undefined && (page.metadata.continue ?? '') === '') return page;
      first ??= page;
      for (const item of page.items) items.push(item);
    }
  } catch (error) {
    if (first === undefined || !isExpired(error)) throw error;
    return wholeList(exchange, resource, { ...options, pageSize: 0 });
  }
  const { apiVersion = '', kind = '', metadata } = first ?? {};
  return { apiVersion, kind, metadata: { resourceVersion: metadata?.resourceVersion ?? '' }, items };
}
