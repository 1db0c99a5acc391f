import type { KubeObject } from '../../kube/object-meta.js';

/** authorization.k8s.io/v1 ResourceAttributes. */
export interface ReviewedResource {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly fieldSelector?: ReviewedSelector;
  readonly labelSelector?: ReviewedSelector;
}

/** authorization.k8s.io/v1 FieldSelectorAttributes and LabelSelectorAttributes. */
export interface ReviewedSelector {
  readonly rawSelector?: string;
  readonly requirements?: readonly unknown[];
}

/** authorization.k8s.io/v1 NonResourceAttributes. */
export interface ReviewedPath {
  readonly path?: string;
  readonly verb?: string;
}

/** The spec of every access review; the user is absent in those about the caller. */
export interface AccessReviewSpec {
  readonly resourceAttributes?: ReviewedResource;
  readonly nonResourceAttributes?: ReviewedPath;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A SubjectAccessReview, LocalSubjectAccessReview or SelfSubjectAccessReview. */
export interface AccessReview extends KubeObject {
  readonly spec?: AccessReviewSpec;
}
