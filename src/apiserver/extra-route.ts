import type { ApiRequest, ApiResponse } from '../kube/exchange.js';
import type { MaybePromise } from '../registry/resource.js';

/** A path of its own, such as `/openid/v1/jwks`. It is authorised as a path; only GET reaches it. */
export interface ExtraRoute {
  /** Without a trailing slash; one in the request is accepted. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => MaybePromise<ApiResponse>;
}
