import type { KubeObject } from '../../kube/object-meta.js';
import type { Subresource } from '../../registry/resource.js';
import type { ReviewResource } from '../reviews/review-resource.js';
import type { ServedResource } from '../served-resource.js';
import type { ResourceRequest } from './request-info.js';

/** Where a request for a resource leads. */
export type Route =
  | { readonly kind: 'collection'; readonly served: ServedResource; readonly methods: ReadonlySet<string> }
  | { readonly kind: 'object'; readonly served: ServedResource; readonly methods: ReadonlySet<string> }
  | {
      readonly kind: 'subresource';
      readonly served: ServedResource;
      readonly subresource: Subresource<KubeObject>;
      readonly methods: ReadonlySet<string>;
    }
  | { readonly kind: 'review'; readonly review: ReviewResource; readonly methods: ReadonlySet<string> }
  /** The group is known, and nothing else: 404 as a Status. */
  | { readonly kind: 'unknown-resource' }
  /** Not even the group: 404 in plain text. */
  | { readonly kind: 'unknown-group' };

const POST_ONLY: ReadonlySet<string> = new Set(['POST']);
const UNKNOWN_RESOURCE: Route = { kind: 'unknown-resource' };
const UNKNOWN_GROUP: Route = { kind: 'unknown-group' };

interface Entry {
  readonly served?: ServedResource;
  readonly review?: ReviewResource;
  readonly collection?: Route;
  readonly everywhere?: Route;
  readonly object?: Route;
  readonly subresources: ReadonlyMap<string, Route>;
}

/** What is served, by group, version and plural. Every route is made once, here. */
export class RouteTable {
  readonly #groups = new Set<string>();
  readonly #entries = new Map<string, Entry>();

  constructor(resources: readonly ServedResource[], reviews: readonly ReviewResource[]) {
    for (const served of resources) {
      const { group, version, resource } = served.resource;
      this.#groups.add(group);
      this.#entries.set(keyOf(group, version, resource), entryOf(served));
    }
    for (const review of reviews) {
      this.#groups.add(review.group);
      const route: Route = { kind: 'review', review, methods: POST_ONLY };
      this.#entries.set(keyOf(review.group, review.version, review.resource), {
        review,
        collection: route,
        subresources: new Map(),
      });
    }
  }

  /** Where the path leads, whatever the method. */
  route(info: ResourceRequest): Route {
    const entry = this.#entries.get(keyOf(info.group, info.version, info.resource));
    if (entry === undefined) return this.#groups.has(info.group) ? UNKNOWN_RESOURCE : UNKNOWN_GROUP;
    if (info.tooLong) return UNKNOWN_RESOURCE;
    const namespaced = entry.served?.resource.namespaced ?? entry.review?.namespaced ?? false;
    const inNamespace = info.namespace !== '' && info.resource !== 'namespaces';
    if (inNamespace && !namespaced) return UNKNOWN_RESOURCE;
    if (info.name === '') {
      return (namespaced && !inNamespace ? entry.everywhere : entry.collection) ?? UNKNOWN_RESOURCE;
    }
    if (namespaced && !inNamespace) return UNKNOWN_RESOURCE;
    if (info.subresource === '') return entry.object ?? UNKNOWN_RESOURCE;
    return entry.subresources.get(info.subresource) ?? UNKNOWN_RESOURCE;
  }
}

function keyOf(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`;
}

function entryOf(served: ServedResource): Entry {
  const { resource } = served;
  const collection = new Set(resource.deleteCollection === false ? ['GET', 'POST'] : ['GET', 'POST', 'DELETE']);
  return {
    served,
    collection: { kind: 'collection', served, methods: collection },
    ...(resource.namespaced ? { everywhere: { kind: 'collection', served, methods: new Set(['GET']) } as const } : {}),
    object: { kind: 'object', served, methods: new Set(['GET', 'PUT', 'PATCH', 'DELETE']) },
    subresources: new Map(
      Object.entries(resource.subresources ?? {}).map(([name, subresource]): [string, Route] => [
        name,
        { kind: 'subresource', served, subresource, methods: methodsOf(subresource) },
      ]),
    ),
  };
}

function methodsOf(subresource: Subresource<KubeObject>): ReadonlySet<string> {
  if (subresource.kind === 'create') return POST_ONLY;
  return new Set(subresource.verbs.map((verb) => METHODS[verb]));
}

const METHODS = { get: 'GET', patch: 'PATCH', update: 'PUT' } as const;
