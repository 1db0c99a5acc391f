import type { DiscoveredReview } from '../discovery/discovery.js';
import type { MessageSchema } from '../../kube/schema.js';
import type { Resource } from '../../registry/resource.js';

/** A review with what its body looks like. */
export interface DescribedReview extends DiscoveredReview {
  readonly schema: MessageSchema;
}

/** An answer of the OpenAPI endpoints; the caller adds what every answer carries. */
export interface OpenApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the endpoints under `/openapi` answer. Documents are built when first asked for, and kept. */
export interface OpenApi {
  /** `/openapi/v3`. */
  index(): OpenApiAnswer;
  /** `/openapi/v3/{path}`, such as `api/v1` or `apis/rbac.authorization.k8s.io/v1`; `hash` from the query. */
  document(path: string, hash: string | undefined, ifNoneMatch?: string): OpenApiAnswer;
  /** `/openapi/v2` as JSON; 406 when `accept` wants only protobuf. */
  swagger(accept: string | undefined, ifNoneMatch?: string): OpenApiAnswer;
}

/** What the documents are made from. */
export interface OpenApiOptions {
  readonly resources: readonly Resource[];
  readonly reviews: readonly DescribedReview[];
  /** A collision-resistant hash, for ETags and links. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** Milliseconds since 1970, for `Expires`. */
  readonly now: () => number;
}

/** The OpenAPI documents of a closed set of resources. Builds nothing yet. */
export function createOpenApi(options: OpenApiOptions): OpenApi {
  throw new Error(`not yet: ${options.resources.length}`);
}
