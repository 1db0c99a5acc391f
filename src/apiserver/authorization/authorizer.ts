import type { UserInfo } from '../../kube/object-meta.js';
import type { MaybePromise } from '../../registry/resource.js';

/** A request for a resource, as RBAC sees it. Empty strings where there is none; `version` may be `*`. */
export interface ResourceAttributes {
  readonly kind: 'resource';
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** A request for a path that is no resource; the verb is the lower-case HTTP method. */
export interface PathAttributes {
  readonly kind: 'path';
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
}

/** What is asked of an authorizer. */
export type Attributes = ResourceAttributes | PathAttributes;

/** What an authorizer says. There are no deny rules: not allowed means that nothing allows it. */
export interface Decision {
  readonly allowed: boolean;
  /** `RBAC: allowed by …`, or what kept it from looking everywhere; empty when there is nothing to say. */
  readonly reason: string;
}

/** Decides whether a user may do something. Never throws for what it can answer with "no". */
export interface Authorizer {
  authorize(attributes: Attributes): MaybePromise<Decision>;
}
