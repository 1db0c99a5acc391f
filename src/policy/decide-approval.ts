import type { UnixSeconds } from '../base/clock.js';
import type { NormalisedRequest } from '../certificates/normalised-request.js';
import { describeApproval, describeDeferral, describeDenial } from './describe-decision.js';
import type { Facts } from './facts.js';
import type { Identity } from './identity.js';
import type { PolicySet } from './policy-set.js';
import { createReviewContext } from './review-context.js';
import { distinctQuestions, reviewPolicy } from './review-policy.js';
import type { ApprovalSettings } from './settings.js';
import type { Decision, PolicyReview } from './verdict.js';
import { sortedViolations } from './violations.js';

/** Everything that a decision depends on. */
export interface DecisionInput {
  readonly request: NormalisedRequest;
  /** By the same facts. */
  readonly identity: Identity;
  readonly facts: Facts;
  readonly policies: PolicySet;
  readonly settings: ApprovalSettings;
  readonly now: UnixSeconds;
}

type Violated = Extract<PolicyReview, { readonly kind: 'violated' }>;

/**
 * What is to be done about a request. One policy must approve the whole of it: what several grant is never added up.
 * An approval counts more than what other policies have against the request. A denial is final in Kubernetes, so it needs
 * that nothing can make an approval of it later: facts that may be believed, no policy that is not ready, that waits for
 * something or may come to match, and a requester who cannot turn out to be more. Everything else waits, for facts or for
 * a person. Policies in shadow mode are asked and reported, and change nothing.
 */
export function decideApproval(input: DecisionInput): Decision {
  const { request, identity, facts, policies } = input;
  const context = createReviewContext(input);
  // Those that were not asked do not match for good, and change nothing.
  const { all: reviews, asked } = policies.review(request.signerName, identity, (policy) =>
    reviewPolicy(policy, context),
  );
  const { standing } = facts;
  const defer = (): Decision => {
    return { kind: 'defer', message: describeDeferral({ standing, signerName: request.signerName, reviews }), reviews };
  };
  if (standing.kind !== 'fresh') return defer();
  const enforced = asked.filter(({ mode }) => mode === 'Enforce');
  for (const review of enforced) {
    if (review.kind !== 'approve') continue;
    const { policy, names } = review;
    return { kind: 'approve', policy, names, message: describeApproval(policy, names, identity), reviews };
  }
  const questions = enforced.flatMap((review) => (review.kind === 'needs' ? review.questions : []));
  if (questions.length > 0) return { kind: 'needs', questions: distinctQuestions(questions), reviews };
  const denying = enforced.filter(
    (review) => review.kind === 'violated' && review.onViolation === 'Deny',
  ) as Violated[];
  if (denying.length === 0 || mayGrow(identity) || enforced.some(mayApproveLater)) return defer();
  const violations = sortedViolations(denying.flatMap((review) => review.violations.filter(isFinal)));
  const denied = denying.map(({ policy }) => policy);
  return { kind: 'deny', policies: denied, violations, message: describeDenial(denied, violations), reviews };
}

function mayGrow(identity: Identity): boolean {
  return identity.kind === 'serviceAccount' && identity.mayGrow;
}

/** Whether a policy that does not approve now may do so when facts change. */
function mayApproveLater(review: PolicyReview): boolean {
  switch (review.kind) {
    case 'violated':
      return !review.violations.some(isFinal);
    case 'noMatch':
      return review.mayChange;
    case 'approve':
    case 'needs':
    case 'notReady':
      return true;
  }
}

function isFinal({ kind }: { readonly kind: 'contradicted' | 'broken' | 'unknown' }): boolean {
  return kind !== 'unknown';
}
