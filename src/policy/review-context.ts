import type { UnixSeconds } from '../base/clock.js';
import type { NormalisedRequest } from '../certificates/normalised-request.js';
import { expressionVariables } from './expression-variables.js';
import type { ProofContext } from './proof-context.js';
import type { AccessQuestion } from './facts.js';
import type { GrantedName, Violation } from './verdict.js';

/** What a policy is asked about. One context serves all policies of one decision. */
export interface ReviewContext extends ProofContext {
  readonly request: NormalisedRequest;
  readonly now: UnixSeconds;
  /** The variables of rules; made when the first rule asks. */
  variables(): Readonly<Record<string, unknown>>;
}

/** What a review has come to so far. */
export interface ReviewNotes {
  readonly names: GrantedName[];
  readonly violations: Violation[];
  readonly questions: AccessQuestion[];
}

/** The context of one decision. */
export function createReviewContext(sources: Omit<ReviewContext, 'variables'>): ReviewContext {
  const { request, identity, facts, settings, now } = sources;
  let variables: Readonly<Record<string, unknown>> | undefined;
  return {
    request,
    identity,
    facts,
    settings,
    now,
    variables: () => (variables ??= expressionVariables({ request, identity, facts, now })),
  };
}
