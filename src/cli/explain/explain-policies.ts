import type { NormalisedRequest } from '../../certificates/normalised-request.js';
import { requestedNames } from '../../policy/record.js';
import { shownText } from '../../policy/shown-text.js';
import type { AccessQuestion } from '../../policy/facts.js';
import type { Decision, PolicyReview, Violation } from '../../policy/verdict.js';
import type { ExplainedPolicies, ExplainedReview, ReviewedName, ReviewMark } from './explanation.js';

/**
 * A decision as a person is told of it: policy by policy, name by name. Of policies in `blind` not all that they depend on
 * may be looked at: what they miss may be there.
 */
export function explainDecision(
  decision: Decision,
  request: NormalisedRequest,
  blind: ReadonlySet<string>,
): ExplainedPolicies {
  const message =
    decision.kind === 'needs' ? `waits for the authorizer: ${questionText(decision.questions)}` : decision.message;
  return {
    kind: 'asked',
    decision: blind.size === 0 ? decision.kind : 'unsure',
    message,
    reviews: decision.reviews.map((review) => {
      const explained = explainReview(review, request);
      return blind.has(explained.policy) ? asFarAsSeen(explained) : explained;
    }),
  };
}

const NOT_SEEN = 'not known: it depends on what you may not look at';

/** What is there was seen; what is missing may be there. */
function asFarAsSeen(review: ExplainedReview): ExplainedReview {
  const isMissing = review.verdict === 'noMatch' || review.verdict === 'asks';
  return {
    ...review,
    verdict: 'unsure',
    ...(isMissing ? { because: NOT_SEEN } : {}),
    names: review.names.map((name) => (name.mark === 'wait' ? { ...name, because: NOT_SEEN } : name)),
  };
}

function explainReview(review: PolicyReview, request: NormalisedRequest): ExplainedReview {
  const head = { policy: review.policy.name, mode: review.mode };
  switch (review.kind) {
    case 'approve':
      return { ...head, verdict: 'approves', names: namesOf(request, review.names, []), others: [] };
    case 'violated': {
      const { violations, names } = review;
      const isNamed = nameTest(request);
      const others = violations
        .filter((violation) => !isNamed(violation))
        .map((violation) => ({ path: violation.path, detail: violation.detail, mark: markOf(violation) }));
      return { ...head, verdict: verdictOf(review), names: namesOf(request, names, violations), others };
    }
    case 'needs':
      return {
        ...head,
        verdict: 'asks',
        because: questionText(review.questions),
        names: [],
        others: [],
      };
    case 'noMatch':
    case 'notReady':
      return { ...head, verdict: review.kind, because: review.because, names: [], others: [] };
  }
}

function verdictOf({
  violations,
  onViolation,
}: Extract<PolicyReview, { readonly kind: 'violated' }>): ExplainedReview['verdict'] {
  if (violations.every(({ kind }) => kind === 'unknown')) return 'waits';
  return onViolation === 'Deny' ? 'denies' : 'refuses';
}

function markOf({ kind }: Violation): ReviewMark {
  return kind === 'unknown' ? 'wait' : 'no';
}

function questionText(questions: readonly AccessQuestion[]): string {
  return questions
    .map(({ verb, resource, subresource }) => `may the requester ${verb} ${resource}/${subresource}?`)
    .join(' ');
}

function nameTest(request: NormalisedRequest): (violation: Violation) => boolean {
  const paths = new Set(requestedNames(request).map(({ path }) => `request.${path}`));
  return ({ path }) => paths.has(path);
}

/** Every name of the request with what the policy says of it. */
function namesOf(
  request: NormalisedRequest,
  granted: Extract<PolicyReview, { readonly kind: 'approve' }>['names'],
  violations: readonly Violation[],
): readonly ReviewedName[] {
  return requestedNames(request).map(({ type, value, path: inRequest }) => {
    const path = `request.${inRequest}`;
    const against = violations.filter((violation) => violation.path === path);
    if (against.length > 0) {
      const mark = against.every((violation) => markOf(violation) === 'wait') ? 'wait' : 'no';
      return { type, value, mark, because: against.map(({ detail }) => withoutName(detail, type, value)).join('; ') };
    }
    const grant = granted.find((name) => name.path === path);
    return grant === undefined
      ? { type, value, mark: 'wait', because: 'it was not looked at' }
      : { type, value, mark: 'yes', because: grant.because };
  });
}

/** A violation's text, without the name that it begins with. */
function withoutName(detail: string, type: string, value: string): string {
  const head = `${type} ${shownText(value)}: `;
  return detail.startsWith(head) ? detail.slice(head.length) : detail;
}
