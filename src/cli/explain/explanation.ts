/** Everything that `explain` found out about one request, as data: what `-o json` prints, and what the page is made of. */
export interface Explanation {
  readonly request: ExplainedRequest;
  readonly requester: ExplainedRequester;
  readonly state: ExplainedState;
  readonly record?: ExplainedRecord;
  readonly policies: ExplainedPolicies;
  /** What approver or signer said of it last. */
  readonly said?: ExplainedEvent;
  readonly approver: ExplainedProgram;
  readonly signer: ExplainedProgram;
  readonly permissions: readonly ExplainedPermission[];
  /** Why the signer will refuse, as far as that can be known from outside; empty where nothing is known. */
  readonly refusals: readonly string[];
  /** When the cleaner deletes it; absent for a request that was not submitted, and for one that stays. */
  readonly cleaning?: ExplainedCleaning;
  /** What could not be looked at, and what is not known for that reason. */
  readonly unread: readonly string[];
  /** What to type next, the most useful first. */
  readonly next: readonly NextStep[];
}

/** What is asked for. */
export interface ExplainedRequest {
  readonly name: string;
  readonly uid: string;
  readonly signerName: string;
  /** RFC 3339; absent where it was not submitted. */
  readonly created?: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  readonly content:
    | {
        readonly kind: 'read';
        readonly subject: string;
        /** Every name, those of the subject last. */
        readonly names: readonly ExplainedName[];
        readonly key: string;
        /** Why the requester does not show that it has the private key; absent where it does. */
        readonly signatureProblem?: string;
        /** What forbids to approve it. */
        readonly findings: readonly { readonly path: string; readonly detail: string }[];
      }
    | { readonly kind: 'unreadable'; readonly detail: string };
}

/** A name or a value of the subject. */
export interface ExplainedName {
  readonly type: string;
  readonly value: string;
}

/** Who asks. */
export interface ExplainedRequester {
  readonly username: string;
  readonly groups: readonly string[];
  readonly identity: 'Pod' | 'ServiceAccount' | 'Node' | 'User';
  /** `pod shop/web-7f`. */
  readonly is: string;
  /** Why it is no stronger identity; absent for the strongest. */
  readonly notMore?: string;
  /** What such an identity can prove, in one sentence. */
  readonly proves: string;
}

/** Where it stands. */
export interface ExplainedState {
  readonly kind: 'unsubmitted' | 'pending' | 'approved' | 'denied' | 'failed' | 'issued';
  /** Every condition, the first to decide first. */
  readonly conditions: readonly {
    readonly type: string;
    readonly at?: string;
    readonly by: string;
    readonly message: string;
  }[];
  readonly certificate?: { readonly serialNumber: string; readonly notBefore: string; readonly notAfter: string };
}

/** The CertificateRecord of the request. */
export interface ExplainedRecord {
  readonly name: string;
  readonly verdict: string;
  readonly by: string;
  readonly decidedAt: string;
  readonly policy?: { readonly name: string; readonly generation: number };
  /** What verification with the published keys says. */
  readonly signature: 'valid' | 'invalid' | 'unknown';
  readonly detail?: string;
  readonly phase?: string;
}

/** What policies say. */
export type ExplainedPolicies =
  | {
      readonly kind: 'asked';
      /** What would be done about the request as things are now. */
      readonly decision: 'approve' | 'deny' | 'defer' | 'needs' | 'unsure';
      readonly message: string;
      readonly reviews: readonly ExplainedReview[];
    }
  /** They were not asked, or are not known. */
  | { readonly kind: 'notAsked'; readonly because: string };

/** What one policy says. */
export interface ExplainedReview {
  readonly policy: string;
  readonly mode: 'Enforce' | 'Shadow';
  readonly verdict: 'approves' | 'denies' | 'refuses' | 'waits' | 'noMatch' | 'notReady' | 'asks' | 'unsure';
  readonly because?: string;
  readonly names: readonly ReviewedName[];
  /** What it has against the request besides names. */
  readonly others: readonly { readonly path: string; readonly detail: string; readonly mark: ReviewMark }[];
}

/** What is said of one thing. */
export type ReviewMark = 'yes' | 'no' | 'wait';

/** What a policy says of one name. */
export interface ReviewedName extends ExplainedName {
  readonly mark: ReviewMark;
  readonly because: string;
}

/** An Event about the request. */
export interface ExplainedEvent {
  readonly by: string;
  readonly reason: string;
  readonly message: string;
  /** RFC 3339. */
  readonly at: string;
}

/** Whether a program that the request needs is at work. */
export type ExplainedProgram =
  | { readonly kind: 'alive'; readonly detail: string; readonly usages?: readonly string[] }
  /** It was, and no longer shows it. */
  | { readonly kind: 'silent'; readonly detail: string }
  /** It shows no sign of life of its own, but has done its work lately. */
  | { readonly kind: 'seen'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string; readonly aliveFor: readonly string[] };

/** Whether somebody may do something. */
export interface ExplainedPermission {
  readonly who: 'you' | 'requester';
  readonly what: string;
  readonly allowed: boolean;
  /** The verb and resource of RBAC that are missing; absent where it is allowed. */
  readonly missing?: string;
}

/** When it is deleted. */
export interface ExplainedCleaning {
  /** RFC 3339: not before. */
  readonly after: string;
  readonly because: string;
}

/** Something to type. */
export interface NextStep {
  readonly what: string;
  readonly command?: string;
}
