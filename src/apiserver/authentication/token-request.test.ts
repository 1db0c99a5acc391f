import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toUnixSeconds } from '../../base/clock.js';
import type { KubeObject } from '../../kube/object-meta.js';
import { StatusError } from '../../kube/status.js';
import { formatTime } from '../../kube/time.js';
import type { RequestContext } from '../../registry/resource.js';
import type { TokenOrder } from './service-account-tokens.js';
import { createTokenRequestHandler, type TokenRequestDeps } from './token-request.js';
import type { TokenSubjects } from './token-subjects.js';

const NOW = toUnixSeconds(1_700_000_000);
const context: RequestContext = {
  user: { username: 'u', groups: [] },
  now: NOW,
  dryRun: false,
  fieldManager: '',
  warn: () => undefined,
  signal: new AbortController().signal,
};
const subjects: TokenSubjects = {
  serviceAccount: () => undefined,
  secret: (_namespace, name) => (name === 's' ? { uid: 'su' } : undefined),
  pod: (_namespace, name) =>
    name === 'conv-pod'
      ? { uid: 'pu', serviceAccountName: 'sa', nodeName: 'n' }
      : name === 'other'
        ? { uid: 'ou', serviceAccountName: 'another', nodeName: '' }
        : name === 'orphan'
          ? { uid: 'pu', serviceAccountName: 'sa', nodeName: 'gone' }
          : undefined,
  node: (name) => (name === 'n' ? { uid: 'nu' } : undefined),
};
const owner: KubeObject = { metadata: { name: 'sa', namespace: 'ns', uid: 'u1' } };

interface Asked {
  readonly answer: KubeObject;
  readonly order: TokenOrder;
  readonly warnings: readonly string[];
}

async function ask(spec: object, metadata: object = {}, more: Partial<TokenRequestDeps> = {}): Promise<Asked> {
  const warnings: string[] = [];
  const orders: TokenOrder[] = [];
  const issue = async (order: TokenOrder): Promise<string> => {
    orders.push(order);
    return 'the.to.ken';
  };
  const handler = createTokenRequestHandler({
    tokens: { issue },
    subjects,
    apiAudiences: ['api'],
    newUid: () => 'new',
    ...more,
  });
  const body: KubeObject = { metadata, ...{ spec } };
  const answer = await handler.create(owner, body, { ...context, warn: (line) => warnings.push(line) });
  const [order] = orders;
  assert.ok(order !== undefined);
  return { answer, order, warnings };
}

const tooShort = 'may not specify a duration less than 10 minutes';
const refusals: readonly (readonly [string, object, object, number, string])[] = [
  [
    'less than ten minutes',
    { expirationSeconds: 599 },
    {},
    422,
    `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: ${tooShort}`,
  ],
  [
    'a negative time',
    { expirationSeconds: -1 },
    {},
    422,
    `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: -1: ${tooShort}`,
  ],
  [
    'more than 2^32 seconds',
    { expirationSeconds: 4_294_967_297 },
    {},
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  [
    'another name in the body',
    {},
    { name: 'other' },
    422,
    'TokenRequest.authentication.k8s.io "sa" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  ],
  [
    'another namespace in the body',
    {},
    { namespace: 'other' },
    422,
    'TokenRequest.authentication.k8s.io "sa" is invalid: metadata.namespace: Invalid value: "other": must match the service account namespace if specified',
  ],
  [
    'to be bound to a ConfigMap',
    { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'c' } },
    {},
    400,
    'cannot bind token to object of type /v1, Kind=ConfigMap',
  ],
  [
    'to be bound to a Pod of another group',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'x/v1', name: 'c' } },
    {},
    400,
    'cannot bind token to object of type x/v1, Kind=Pod',
  ],
  [
    'to be bound to a pod that is not there',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'conv-none' } },
    {},
    404,
    'pods "conv-none" not found',
  ],
  [
    'to be bound to a pod with another uid',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'conv-pod', uid: 'wrong' } },
    {},
    409,
    'Operation cannot be fulfilled on Pod "conv-pod": the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated',
  ],
  [
    'to be bound to a pod of another service account',
    { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } },
    {},
    400,
    'cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name.',
  ],
  [
    'to be bound to a secret that is not there',
    { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'x' } },
    {},
    404,
    'secrets "x" not found',
  ],
  [
    'to be bound to a node that is not there',
    { boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'x' } },
    {},
    404,
    'nodes "x" not found',
  ],
];

for (const [name, spec, metadata, code, message] of refusals) {
  test(`refuses a token ${name.startsWith('to ') ? name : `with ${name}`}`, async () => {
    await assert.rejects(ask(spec, metadata), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.httpCode, error.message], [code, message]);
      return true;
    });
  });
}

test('the conflict names the kind', async () => {
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'conv-pod', uid: 'wrong' };
  await assert.rejects(ask({ boundObjectRef }), (error: StatusError) => {
    assert.deepEqual(error.status.details, { name: 'conv-pod', kind: 'Pod' });
    return true;
  });
});

test('fills in audiences and an hour, and answers with the token and its end', async () => {
  const { answer, order } = await ask({ audiences: [] });
  assert.deepEqual(answer, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: 'sa', namespace: 'ns', uid: 'new', creationTimestamp: '2023-11-14T22:13:20Z' },
    spec: { audiences: ['api'], expirationSeconds: 3600, boundObjectRef: null },
    status: { token: 'the.to.ken', expirationTimestamp: '2023-11-14T23:13:20Z' },
  });
  assert.deepEqual(order, {
    namespace: 'ns',
    serviceAccount: { name: 'sa', uid: 'u1' },
    audiences: ['api'],
    lifetimeSeconds: 3600,
    issuedAt: NOW,
  });
});

test('binds to what is there, and a pod brings its node', async () => {
  const pod = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'conv-pod', uid: 'pu' } });
  assert.deepEqual(
    [pod.order.pod, pod.order.node],
    [
      { name: 'conv-pod', uid: 'pu' },
      { name: 'n', uid: 'nu' },
    ],
  );
  const orphan = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'orphan' } });
  assert.deepEqual(orphan.order.node, { name: 'gone', uid: '' });
  const secret = await ask({ audiences: ['vault'], boundObjectRef: { kind: 'Secret', name: 's' } });
  assert.deepEqual([secret.order.secret, secret.order.audiences], [{ name: 's', uid: 'su' }, ['vault']]);
  const node = await ask({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'n' } });
  assert.deepEqual(node.order.node, { name: 'n', uid: 'nu' });
});

test('who asks for more than the longest life gets that, and a warning', async () => {
  const { answer, order, warnings } = await ask({ expirationSeconds: 90_000 }, {}, { maxSeconds: 86_400 });
  assert.equal(order.lifetimeSeconds, 86_400);
  assert.deepEqual(warnings, ['requested expiration of 90000 seconds shortened to 86400 seconds']);
  assert.deepEqual((answer as { spec?: object }).spec, {
    audiences: ['api'],
    expirationSeconds: 86_400,
    boundObjectRef: null,
  });
});

const pod = { kind: 'Pod', apiVersion: 'v1', name: 'conv-pod' };
const lifetimes: readonly (readonly [string, object, Partial<TokenRequestDeps>, number, number | undefined])[] = [
  ['of another time', { expirationSeconds: 3608, boundObjectRef: pod }, {}, 3608, undefined],
  ['bound to nothing', { expirationSeconds: 3607 }, {}, 3607, undefined],
  ['for others', { expirationSeconds: 3607, boundObjectRef: pod, audiences: ['api', 'vault'] }, {}, 3607, undefined],
  ['where that is off', { expirationSeconds: 3607, boundObjectRef: pod }, { extend: false }, 3607, undefined],
  ['that a kubelet asks for', { expirationSeconds: 3607, boundObjectRef: pod }, {}, 31_536_000, 3607],
  ['under a limit', { expirationSeconds: 3607, boundObjectRef: pod }, { maxSeconds: 86_400 }, 86_400, 3607],
];
for (const [name, spec, more, lifetimeSeconds, warnAfterSeconds] of lifetimes) {
  test(`a token ${name} lives ${lifetimeSeconds} s, stale after ${String(warnAfterSeconds)}`, async () => {
    const { answer, order } = await ask(spec, {}, more);
    assert.deepEqual([order.lifetimeSeconds, order.warnAfterSeconds], [lifetimeSeconds, warnAfterSeconds]);
    const { status } = answer as { status?: { readonly expirationTimestamp?: string } };
    const told = lifetimeSeconds === 31_536_000 || more.maxSeconds !== undefined ? 3607 : lifetimeSeconds;
    assert.equal(status?.expirationTimestamp, formatTime(toUnixSeconds(NOW + told)));
  });
}
