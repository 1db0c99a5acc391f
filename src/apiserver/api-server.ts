import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { ApiRequest, ApiResponse } from '../kube/exchange.js';
import type { KubeObject, UserInfo } from '../kube/object-meta.js';
import type { MaybePromise, Resource } from '../registry/resource.js';
import type { ResourceStore } from '../registry/resource-store.js';
import type { Admission } from './admission/admission.js';
import type { Authenticator } from './authentication/authenticator.js';
import type { Authorizer } from './authorization/authorizer.js';
import type { HealthCheck } from './health/health-check.js';
import type { ApiLimits } from './limits.js';
import type { ReviewResource } from './reviews/review-resource.js';
import type { VersionInfo } from './version-info.js';

/** A resource and where its objects live. */
export interface ServedResource<T extends KubeObject = KubeObject> {
  readonly resource: Resource<T>;
  readonly store: ResourceStore<T>;
}

/** A path of its own, such as `/openid/v1/jwks`. It is authorised as a path; only GET reaches it. */
export interface ExtraRoute {
  /** Without a trailing slash; one in the request is accepted. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => MaybePromise<ApiResponse>;
}

/**
 * The user that a request acts as, from its `Impersonate-*` headers; `user` itself when there are none. Throws 400 for
 * headers that do not fit together and 403 for what `user` may not do.
 */
export type Impersonate = (request: ApiRequest, user: UserInfo) => MaybePromise<UserInfo>;

/** What a server is made of. */
export interface ApiServerOptions {
  readonly resources: readonly ServedResource[];
  readonly reviews: readonly ReviewResource[];
  readonly authenticator: Authenticator;
  /** Absent: `Impersonate-*` headers are ignored. */
  readonly impersonate?: Impersonate;
  readonly authorizer: Authorizer;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A fresh UUID. */
  readonly newUid: () => string;
  readonly version: VersionInfo;
  /** Overrides of `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ApiLimits>;
  readonly routes?: readonly ExtraRoute[];
  readonly healthChecks?: readonly HealthCheck[];
  /** `host:port` that clients reach, for legacy discovery. */
  readonly advertisedAddress?: () => string;
}

/** A running API server without a socket: the whole API as one function. */
export interface ApiServer {
  /** Answers one request. Never rejects: what goes wrong becomes an answer. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** `/readyz` fails from now on; requests are still answered. */
  drain(): void;
  /** Ends every watch cleanly and answers 503 from then on. Idempotent. */
  close(): Promise<void>;
}

/** Builds an API server. Starts nothing; the answer's `close` ends its watches. */
export function createApiServer(_options: ApiServerOptions): ApiServer {
  throw new Error('Cannot serve: the API server is not wired yet');
}
