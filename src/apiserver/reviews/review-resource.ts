import type { KubeObject } from '../../kube/object-meta.js';
import type { MessageSchema } from '../../kube/schema.js';
import type { RequestContext } from '../../registry/resource.js';

/** Who asks for a review, and where. */
export interface ReviewContext extends RequestContext {
  /** From the path; empty for cluster-scoped reviews. */
  readonly namespace: string;
}

/** A resource that takes only POST, answers at once with 201, and stores nothing. */
export interface ReviewResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly schema: MessageSchema;
  /** Answers a decoded body (JSON shape); throws StatusError to refuse. The answer carries kind and apiVersion. */
  readonly create: (body: KubeObject, context: ReviewContext) => Promise<KubeObject>;
}
