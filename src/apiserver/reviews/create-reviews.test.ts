import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toUnixSeconds } from '../../base/clock.js';
import type { KubeObject, ObjectMeta, UserInfo } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import { createStaticTokenAuthenticator, parseStaticTokens } from '../authentication/static-tokens.js';
import { createRbacAuthorizer } from '../authorization/rbac-authorizer.js';
import { RbacIndex } from '../authorization/rbac-index.js';
import { createReviews } from './create-reviews.js';
import type { ReviewContext } from './review-resource.js';

function index(): RbacIndex {
  const rbac = new RbacIndex();
  rbac.setRole('', 'conv-sar', {
    metadata: {},
    rules: [
      {
        verbs: ['approve'],
        apiGroups: ['certificates.k8s.io'],
        resources: ['signers'],
        resourceNames: ['example.com/*'],
      },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ],
  });
  const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'conv-sar' }];
  rbac.setBinding('', 'conv-sar', {
    metadata: {},
    roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'conv-sar' },
    subjects,
  });
  rbac.setRole('ns', 'all', { metadata: {}, rules: [{ verbs: ['*'], apiGroups: [''], resources: ['*'] }] });
  rbac.setBinding('ns', 'all', { metadata: {}, roleRef: { apiGroup: '', kind: 'Role', name: 'all' }, subjects });
  return rbac;
}

const rbac = createRbacAuthorizer(index());
const tokens = createStaticTokenAuthenticator(parseStaticTokens('tok,bob,7,devs\n', 't'), ['api']);
const reviews = createReviews({ authorizer: rbac, rules: rbac, tokens, apiAudiences: ['api'] });

interface Answer extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

async function ask(
  kind: string,
  spec: object | undefined,
  more: { readonly metadata?: ObjectMeta; readonly namespace?: string; readonly user?: UserInfo } = {},
): Promise<Answer> {
  const review = reviews.find((r) => r.kind === kind);
  assert.ok(review !== undefined);
  const context: ReviewContext = {
    user: more.user ?? { username: 'conv-sar', groups: ['g1', 'system:authenticated'] },
    now: toUnixSeconds(1_700_000_000),
    dryRun: false,
    fieldManager: '',
    warn: () => undefined,
    signal: new AbortController().signal,
    namespace: more.namespace ?? '',
  };
  return review.create({ metadata: more.metadata ?? {}, ...(spec === undefined ? {} : { spec }) }, context);
}

const resource = { group: 'certificates.k8s.io', resource: 'signers', verb: 'approve', name: 'example.com/*' };
const path = { path: '/metrics', verb: 'get' };
const someUser = 'spec.user: Invalid value: "": at least one of user or group must be specified';
const oneOf =
  'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';

const refusals: readonly (readonly [string, string, object | undefined, object, number, string])[] = [
  ['nobody', 'SubjectAccessReview', { resourceAttributes: { verb: 'get' } }, {}, 422, someUser],
  ['nothing', 'SubjectAccessReview', { user: 'x' }, {}, 422, oneOf],
  ['nobody and nothing', 'SubjectAccessReview', undefined, {}, 422, `[${oneOf}, ${someUser}]`],
  [
    'two things at once',
    'SubjectAccessReview',
    { user: 'x', resourceAttributes: resource, nonResourceAttributes: path },
    {},
    422,
    'spec.nonResourceAttributes: Invalid value: {"Path":"/metrics","Verb":"get"}: cannot be specified in combination with resourceAttributes',
  ],
  [
    'with metadata',
    'SubjectAccessReview',
    { user: 'x', nonResourceAttributes: path },
    { metadata: { name: 'x' } },
    422,
    'metadata: Invalid value: must be empty',
  ],
  [
    'a selector in both forms',
    'SubjectAccessReview',
    { user: 'x', resourceAttributes: { ...resource, labelSelector: { rawSelector: 'a', requirements: [{}] } } },
    {},
    422,
    'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
  ],
  ['nothing of myself', 'SelfSubjectAccessReview', {}, {}, 422, oneOf],
  [
    'another namespace than the path says',
    'LocalSubjectAccessReview',
    { user: 'x', resourceAttributes: { ...resource, namespace: 'other' } },
    { namespace: 'ns' },
    422,
    'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
  ],
  [
    'a path in a namespace',
    'LocalSubjectAccessReview',
    { user: 'x', nonResourceAttributes: path },
    { namespace: 'ns' },
    422,
    'spec.nonResourceAttributes: Invalid value: {"Path":"/metrics","Verb":"get"}: disallowed on this kind of request',
  ],
  [
    'another namespace in the body',
    'LocalSubjectAccessReview',
    { user: 'x', resourceAttributes: { ...resource, namespace: 'ns' } },
    { namespace: 'ns', metadata: { namespace: 'other' } },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  ['rules of no namespace', 'SelfSubjectRulesReview', {}, {}, 400, 'no namespace on request'],
  ['whose no token is', 'TokenReview', {}, {}, 400, 'token is required for TokenReview in authentication'],
];

for (const [name, kind, spec, more, code, text] of refusals) {
  test(`refuses to say: ${name}`, async () => {
    await assert.rejects(ask(kind, spec, more), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      const message = code === 422 ? `.authorization.k8s.io "" is invalid: ${text}` : text;
      assert.deepEqual([error.httpCode, error.message], [code, message]);
      return true;
    });
  });
}

test('a refusal names the group and no kind', async () => {
  await assert.rejects(ask('SubjectAccessReview', { user: 'x' }), (error: StatusError) => {
    assert.deepEqual(error.status.details, {
      group: 'authorization.k8s.io',
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
          field: 'spec.resourceAttributes',
        },
      ],
    });
    return true;
  });
});

const because = 'RBAC: allowed by ClusterRoleBinding "conv-sar" of ClusterRole "conv-sar" to User "conv-sar"';
const answers: readonly (readonly [string, string, object, object, object])[] = [
  [
    'a user may',
    'SubjectAccessReview',
    { user: 'conv-sar', resourceAttributes: { ...resource, version: '*' } },
    {},
    { allowed: true, reason: because },
  ],
  [
    'a user may not for another name',
    'SubjectAccessReview',
    { user: 'conv-sar', resourceAttributes: { ...resource, name: 'example.com/serving' } },
    {},
    { allowed: false },
  ],
  [
    'a group may not, as no group is added',
    'SubjectAccessReview',
    { groups: ['g1'], nonResourceAttributes: path },
    {},
    { allowed: false },
  ],
  [
    'a superuser may',
    'SubjectAccessReview',
    { groups: ['system:masters'], nonResourceAttributes: path },
    {},
    { allowed: true },
  ],
  ['I may', 'SelfSubjectAccessReview', { nonResourceAttributes: path }, {}, { allowed: true, reason: because }],
  [
    'I may not do everything',
    'SelfSubjectAccessReview',
    { resourceAttributes: { ...resource, verb: '*' } },
    {},
    { allowed: false },
  ],
  [
    'a star is granted by a star',
    'LocalSubjectAccessReview',
    { user: 'conv-sar', resourceAttributes: { namespace: 'ns', verb: '*', resource: '*' } },
    { namespace: 'ns' },
    { allowed: true, reason: 'RBAC: allowed by RoleBinding "all/ns" of Role "all" to User "conv-sar"' },
  ],
];

for (const [name, kind, spec, more, status] of answers) {
  test(`says that ${name}`, async () => {
    const answer = await ask(kind, spec, more);
    assert.deepEqual(answer.status, status);
    assert.deepEqual(answer.spec, spec);
    assert.deepEqual([answer.kind, answer.apiVersion], [kind, 'authorization.k8s.io/v1']);
  });
}

test('tells the rules of the caller one after the other, and not the question', async () => {
  assert.deepEqual(await ask('SelfSubjectRulesReview', { namespace: 'ns' }), {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: {
      resourceRules: [
        {
          verbs: ['approve'],
          apiGroups: ['certificates.k8s.io'],
          resources: ['signers'],
          resourceNames: ['example.com/*'],
        },
        { verbs: ['*'], apiGroups: [''], resources: ['*'] },
      ],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
      incomplete: false,
    },
  });
});

test('tells the caller who they are', async () => {
  const user = { username: 'conv-sar', uid: '9', groups: ['g1', 'system:authenticated'], extra: { a: ['b'] } };
  assert.deepEqual(await ask('SelfSubjectReview', undefined, { user }), {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '2023-11-14T22:13:20Z' },
    status: { userInfo: user },
  });
});

test('tells whose a token is, and for whom it is meant', async () => {
  for (const audiences of [undefined, ['x', 'api']]) {
    const answer = await ask('TokenReview', { token: 'tok', ...(audiences === undefined ? {} : { audiences }) });
    assert.deepEqual(answer.status, {
      authenticated: true,
      user: { username: 'bob', uid: '7', groups: ['devs', 'system:authenticated'] },
      audiences: ['api'],
    });
  }
});

test('a bad token is an answer', async () => {
  for (const spec of [{ token: 'garbage' }, { token: 'tok', audiences: ['vault'] }]) {
    assert.deepEqual((await ask('TokenReview', spec)).status, { user: {}, error: 'invalid bearer token' });
  }
});

test('protobuf numbers stand once in every message', () => {
  for (const { schema } of reviews) {
    const numbers = schema.fields.map((field) => field.number);
    assert.equal(new Set(numbers).size, numbers.length, schema.name);
  }
});
