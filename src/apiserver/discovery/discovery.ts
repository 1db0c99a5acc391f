import type { Resource } from '../../registry/resource.js';

/** A kind that is only posted, such as TokenReview, or anything else served beside the stored resources. */
export interface DiscoveredReview {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** The aggregated document of `/api` or `/apis`. */
export interface AggregatedDiscovery {
  readonly body: Uint8Array;
  /** With quotes, as the header carries it. */
  readonly etag: string;
  /** With the parameters by which clients recognise it. */
  readonly contentType: string;
}

/** What clients ask to find out what is served. Each document is built when first asked for, and kept. */
export interface Discovery {
  /** `/api`; `serverAddress` is host:port. */
  legacyVersions(serverAddress: string): object;
  /** `/apis`. */
  groups(): object;
  /** `/apis/{group}`; undefined for one that is not served. */
  group(name: string): object | undefined;
  /** `/api/v1` (group empty) and `/apis/{group}/{version}`; undefined for one that is not served. */
  resources(group: string, version: string): object | undefined;
  /** `/api` (`core`) and `/apis` (`groups`) for clients that take APIGroupDiscoveryList. */
  aggregated(root: 'core' | 'groups'): AggregatedDiscovery;
}

/** What discovery is made from. */
export interface DiscoveryOptions {
  readonly resources: readonly Resource[];
  readonly reviews: readonly DiscoveredReview[];
  /** A collision-resistant hash, for the ETag. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
}

/** Discovery of a closed set of resources. Builds nothing yet. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  throw new Error(`not yet: ${options.resources.length}`);
}
