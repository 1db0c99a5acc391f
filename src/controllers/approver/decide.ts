import type { UnixSeconds } from '../../base/clock.js';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../certificates/certificate-signing-request.js';
import {
  APPROVED,
  APPROVED_BY_POLICY,
  DENIED,
  DENIED_BY_POLICY,
  conditionOf,
  isFailed,
  isIssued,
} from '../../certificates/conditions.js';
import type { NormalisedRequest } from '../../certificates/normalised-request.js';
import { formatTime } from '../../kube/time.js';
import type { FactsSnapshot } from '../../policy/facts-snapshot.js';
import type { AccessQuestion, FactsStanding } from '../../policy/facts.js';
import type { Identity } from '../../policy/identity.js';
import type { FinalDecision } from '../../policy/record.js';
import type { Decision as Verdict, PolicyReview } from '../../policy/verdict.js';
import type { Decision } from '../runtime/controller.js';

/** A request together with what policies say of it. */
export interface Judgement {
  readonly csr: CertificateSigningRequest;
  readonly request: NormalisedRequest;
  readonly identity: Identity;
  readonly verdict: Exclude<Verdict, { readonly kind: 'needs' }>;
  /** Everything that was found, where there is a final verdict. */
  readonly found?: FactsSnapshot;
}

/** What was told about a request already. */
export interface Told {
  /** Why it waits. */
  readonly deferral?: string;
  /** What policies in shadow mode would have done. */
  readonly shadows: ReadonlySet<string>;
}

/** What the approver knows of a name. */
export type Seen =
  /** Gone, decided, or nothing that a policy is about. */
  | { readonly kind: 'settled' }
  /** The facts are not to be believed now. */
  | { readonly kind: 'blind'; readonly standing: Exclude<FactsStanding, { readonly kind: 'fresh' }> }
  /** It cannot be read: nobody will ever sign it. */
  | {
      readonly kind: 'unreadable';
      readonly csr: CertificateSigningRequest;
      readonly detail: string;
      readonly told: Told;
    }
  | {
      readonly kind: 'judged';
      readonly judgement: Judgement;
      readonly told: Told;
      /** Whether the authorizer was asked: nobody tells when its answers change. */
      readonly asked: boolean;
    };

/** When to look again without any change. */
export interface Again {
  readonly delayMs: number;
  readonly because: string;
}

/** What the approver does. */
export type ApproverAction =
  /** Puts it on record, and writes the condition. */
  | { readonly kind: 'settle'; readonly judgement: Judgement; readonly verdict: FinalDecision }
  /** Says what it waits for. */
  | {
      readonly kind: 'defer';
      readonly csr: CertificateSigningRequest;
      readonly message: string;
      readonly again?: Again;
    }
  /** Says what a policy in shadow mode would have done. */
  | { readonly kind: 'shadow'; readonly csr: CertificateSigningRequest; readonly shadow: Shadow };

/** What a policy in shadow mode would have done with a request. */
export interface Shadow {
  /** The same for the same policy in the same version with the same verdict. */
  readonly key: string;
  readonly reason: 'ShadowApproved' | 'ShadowDenied';
  readonly policy: string;
  readonly message: string;
}

/** How soon facts are looked at again that are not to be believed now. */
const BLIND_MS = 5000;

/** How soon the authorizer is asked again: permissions are given without a word to the approver. */
const ASK_AGAIN: Again = { delayMs: 60_000, because: 'what the authorizer says may change' };

/** What to do about a request. */
export function decide(seen: Seen): Decision<ApproverAction> {
  switch (seen.kind) {
    case 'settled':
      return { kind: 'done' };
    case 'blind':
      return { kind: 'wait', delayMs: BLIND_MS, because: describeStanding(seen.standing) };
    case 'unreadable': {
      const { csr, detail, told } = seen;
      const message = `the request cannot be read: ${detail}`;
      return message === told.deferral ? { kind: 'done' } : { kind: 'act', actions: [{ kind: 'defer', csr, message }] };
    }
    case 'judged':
      return decideJudged(seen);
  }
}

function decideJudged({
  judgement,
  told,
  asked,
}: Extract<Seen, { readonly kind: 'judged' }>): Decision<ApproverAction> {
  const { csr, verdict } = judgement;
  const actions: ApproverAction[] = verdict.reviews
    .flatMap(shadowOf)
    .filter(({ key }) => !told.shadows.has(key))
    .map((shadow) => ({ kind: 'shadow', csr, shadow }));
  if (verdict.kind !== 'defer') actions.push({ kind: 'settle', judgement, verdict });
  else if (verdict.message !== told.deferral) {
    actions.push({ kind: 'defer', csr, message: verdict.message, ...(asked ? { again: ASK_AGAIN } : {}) });
  } else if (actions.length === 0 && asked) return { kind: 'wait', ...ASK_AGAIN };
  return actions.length === 0 ? { kind: 'done' } : { kind: 'act', actions };
}

/** What policies in shadow mode would ask the authorizer. No decision waits for it, but what they would do does. */
export function shadowQuestions(reviews: readonly PolicyReview[]): readonly AccessQuestion[] {
  return reviews.flatMap((review) => (review.mode === 'Shadow' && review.kind === 'needs' ? review.questions : []));
}

/** What the review of a policy in shadow mode amounts to; nothing where it would have left the request alone. */
function shadowOf(review: PolicyReview): readonly Shadow[] {
  if (review.mode !== 'Shadow') return [];
  const { name, uid, generation } = review.policy;
  const key = `${uid}/${generation}/${review.kind}`;
  if (review.kind === 'approve') {
    const message = `policy ${name} is in shadow mode, and would have approved ${count(review.names.length, 'name')}`;
    return [{ key, reason: 'ShadowApproved', policy: name, message }];
  }
  if (review.kind !== 'violated' || review.onViolation !== 'Deny') return [];
  const final = review.violations.filter(({ kind }) => kind !== 'unknown');
  if (final.length === 0) return [];
  const reasons = final.map(({ path, detail }) => `${path}: ${detail}`).join('; ');
  const message = `policy ${name} is in shadow mode, and would have denied: ${reasons}`;
  return [{ key, reason: 'ShadowDenied', policy: name, message }];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function describeStanding(standing: Exclude<FactsStanding, { readonly kind: 'fresh' }>): string {
  return standing.kind === 'syncing'
    ? `not everything has been read yet: ${standing.resources.join(', ')}`
    : `nothing has been heard of ${standing.resource} for ${standing.seconds} seconds`;
}

/** Whether nobody has decided about the request yet: only then the approver touches it. */
export function isPending(csr: CertificateSigningRequest): boolean {
  return (
    conditionOf(csr, APPROVED) === undefined &&
    conditionOf(csr, DENIED) === undefined &&
    !isFailed(csr) &&
    !isIssued(csr)
  );
}

/** Longest message of a condition, in UTF-16 units. */
const MAX_MESSAGE = 4096;

/** The request with the condition that decides it. */
export function withDecision(
  csr: CertificateSigningRequest,
  { kind, message }: Pick<FinalDecision, 'kind' | 'message'>,
  now: UnixSeconds,
): CertificateSigningRequest {
  const condition: CertificateSigningRequestCondition = {
    type: kind === 'approve' ? APPROVED : DENIED,
    status: 'True',
    reason: kind === 'approve' ? APPROVED_BY_POLICY : DENIED_BY_POLICY,
    message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 3)}...` : message,
    lastUpdateTime: formatTime(now),
  };
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status.conditions ?? []), condition] } };
}
