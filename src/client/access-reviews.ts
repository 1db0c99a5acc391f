import type { KubeObject } from '../kube/object-meta.js';

/** authorization.k8s.io/v1 SubjectAccessReview: a question that is answered at once and stored nowhere. */
export interface SubjectAccessReview extends KubeObject {
  readonly spec: {
    readonly user?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
    readonly resourceAttributes?: ResourceAttributes;
  };
  readonly status?: AccessReviewStatus;
}

/** authorization.k8s.io/v1 SelfSubjectAccessReview: the same about whoever asks. */
export interface SelfSubjectAccessReview extends KubeObject {
  readonly spec: { readonly resourceAttributes?: ResourceAttributes };
  readonly status?: AccessReviewStatus;
}

/** authorization.k8s.io/v1 SubjectAccessReviewStatus. */
export interface AccessReviewStatus {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

/** authentication.k8s.io/v1 SelfSubjectReview: who asks, as the server sees it. */
export interface SelfSubjectReview extends KubeObject {
  readonly status?: {
    readonly userInfo: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

/** authorization.k8s.io/v1 ResourceAttributes. */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}
