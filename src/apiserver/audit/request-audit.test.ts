import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { FakeClock } from '../../base/fake-clock.js';
import { Collected, openTestServer, type TestServer } from '../testing/open-test-server.js';
import { AuditMetrics } from './audit-metrics.js';
import type { AuditEvent } from './audit-event.js';
import type { AuditMode } from './audit-sink.js';
import { Auditor } from './auditor.js';
import { parseAuditPolicy } from './parse-audit-policy.js';

interface Audited {
  readonly server: TestServer;
  readonly events: AuditEvent[];
  readonly clock: FakeClock;
  readonly metrics: AuditMetrics;
  /** Written events are lost from now on, or no longer. */
  readonly lose: (yes: boolean) => void;
  readonly stages: () => readonly string[];
}

type Overrides = Parameters<typeof openTestServer>[0];

/** A server that puts on record what `rules` say. */
async function audited(
  t: TestContext,
  rules: readonly object[],
  { mode = 'batch', ...overrides }: Overrides & { readonly mode?: AuditMode } = {},
): Promise<Audited> {
  const events: AuditEvent[] = [];
  const clock = new FakeClock();
  const metrics = new AuditMetrics();
  let lost = false;
  const auditor = new Auditor({
    policy: parseAuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }, 'test'),
    sink: {
      write: (line) => {
        if (!lost) events.push(JSON.parse(line) as AuditEvent);
        return Promise.resolve(!lost);
      },
    },
    mode,
    metrics,
    clock,
  });
  const server = await openTestServer({ auditor, metrics: [metrics], ...overrides });
  t.after(() => server.close());
  events.length = 0;
  return {
    server,
    events,
    clock,
    metrics,
    lose: (yes) => {
      lost = yes;
    },
    stages: () => events.map(({ stage }) => stage),
  };
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const NO_FIRST = { omitStages: ['RequestReceived'] };

function countOf(metrics: AuditMetrics, name: string): number | undefined {
  return metrics.collect().find((family) => family.name === name)?.samples[0]?.value;
}

suite('refusals are on record', () => {
  test('a bad credential: one event, of nobody, with the methods tried', async (t) => {
    const { server, events } = await audited(t, [{ level: 'Metadata' }]);
    const answer = await server.ask({ path: MAPS, headers: { authorization: 'Bearer no' }, anonymous: true });
    assert.equal(answer.status, 401);
    const [event] = events;
    assert.equal(events.length, 1);
    assert.deepEqual(
      [event?.stage, event?.user, event?.responseStatus],
      [
        'ResponseStarted',
        {},
        {
          metadata: {},
          status: 'Failure',
          message: 'Authentication failed, attempted: bearer',
          reason: 'Unauthorized',
          code: 401,
        },
      ],
    );
    assert.equal(event?.auditID, answer.headers['audit-id']);
    assert.equal(event?.annotations, undefined);
  });

  test('a request that nobody may make: forbidden, and why', async (t) => {
    const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
    const answer = await server.ask({ path: MAPS, anonymous: true });
    assert.equal(answer.status, 403);
    const [event] = events;
    assert.equal(event?.stage, 'ResponseComplete');
    assert.deepEqual(event.user, { username: 'system:anonymous', groups: ['system:unauthenticated'] });
    assert.deepEqual(event.annotations, {
      'authorization.k8s.io/decision': 'forbid',
      'authorization.k8s.io/reason': '',
    });
    const { code, reason, status, details } = event.responseStatus ?? { code: 0 };
    assert.deepEqual([code, reason, status, details], [403, 'Forbidden', 'Failure', { kind: 'configmaps' }]);
  });

  test('an impersonation that is not allowed: of the caller, without another user', async (t) => {
    const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
    await server.ask({ path: MAPS, anonymous: true, as: 'alice' });
    assert.equal(events[0]?.user.username, 'system:anonymous');
    assert.equal(events[0].impersonatedUser, undefined);
    assert.equal(events[0].responseStatus?.code, 403);
  });

  test('an object that is not there, a path that is not served, a body that is none', async (t) => {
    const { server, events } = await audited(t, [{ level: 'RequestResponse', ...NO_FIRST }]);
    await server.ask({ path: `${MAPS}/none` });
    await server.ask({ path: '/nowhere' });
    await server.ask({ method: 'POST', path: MAPS, body: '{' });
    assert.deepEqual(
      events.map(({ responseStatus, requestObject }) => [responseStatus?.code, responseStatus?.reason, requestObject]),
      [
        [404, 'NotFound', undefined],
        [404, undefined, undefined],
        [400, 'BadRequest', undefined],
      ],
    );
  });

  test('what nobody foresaw: stage Panic, and no word of the error', async (t) => {
    const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }], {
      routes: [
        {
          path: '/broken',
          handle: () => {
            throw new TypeError('password is hunter2');
          },
        },
      ],
    });
    assert.equal((await server.ask({ path: '/broken' })).status, 500);
    assert.equal(events[0]?.stage, 'Panic');
    assert.deepEqual([events[0].responseStatus?.code, events[0].responseStatus?.reason], [500, 'InternalError']);
    assert.doesNotMatch(JSON.stringify(events), /hunter2/);
  });
});

test('a request has an event when it came and one when it is done, in the form of Kubernetes', async (t) => {
  const { server, events } = await audited(t, [{ level: 'RequestResponse' }]);
  const answer = await server.ask({
    method: 'POST',
    path: `${MAPS}?fieldManager=test`,
    headers: {
      'user-agent': 'kubectl/v1.36',
      'audit-id': 'my-id',
      'x-forwarded-for': '1.2.3.4',
      'content-type': 'application/json',
    },
    body: { metadata: { name: 'a' }, data: { x: 'y' } },
  });
  assert.equal(answer.headers['audit-id'], 'my-id');
  const [first, second] = events;
  const head = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: 'my-id',
    requestURI: `${MAPS}?fieldManager=test`,
    verb: 'create',
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['1.2.3.4', '127.0.0.1'],
    userAgent: 'kubectl/v1.36',
  };
  const reference = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
  assert.deepEqual(first, {
    ...head,
    stage: 'RequestReceived',
    objectRef: reference,
    requestReceivedTimestamp: '2023-11-14T22:13:20.000000Z',
    stageTimestamp: '2023-11-14T22:13:20.000000Z',
  });
  assert.deepEqual(second, {
    ...head,
    stage: 'ResponseComplete',
    objectRef: { ...reference, name: 'a' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { x: 'y' } },
    responseObject: answer.json,
    requestReceivedTimestamp: '2023-11-14T22:13:20.000000Z',
    stageTimestamp: '2023-11-14T22:13:20.000000Z',
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  });
});

suite('levels', () => {
  const sent = { metadata: { name: 'a' }, data: { x: 'y' } };

  test('None: nothing, and it is counted', async (t) => {
    const { server, events, metrics } = await audited(t, [{ level: 'None', verbs: ['list'] }, { level: 'Metadata' }]);
    const before = countOf(metrics, 'apiserver_audit_level_total') ?? 0;
    await server.ask({ path: MAPS });
    assert.deepEqual(events, []);
    assert.equal(countOf(metrics, 'apiserver_audit_level_total'), before + 1);
  });

  for (const [level, bodies] of [
    ['Metadata', [false, false]],
    ['Request', [true, false]],
    ['RequestResponse', [true, true]],
  ] as const) {
    test(`${level}: ${bodies.filter(Boolean).length} bodies`, async (t) => {
      const { server, events } = await audited(t, [{ level, ...NO_FIRST }]);
      await server.ask({ method: 'POST', path: MAPS, body: sent });
      const [event] = events;
      assert.deepEqual([event?.requestObject !== undefined, event?.responseObject !== undefined], bodies);
      assert.equal(event?.objectRef?.name, 'a');
    });
  }

  test('managed fields are left out where the rule says so', async (t) => {
    const { server, events } = await audited(t, [
      { level: 'RequestResponse', verbs: ['create'], omitManagedFields: true, ...NO_FIRST },
      { level: 'RequestResponse', ...NO_FIRST },
    ]);
    await server.ask({ method: 'POST', path: MAPS, body: sent });
    await server.ask({ path: `${MAPS}/a` });
    const owners = events.map(
      (e) => (e.responseObject as { metadata: { managedFields?: unknown } }).metadata.managedFields,
    );
    assert.equal(owners[0], undefined);
    assert.notEqual(owners[1], undefined);
  });
});

test('each way to change something says what was sent', async (t) => {
  const { server, events } = await audited(t, [{ level: 'Request', ...NO_FIRST }]);
  const json = (type: string) => ({ 'content-type': `application/${type}` });
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  await server.ask({ method: 'POST', path: `${MAPS}?dryRun=All`, body: { metadata: { generateName: 'b-' } } });
  await server.ask({ method: 'POST', path: MAPS, body: object });
  await server.ask({ method: 'PUT', path: `${MAPS}/a`, body: object });
  await server.ask({
    method: 'PATCH',
    path: `${MAPS}/a`,
    headers: json('merge-patch+json'),
    body: { data: { x: '1' } },
  });
  const operations = [{ op: 'add', path: '/data/y', value: '2' }];
  await server.ask({ method: 'PATCH', path: `${MAPS}/a`, headers: json('json-patch+json'), body: operations });
  await server.ask({
    method: 'PATCH',
    path: `${MAPS}/a?fieldManager=m&force=true`,
    headers: json('apply-patch+yaml'),
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {z: "3"}\n',
  });
  await server.ask({ method: 'DELETE', path: `${MAPS}/a`, body: { preconditions: {} } });
  await server.ask({ method: 'DELETE', path: `${MAPS}?labelSelector=a` });
  assert.deepEqual(
    events.map(({ verb, objectRef, responseStatus }) => [verb, objectRef?.name, responseStatus?.code]),
    [
      ['create', undefined, 201],
      ['create', 'a', 201],
      ['update', 'a', 200],
      ['patch', 'a', 200],
      ['patch', 'a', 200],
      ['patch', 'a', 200],
      ['delete', 'a', 200],
      ['deletecollection', undefined, 200],
    ],
  );
  assert.equal(events[0]?.requestURI, `${MAPS}?dryRun=All`);
  assert.deepEqual(events[3]?.requestObject, { data: { x: '1' } });
  assert.deepEqual(events[4]?.requestObject, operations);
  assert.deepEqual((events[5]?.requestObject as { data: object }).data, { z: '3' });
  assert.equal(events[6]?.responseStatus?.status, 'Success');
  assert.ok('preconditions' in (events[6].requestObject as object));
  assert.equal(events[7]?.requestObject, undefined);
});

test('a name, uid and version that only the body says are in the reference', async (t) => {
  const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
  const metadata = { name: 'a', uid: 'u', resourceVersion: '7' };
  await server.ask({ method: 'PUT', path: `${MAPS}/a`, body: { metadata } });
  const { name, uid, resourceVersion } = events[0]?.objectRef ?? {};
  assert.deepEqual({ name, uid, resourceVersion }, metadata);
});

test('a request for no resource has no reference; a list pinned to a name has the name', async (t) => {
  const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
  await server.ask({ path: '/version' });
  await server.ask({ path: `${MAPS}?fieldSelector=metadata.name%3Da` });
  assert.equal(events[0]?.objectRef, undefined);
  assert.deepEqual([events[0]?.verb, events[1]?.verb, events[1]?.objectRef?.name], ['get', 'list', 'a']);
});

test('who acts as somebody else is on record as both; rules are about the caller', async (t) => {
  const { server, events } = await audited(t, [
    { level: 'None', users: ['alice'] },
    { level: 'Metadata', users: ['kubernetes-admin'], ...NO_FIRST },
  ]);
  await server.ask({ path: MAPS, as: 'alice', groups: ['dev'] });
  assert.equal(events[0]?.user.username, 'kubernetes-admin');
  assert.deepEqual(events[0].impersonatedUser, { username: 'alice', groups: ['dev', 'system:authenticated'] });
});

test('a part of this process is on record as itself, without address', async (t) => {
  const { server, events } = await audited(t, [{ level: 'RequestResponse', ...NO_FIRST }]);
  const user = { username: 'system:serviceaccount:kube-system:x', groups: ['system:masters'] };
  await server.api.handle({
    method: 'POST',
    target: MAPS,
    headers: {},
    body: { kind: 'object', value: { metadata: { name: 'a' } } },
    signal: new AbortController().signal,
    peer: { kind: 'in-process', user },
  });
  const [event] = events;
  assert.deepEqual([event?.user, event?.sourceIPs, event?.userAgent], [user, undefined, undefined]);
  assert.equal((event?.responseObject as { metadata: { name: string } }).metadata.name, 'a');
});

test('a user agent that goes on for ever is cut', async (t) => {
  const { server, events } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
  await server.ask({ path: MAPS, headers: { 'user-agent': 'a'.repeat(2000) } });
  assert.equal(events[0]?.userAgent, `${'a'.repeat(1024)}...TRUNCATED`);
});

suite('a watch', () => {
  test('is on record when it starts and when it ends, with the time of each', async (t) => {
    const { server, events, stages, clock } = await audited(t, [{ level: 'RequestResponse' }]);
    const response = await server.send({ path: `${MAPS}?watch=1&timeoutSeconds=10` });
    assert.deepEqual(stages(), ['RequestReceived', 'ResponseStarted']);
    assert.ok(response.body.kind === 'stream');
    const sink = new Collected();
    response.body.stream.start(sink);
    clock.advance(10_000);
    server.clock.advance(10_000);
    assert.equal(sink.ended, true);
    assert.deepEqual(stages(), ['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
    assert.deepEqual(
      events.slice(1).map(({ verb, responseStatus, stageTimestamp }) => [verb, responseStatus?.code, stageTimestamp]),
      [
        ['watch', 200, '2023-11-14T22:13:20.000000Z'],
        ['watch', 200, '2023-11-14T22:13:30.000000Z'],
      ],
    );
    assert.equal(events[2]?.responseObject, undefined);
  });

  test('whose client leaves, or whose server shuts down, is on record as complete, once', async (t) => {
    const { server, stages } = await audited(t, [{ level: 'Metadata', omitStages: ['RequestReceived'] }]);
    const left = await server.send({ path: `${MAPS}?watch=1` });
    assert.ok(left.body.kind === 'stream');
    left.body.stream.start(new Collected());
    left.body.stream.stop();
    left.body.stream.stop();
    assert.deepEqual(stages(), ['ResponseStarted', 'ResponseComplete']);
    const open = await server.send({ path: `${MAPS}?watch=1` });
    assert.ok(open.body.kind === 'stream');
    open.body.stream.start(new Collected());
    await server.api.close();
    assert.deepEqual(stages().slice(2), ['ResponseStarted', 'ResponseComplete']);
  });

  test('that is refused has both stages, too', async (t) => {
    const { server, events, stages } = await audited(t, [{ level: 'Metadata', ...NO_FIRST }]);
    await server.send({ path: `${MAPS}?watch=1&labelSelector=%3D` });
    assert.deepEqual(stages(), ['ResponseStarted', 'ResponseComplete']);
    assert.deepEqual(
      events.map(({ responseStatus }) => responseStatus?.code),
      [400, 400],
    );
  });
});

test('an answer that came too late is on record as such, and what happens afterwards is not', async (t) => {
  let arrived = (): void => undefined;
  let release = (): void => undefined;
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { server, events } = await audited(t, [{ level: 'RequestResponse', ...NO_FIRST }], {
    routes: [
      {
        path: '/slow',
        handle: async () => {
          arrived();
          await gate;
          return { status: 200, headers: {}, body: { kind: 'none' } };
        },
      },
    ],
  });
  const asked = server.ask({ path: '/slow' });
  await arrival;
  server.clock.advance(60_000);
  assert.equal((await asked).status, 504);
  release();
  await gate;
  assert.deepEqual(
    events.map(({ responseStatus }) => responseStatus?.code),
    [504],
  );
});

suite('secrets are not on record, whatever the policy says', () => {
  const secret = { metadata: { name: 's' }, stringData: { password: 'hunter2' } };

  test('of Secrets that are written, read, listed, patched and refused', async (t) => {
    const { server, events } = await audited(t, [{ level: 'RequestResponse' }]);
    await server.ask({ method: 'POST', path: SECRETS, body: secret });
    await server.ask({ path: `${SECRETS}/s` });
    await server.ask({ path: SECRETS });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.ask({ method: 'PATCH', path: `${SECRETS}/s`, headers, body: { stringData: { password: 'hunter2' } } });
    await server.ask({ method: 'PATCH', path: `${SECRETS}/s`, headers, body: { data: 'hunter2' } });
    await server.ask({ method: 'DELETE', path: SECRETS });
    const text = JSON.stringify(events);
    assert.equal(events.length, 12);
    assert.equal(/hunter2|aHVudGVyMg/.test(text), false);
    assert.match(text, /"password":"\(concealed\)"/);
  });

  test('of token requests and reviews; the id of a new token is', async (t) => {
    const { server, events } = await audited(t, [{ level: 'RequestResponse', ...NO_FIRST }]);
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    const answer = await server.ask({ method: 'POST', path, body: { spec: { token: 'admin-token' } } });
    assert.equal(answer.status, 201);
    assert.match(JSON.stringify(events), /"authenticated":true/);
    assert.doesNotMatch(JSON.stringify(events), /admin-token/);
  });
});

suite('an event that cannot be written', () => {
  test('delays and refuses nothing in batch and blocking', async (t) => {
    for (const mode of ['batch', 'blocking'] as const) {
      const { server, lose } = await audited(t, [{ level: 'Metadata' }], { mode });
      lose(true);
      assert.equal((await server.ask({ path: MAPS })).status, 200, mode);
    }
  });

  test('refuses the request in blocking-strict before anything is done, and it is counted', async (t) => {
    const { server, events, lose, metrics } = await audited(t, [{ level: 'Metadata' }], { mode: 'blocking-strict' });
    lose(true);
    const answer = await server.ask({ method: 'POST', path: MAPS, body: { metadata: { name: 'a' } } });
    assert.equal(answer.status, 500);
    assert.equal((answer.json as { message: string }).message, 'Internal error occurred: failed to store audit event');
    assert.equal(countOf(metrics, 'apiserver_audit_requests_rejected_total'), 1);
    lose(false);
    assert.equal((await server.ask({ path: `${MAPS}/a` })).status, 404);
    assert.equal(events.length, 2);
  });
});
