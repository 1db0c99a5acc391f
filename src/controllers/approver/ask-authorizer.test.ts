import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createClient } from '../../client/client.js';
import type { ApiRequest, ApiResponse } from '../../kube/exchange.js';
import { createFactStore } from '../../policy/fact-store.js';
import { withAccessReviews } from '../../policy/facts-snapshot.js';
import { askAuthorizer } from './ask-authorizer.js';

const REQUESTER = {
  username: 'system:node:n1',
  uid: 'u1',
  groups: ['system:nodes', 'system:authenticated'],
  extra: { 'example.com/scopes': ['a', 'b'] },
};
const RENEW = { verb: 'create', group: 'certificates.k8s.io', resource: 'csrs', subresource: 'selfnodeclient' };
const FIRST = { ...RENEW, subresource: 'nodeclient' };

function authorizer(answer: (sent: object) => object) {
  const sent: object[] = [];
  const client = createClient(
    async (request: ApiRequest): Promise<ApiResponse> => {
      const body = request.body.kind === 'object' ? request.body.value : {};
      sent.push(body);
      return { status: 201, headers: {}, body: { kind: 'object', value: { ...body, ...answer(body) } } };
    },
    { userAgent: 'test' },
  );
  return { client, sent };
}

const signal = new AbortController().signal;

suite('ask authorizer', () => {
  test('asks as the requester, with everything that the API server wrote about it', async () => {
    const { client, sent } = authorizer(() => ({ status: { allowed: true } }));
    await askAuthorizer(client, REQUESTER, [RENEW], [], signal);
    assert.deepEqual(sent, [
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: {
          user: 'system:node:n1',
          uid: 'u1',
          groups: ['system:nodes', 'system:authenticated'],
          extra: { 'example.com/scopes': ['a', 'b'] },
          resourceAttributes: { ...RENEW, version: '*' },
        },
      },
    ]);
  });

  test('asks each question once, and keeps earlier answers', async () => {
    let allowed = true;
    const { client, sent } = authorizer(() => ({ status: { allowed } }));
    const first = await askAuthorizer(client, REQUESTER, [RENEW, RENEW], [], signal);
    allowed = false;
    const both = await askAuthorizer(client, REQUESTER, [FIRST, RENEW], first, signal);
    assert.equal(sent.length, 2);
    const facts = withAccessReviews(createFactStore(), both);
    assert.deepEqual([facts.accessReview(RENEW), facts.accessReview(FIRST)], ['allowed', 'denied']);
    assert.equal(facts.accessReview({ ...RENEW, verb: 'get' }), undefined);
  });

  const refusals: readonly { readonly name: string; readonly answer: object }[] = [
    { name: 'without a status', answer: {} },
    { name: 'that says no', answer: { status: { allowed: false, reason: 'no' } } },
    { name: 'that says anything but true', answer: { status: { allowed: 'true' } } },
    { name: 'that says both', answer: { status: { allowed: true, denied: true } } },
  ];
  for (const { name, answer } of refusals) {
    test(`an answer ${name} is no permission`, async () => {
      const { client } = authorizer(() => answer);
      const answers = await askAuthorizer(client, REQUESTER, [RENEW], [], signal);
      assert.equal(withAccessReviews(createFactStore(), answers).accessReview(RENEW), 'denied');
    });
  }
});
