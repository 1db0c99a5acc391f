import { invalid, invalidObject, OMITTED, required, type FieldError } from '../../kube/field-error.js';
import type { KubeObject, ObjectMeta, UserInfo } from '../../kube/object-meta.js';
import { badRequest } from '../../kube/status.js';
import { equalSemantically } from '../admission/equal-semantically.js';
import type { Attributes, Authorizer } from '../authorization/authorizer.js';
import {
  localSubjectAccessReviewSchema,
  selfSubjectAccessReviewSchema,
  subjectAccessReviewSchema,
} from './authorization-schemas.js';
import type { AccessReview, AccessReviewSpec, ReviewedPath, ReviewedSelector } from './review-objects.js';
import type { ReviewContext, ReviewResource } from './review-resource.js';

/** The group of access reviews. */
export const AUTHORIZATION_GROUP = 'authorization.k8s.io';

const COMMON = { group: AUTHORIZATION_GROUP, version: 'v1' } as const;

/** SubjectAccessReview: whether a user with exactly the groups given may do something. */
export function subjectAccessReviews(authorizer: Authorizer): ReviewResource {
  return {
    ...COMMON,
    kind: 'SubjectAccessReview',
    resource: 'subjectaccessreviews',
    singular: 'subjectaccessreview',
    namespaced: false,
    schema: subjectAccessReviewSchema,
    create: async (body) => {
      const review: AccessReview = body;
      const spec = review.spec ?? {};
      refuse([...attributeErrors(spec), ...userErrors(spec), ...metadataErrors(review.metadata, 'must be empty')]);
      return answer('SubjectAccessReview', review, reviewedUser(spec), authorizer);
    },
  };
}

/** LocalSubjectAccessReview: the same for one namespace, so that asking can be allowed namespace by namespace. */
export function localSubjectAccessReviews(authorizer: Authorizer): ReviewResource {
  return {
    ...COMMON,
    kind: 'LocalSubjectAccessReview',
    resource: 'localsubjectaccessreviews',
    singular: 'localsubjectaccessreview',
    namespaced: true,
    schema: localSubjectAccessReviewSchema,
    create: async (body, context) => {
      const review = inNamespace(body, context);
      const spec = review.spec ?? {};
      const { namespace: _namespace, ...metadata } = review.metadata;
      refuse([
        ...attributeErrors(spec),
        ...userErrors(spec),
        ...metadataErrors(metadata, 'must be empty except for namespace'),
        ...localErrors(spec, context.namespace),
      ]);
      return answer('LocalSubjectAccessReview', review, reviewedUser(spec), authorizer);
    },
  };
}

/** SelfSubjectAccessReview: whether the caller may do something. */
export function selfSubjectAccessReviews(authorizer: Authorizer): ReviewResource {
  return {
    ...COMMON,
    kind: 'SelfSubjectAccessReview',
    resource: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    namespaced: false,
    schema: selfSubjectAccessReviewSchema,
    create: async (body, context) => {
      const review: AccessReview = body;
      refuse([...attributeErrors(review.spec ?? {}), ...metadataErrors(review.metadata, 'must be empty')]);
      return answer('SelfSubjectAccessReview', review, context.user, authorizer);
    },
  };
}

async function answer(kind: string, review: AccessReview, user: UserInfo, authorizer: Authorizer): Promise<KubeObject> {
  const spec = review.spec ?? {};
  const decision = await authorizer.authorize(attributesOf(spec, user));
  const status = { allowed: decision.allowed, ...(decision.reason === '' ? {} : { reason: decision.reason }) };
  const { metadata } = review;
  const answered = { kind, apiVersion: `${AUTHORIZATION_GROUP}/v1`, metadata, spec, status };
  return answered;
}

function attributesOf(spec: AccessReviewSpec, user: UserInfo): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource === undefined) return { kind: 'path', user, verb: path?.verb ?? '', path: path?.path ?? '' };
  const version = resource.version ?? '';
  return {
    kind: 'resource',
    user,
    verb: resource.verb ?? '',
    group: resource.group ?? '',
    version: version === '' ? '*' : version,
    resource: resource.resource ?? '',
    subresource: resource.subresource ?? '',
    namespace: resource.namespace ?? '',
    name: resource.name ?? '',
  };
}

function reviewedUser(spec: AccessReviewSpec): UserInfo {
  return {
    username: spec.user ?? '',
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    groups: spec.groups ?? [],
    ...(spec.extra === undefined ? {} : { extra: spec.extra }),
  };
}

function inNamespace(body: KubeObject, { namespace }: ReviewContext): AccessReview {
  const own = body.metadata.namespace ?? '';
  if (own !== '' && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...body, metadata: { ...body.metadata, namespace } };
}

function attributeErrors(spec: AccessReviewSpec): readonly FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource === undefined && path === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid('spec.resourceAttributes', undefined, why)];
  }
  const both =
    resource !== undefined && path !== undefined
      ? [
          invalid(
            'spec.nonResourceAttributes',
            goPath(path),
            'cannot be specified in combination with resourceAttributes',
          ),
        ]
      : [];
  return [
    ...both,
    ...selectorErrors('spec.resourceAttributes.fieldSelector', resource?.fieldSelector),
    ...selectorErrors('spec.resourceAttributes.labelSelector', resource?.labelSelector),
  ];
}

function selectorErrors(field: string, selector: ReviewedSelector | undefined): readonly FieldError[] {
  if (selector === undefined) return [];
  const raw = selector.rawSelector ?? '';
  const requirements = selector.requirements?.length ?? 0;
  if (raw !== '' && requirements > 0) {
    return [invalid(`${field}.rawSelector`, raw, 'may not specified at the same time as requirements')];
  }
  if (raw !== '' || requirements > 0) return [];
  return [required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`)];
}

function userErrors(spec: AccessReviewSpec): readonly FieldError[] {
  if ((spec.user ?? '') !== '' || (spec.groups ?? []).length > 0) return [];
  return [invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified')];
}

function metadataErrors(metadata: ObjectMeta, detail: string): readonly FieldError[] {
  const { managedFields: _managed, creationTimestamp: _created, ...own } = metadata;
  return equalSemantically(own, {}) ? [] : [invalid('metadata', OMITTED, detail)];
}

function localErrors(spec: AccessReviewSpec, namespace: string): readonly FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const own = resource?.namespace ?? '';
  return [
    ...(resource !== undefined && own !== namespace
      ? [invalid('spec.resourceAttributes.namespace', own, 'must match metadata.namespace')]
      : []),
    ...(path === undefined
      ? []
      : [invalid('spec.nonResourceAttributes', goPath(path), 'disallowed on this kind of request')]),
  ];
}

/** The internal type has no JSON names, so the real server prints Go's. */
function goPath({ path = '', verb = '' }: ReviewedPath): object {
  return { Path: path, Verb: verb };
}

/** The real server's reviews have no kind at this point, and its message shows that. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject(AUTHORIZATION_GROUP, '', '', errors);
}
