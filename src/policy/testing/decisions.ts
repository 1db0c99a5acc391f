import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import type { ApprovalPolicySpec } from '../../certificates/approval-policy.js';
import type { CompiledPolicy, NotReadyPolicy } from '../compiled-policy.js';
import { decideApproval } from '../decide-approval.js';
import type { FactStore } from '../fact-store.js';
import type { Facts } from '../facts.js';
import { identify } from '../identity.js';
import { createPolicySet } from '../policy-set.js';
import { DEFAULT_SETTINGS, type ApprovalSettings } from '../settings.js';
import type { Decision, PolicyReview } from '../verdict.js';
import { compiledPolicyOf } from './policies.js';
import { requestOf, SERVING_WISH, type RequestWish } from './requests.js';
import { NODE_REQUESTER, POD_REQUESTER, shopFacts } from './world.js';

/** 2026-11-23T12:00:10Z: ten seconds after the request of requestOf was created. */
export const NOW: UnixSeconds = toUnixSeconds(1_795_435_210);

/** A situation: what is not said is the tutorial's. */
export interface Situation {
  readonly wish?: RequestWish;
  readonly policies?: readonly (CompiledPolicy | NotReadyPolicy)[];
  readonly facts?: Facts;
  readonly settings?: ApprovalSettings;
}

/** What is decided in a situation. Who asks is identified by its facts. */
export function decisionOf(situation: Situation = {}): Decision {
  const { wish = SERVING_WISH, policies = [compiledPolicyOf()], facts = shopFacts() } = situation;
  const request = requestOf(wish);
  return decideApproval({
    request,
    identity: identify(request.requester, facts),
    facts,
    policies: createPolicySet(policies),
    settings: situation.settings ?? DEFAULT_SETTINGS,
    now: NOW,
  });
}

/** What the only policy of a situation says. Throws where the decision comes without reviews. */
export function reviewOf(situation: Situation = {}): PolicyReview {
  const decision = decisionOf(situation);
  const review = decision.kind === 'needs' ? undefined : decision.reviews[0];
  if (review === undefined) throw new RangeError(`No review: ${decision.kind}`);
  return review;
}

/** A request and a policy, by what they differ in from the tutorial's. */
export interface ReviewCase {
  readonly name: string;
  readonly spec?: Partial<ApprovalPolicySpec>;
  readonly wish?: RequestWish;
  readonly change?: (facts: FactStore) => void;
}

/** What the policy of a case says of its request. A node asks where the policy is for nodes, else the pod. */
export function reviewOfCase({ spec, wish, change }: ReviewCase): PolicyReview {
  const requester = spec?.requesters?.nodes === true ? NODE_REQUESTER : POD_REQUESTER;
  return reviewOf({
    policies: [compiledPolicyOf(spec)],
    wish: { requester, ...(wish ?? SERVING_WISH) },
    facts: shopFacts(change),
  });
}

/** The violations of a review, as `kind path: detail`; a review without any is told by its kind. */
export function violationTexts(review: PolicyReview): readonly string[] {
  if (review.kind !== 'violated') return [review.kind];
  return review.violations.map(({ kind, path, detail }) => `${kind} ${path}: ${detail}`);
}

/** What a review grants, as `type value by grant`; a review that does not approve is told by its violations. */
export function grantTexts(review: PolicyReview): readonly string[] {
  if (review.kind !== 'approve') return violationTexts(review);
  return review.names.map(({ type, value, grantedBy }) => `${type} ${value} by ${grantedBy}`);
}

/** The authorizer's answers, by subresource, on top of other facts. */
export function withAnswers(facts: FactStore, answers: Readonly<Record<string, 'allowed' | 'denied'>>): Facts {
  return {
    ...facts,
    standing: facts.standing,
    accessReview: ({ subresource }) => (Object.hasOwn(answers, subresource) ? answers[subresource] : undefined),
  };
}
