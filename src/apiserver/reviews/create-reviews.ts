import type { TokenAuthenticator } from '../authentication/authenticator.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { RuleResolver } from '../authorization/rbac-authorizer.js';
import { localSubjectAccessReviews, selfSubjectAccessReviews, subjectAccessReviews } from './access-reviews.js';
import type { ReviewResource } from './review-resource.js';
import { selfSubjectRulesReviews } from './rules-review.js';
import { selfSubjectReviews, tokenReviews } from './token-reviews.js';

/** What reviews ask. */
export interface ReviewDeps {
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  readonly tokens: TokenAuthenticator;
  /** The audiences of this server. */
  readonly apiAudiences: readonly string[];
}

/** Every review that the server answers, in order of group and resource. */
export function createReviews(deps: ReviewDeps): readonly ReviewResource[] {
  return [
    selfSubjectReviews(),
    tokenReviews(deps.tokens, deps.apiAudiences),
    localSubjectAccessReviews(deps.authorizer),
    selfSubjectAccessReviews(deps.authorizer),
    selfSubjectRulesReviews(deps.rules),
    subjectAccessReviews(deps.authorizer),
  ];
}
