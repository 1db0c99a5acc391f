import type { AccessQuestion } from './facts.js';

/** An object that a name is proven by, in the version that was looked at. */
export interface Evidence {
  readonly kind: 'Pod' | 'Service' | 'EndpointSlice' | 'Node' | 'Namespace' | 'ServiceAccount' | 'ApprovalPolicy';
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What facts say of one name. */
export type NameVerdict =
  /** It belongs to who asks. */
  | {
      readonly kind: 'proven';
      /** A provable kind, or the field of the policy that grants it: `dns`, `reservedNames`. */
      readonly grantedBy: string;
      /** One sentence: `pod shop/web-1 holds it`. */
      readonly because: string;
      readonly evidence: readonly Evidence[];
    }
  /** It belongs to somebody else, or to nobody for ever. */
  | { readonly kind: 'contradicted'; readonly because: string }
  /** Not proven, and that may change: what it waits for. */
  | { readonly kind: 'unknown'; readonly because: string }
  /** It depends on what the API server's authorizer says. */
  | { readonly kind: 'needs'; readonly question: AccessQuestion; readonly because: string };

/** Something about a request that a policy does not take. */
export interface Violation {
  /** `spec.usages[1]`, `request.subjectAltNames[0]`, `request.publicKey`, `rules[2]`. */
  readonly path: string;
  /** What is and what must be, without full stop. */
  readonly detail: string;
  /** contradicted and broken will not change by themselves; unknown may. Only the first two can lead to a denial. */
  readonly kind: 'contradicted' | 'broken' | 'unknown';
}

/** A name or value of the subject that a policy grants, and why. */
export interface GrantedName {
  /** DNS, IP, URI, Email, CN, O … */
  readonly type: string;
  readonly value: string;
  readonly path: string;
  readonly grantedBy: string;
  readonly because: string;
  readonly evidence: readonly Evidence[];
}

/** A policy by name, in a version. */
export interface PolicyReference {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
}

/** What one policy says of a request. */
export type PolicyReview = {
  readonly policy: PolicyReference;
  readonly mode: 'Enforce' | 'Shadow';
} & (
  | { readonly kind: 'approve'; readonly names: readonly GrantedName[] }
  | {
      readonly kind: 'violated';
      readonly onViolation: 'Deny' | 'Defer';
      /** Sorted by path, then detail; not empty. */
      readonly violations: readonly Violation[];
      /** What is granted all the same, for whoever explains. */
      readonly names: readonly GrantedName[];
    }
  /** It asks the authorizer first. */
  | { readonly kind: 'needs'; readonly questions: readonly AccessQuestion[] }
  /** It does not concern the request: the first reason. */
  | { readonly kind: 'noMatch'; readonly because: string; readonly mayChange: boolean }
  /** It cannot be applied: it does not compile, or has not been looked at. */
  | { readonly kind: 'notReady'; readonly because: string }
);

/**
 * What is to be done about a request. There is always a reason in words, the same for the same input. `reviews` holds
 * what every policy for this signerName says, in the order of their names.
 */
export type Decision =
  | {
      readonly kind: 'approve';
      readonly policy: PolicyReference;
      readonly names: readonly GrantedName[];
      readonly message: string;
      readonly reviews: readonly PolicyReview[];
    }
  | {
      readonly kind: 'deny';
      readonly policies: readonly PolicyReference[];
      readonly violations: readonly Violation[];
      readonly message: string;
      readonly reviews: readonly PolicyReview[];
    }
  | { readonly kind: 'defer'; readonly message: string; readonly reviews: readonly PolicyReview[] }
  /** Ask these, and decide again. */
  | {
      readonly kind: 'needs';
      readonly questions: readonly AccessQuestion[];
      readonly reviews: readonly PolicyReview[];
    };
