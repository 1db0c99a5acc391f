import type { KubeObject, UserInfo } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import type { TokenAuthenticator } from '../authentication/authenticator.js';
import { withAuthenticatedGroup } from '../authentication/create-authenticator.js';
import { selfSubjectReviewSchema, tokenReviewSchema } from './authentication-schemas.js';
import type { ReviewResource } from './review-resource.js';

/** The group of token reviews. */
export const AUTHENTICATION_GROUP = 'authentication.k8s.io';

interface TokenReviewBody extends KubeObject {
  readonly spec?: { readonly token?: string; readonly audiences?: readonly string[] };
}

/**
 * TokenReview: whose a bearer token is. A bad token is an answer, not a refusal. Without audiences the token must be
 * meant for this server.
 */
export function tokenReviews(tokens: TokenAuthenticator, apiAudiences: readonly string[]): ReviewResource {
  return {
    group: AUTHENTICATION_GROUP,
    version: 'v1',
    kind: 'TokenReview',
    resource: 'tokenreviews',
    singular: 'tokenreview',
    namespaced: false,
    schema: tokenReviewSchema,
    create: async (body) => {
      const { spec = {} }: TokenReviewBody = body;
      const { token = '', audiences = [] } = spec;
      if (token === '') throw badRequest('token is required for TokenReview in authentication');
      const verdict = await tokens.authenticateToken(token, audiences.length === 0 ? apiAudiences : audiences);
      const answered = {
        kind: 'TokenReview',
        apiVersion: `${AUTHENTICATION_GROUP}/v1`,
        metadata: body.metadata,
        spec,
        status:
          verdict.kind === 'user'
            ? {
                authenticated: true,
                user: userToJson(withAuthenticatedGroup(verdict.user)),
                ...(verdict.audiences === undefined ? {} : { audiences: verdict.audiences }),
              }
            : { user: {}, error: verdict.kind === 'invalid' ? verdict.error : 'invalid bearer token' },
      };
      return answered;
    },
  };
}

/** SelfSubjectReview: as whom the server sees the caller, impersonation included. */
export function selfSubjectReviews(): ReviewResource {
  return {
    group: AUTHENTICATION_GROUP,
    version: 'v1',
    kind: 'SelfSubjectReview',
    resource: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    namespaced: false,
    schema: selfSubjectReviewSchema,
    create: async (_body, context) => {
      const answered = {
        kind: 'SelfSubjectReview',
        apiVersion: `${AUTHENTICATION_GROUP}/v1`,
        metadata: { creationTimestamp: formatTime(context.now) },
        status: { userInfo: userToJson(context.user) },
      };
      return answered;
    },
  };
}

function userToJson({ username, uid = '', groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  };
}
