import type { KubeObject } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import { aggregateText, type RuleResolver } from '../authorization/rbac-authorizer.js';
import type { PolicyRule } from '../../registry/roles/validate-rules.js';
import { AUTHORIZATION_GROUP } from './access-reviews.js';
import { selfSubjectRulesReviewSchema } from './authorization-schemas.js';
import type { ReviewResource } from './review-resource.js';

interface RulesReviewBody extends KubeObject {
  readonly spec?: { readonly namespace?: string };
}

/** SelfSubjectRulesReview: every rule that applies to the caller in one namespace, as the roles state them. */
export function selfSubjectRulesReviews(rules: RuleResolver): ReviewResource {
  return {
    group: AUTHORIZATION_GROUP,
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    resource: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    namespaced: false,
    schema: selfSubjectRulesReviewSchema,
    create: async (body, context) => {
      const review: RulesReviewBody = body;
      const namespace = review.spec?.namespace ?? '';
      if (namespace === '') throw badRequest('no namespace on request');
      const held = rules.rulesFor(context.user, namespace);
      const answered = {
        kind: 'SelfSubjectRulesReview',
        apiVersion: `${AUTHORIZATION_GROUP}/v1`,
        metadata: {},
        spec: {},
        status: {
          resourceRules: held.rules.flatMap(resourceRule),
          nonResourceRules: held.rules.flatMap(pathRule),
          incomplete: false,
          ...(held.errors.length === 0 ? {} : { evaluationError: aggregateText(held.errors) }),
        },
      };
      return answered;
    },
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): readonly object[] {
  if (resources === undefined || resources.length === 0) return [];
  return [{ verbs, apiGroups, resources, ...(isEmpty(resourceNames) ? {} : { resourceNames }) }];
}

function pathRule({ verbs, nonResourceURLs }: PolicyRule): readonly object[] {
  return isEmpty(nonResourceURLs) ? [] : [{ verbs, nonResourceURLs }];
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}
