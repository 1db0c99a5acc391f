import type { CompiledPolicy, NotReadyPolicy } from './compiled-policy.js';
import type { AccessQuestion } from './facts.js';
import { requesterMismatch } from './requesters.js';
import type { ReviewContext, ReviewNotes } from './review-context.js';
import { reviewNames } from './review-names.js';
import { reviewRequest } from './review-request.js';
import { reviewSubject } from './review-subject.js';
import type { PolicyReview } from './verdict.js';
import { sortedViolations } from './violations.js';

/**
 * What one policy says of a request: everything that it has against it, and every name that it grants. It approves only
 * where nothing is left. Where something is against the request anyway, the authorizer is not asked.
 */
export function reviewPolicy(policy: CompiledPolicy | NotReadyPolicy, context: ReviewContext): PolicyReview {
  const { reference, mode } = policy;
  if (policy.kind === 'notReady') return { policy: reference, mode, kind: 'notReady', because: policy.because };
  const mismatch = requesterMismatch(policy, context.identity, context.facts);
  if (mismatch === policy.noMatch) return policy.noMatch;
  if (mismatch !== undefined) {
    return { policy: reference, mode, kind: 'noMatch', because: mismatch.because, mayChange: mismatch.mayChange };
  }
  const notes: ReviewNotes = { names: [], violations: [], questions: [] };
  reviewRequest(policy, context, notes);
  reviewNames(policy, context, notes);
  reviewSubject(policy, context, notes);
  const { names, violations, questions } = notes;
  if (violations.length > 0) {
    const { onViolation } = policy;
    return { policy: reference, mode, kind: 'violated', onViolation, violations: sortedViolations(violations), names };
  }
  if (questions.length > 0) return { policy: reference, mode, kind: 'needs', questions: distinctQuestions(questions) };
  return { policy: reference, mode, kind: 'approve', names };
}

/** Each question once, in the order in which they came up. */
export function distinctQuestions(questions: readonly AccessQuestion[]): readonly AccessQuestion[] {
  const seen = new Set<string>();
  return questions.filter(({ verb, group, resource, subresource }) => {
    const key = JSON.stringify([verb, group, resource, subresource]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
