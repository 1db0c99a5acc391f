import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import protobuf from 'protobufjs';
import { type ServerProcess, startServer } from '../server-process.js';
import { until } from './client-node.js';
import { anyObject, openEnvelope, statusOf } from './protobuf-objects.js';
import { Reflector } from './reflector.js';
import { type Answer, SharedConnection } from './shared-connection.js';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPT = `${PROTOBUF}, */*`;
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** What it writes, from the published field numbers. */
const { root } = protobuf.parse(`
  syntax = "proto2";
  message TypeMeta { optional string apiVersion = 1; optional string kind = 2; }
  message Unknown { optional TypeMeta typeMeta = 1; optional bytes raw = 2; }
  message ObjectMeta { optional string name = 1; optional string namespace = 3; optional string resourceVersion = 6; }
  message Time { optional int64 seconds = 1; optional int32 nanos = 2; }
  message LeaseSpec {
    optional string holderIdentity = 1; optional int32 leaseDurationSeconds = 2; optional Time acquireTime = 3;
    optional Time renewTime = 4; optional int32 leaseTransitions = 5;
  }
  message Lease { optional ObjectMeta metadata = 1; optional LeaseSpec spec = 2; }
  message ServiceAccount { optional ObjectMeta metadata = 1; }
  message TokenRequestSpec { repeated string audiences = 1; optional int64 expirationSeconds = 4; }
  message TokenRequestStatus { optional string token = 1; }
  message TokenRequest {
    optional ObjectMeta metadata = 1; optional TokenRequestSpec spec = 2; optional TokenRequestStatus status = 3;
  }
`);

function encode(apiVersion: string, kind: string, object: object): Buffer {
  const message = root.lookupType(kind);
  const raw = message.encode(message.fromObject(object)).finish();
  const unknown = root.lookupType('Unknown');
  const envelope = unknown.encode(unknown.fromObject({ typeMeta: { apiVersion, kind }, raw })).finish();
  return Buffer.concat([Buffer.from('k8s\0'), envelope]);
}

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const ACCOUNTS = '/api/v1/namespaces/kube-system/serviceaccounts';
/** Some of its controllers, as its service accounts are named. */
const CONTROLLERS = [
  'generic-garbage-collector',
  'certificate-controller',
  'namespace-controller',
  'root-ca-cert-publisher',
];

suite('what kube-controller-manager 1.36 asks at its start', () => {
  let server: ServerProcess;
  let connection: SharedConnection;
  before(async () => {
    server = await startServer(['--in-memory', '--no-signers']);
    connection = await SharedConnection.to(server);
  });
  after(async () => {
    await connection[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const write = (method: string, path: string, body: Buffer): Promise<Answer> =>
    connection.send({ ':method': method, ':path': path, accept: ACCEPT, 'content-type': PROTOBUF }, body);
  const lease = (holderIdentity: string, seconds: number, resourceVersion = ''): Buffer => {
    const now = { seconds: 1_790_000_000 + seconds, nanos: 123_456_000 };
    const metadata = { name: 'kube-controller-manager', namespace: 'kube-system', resourceVersion };
    const spec = { holderIdentity, leaseDurationSeconds: 15, acquireTime: now, renewTime: now, leaseTransitions: 0 };
    return encode('coordination.k8s.io/v1', 'Lease', { metadata, spec });
  };

  test('health, and aggregated discovery', async () => {
    const health = await connection.ask('GET', '/healthz?timeout=32s', '*/*');
    assert.deepEqual([health.status, health.body.toString()], [200, 'ok']);
    for (const path of ['/api', '/apis']) {
      const found = await connection.ask('GET', path, AGGREGATED);
      assert.match(found.headers['content-type'] ?? '', /g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList/);
    }
  });

  test('how users authenticate, and goes on following that', async () => {
    const path = '/api/v1/namespaces/kube-system/configmaps';
    const name = 'extension-apiserver-authentication';
    const published = await connection.json<{ data: Record<string, string> }>('GET', `${path}/${name}`);
    assert.match(published.data['client-ca-file'] ?? '', /^-----BEGIN CERTIFICATE-----/);
    assert.equal(new X509Certificate(published.data['client-ca-file'] ?? '').ca, true);
    await using followed = new Reflector(connection, path, { query: `fieldSelector=metadata.name%3D${name}` });
    await until('in step', () => followed.synced);
    assert.deepEqual([...followed.objects.keys()], [`kube-system/${name}`]);
    const allowed = await connection.send({
      ':method': 'GET',
      ':path': `${path}/${name}`,
      'impersonate-user': 'system:kube-controller-manager',
      accept: ACCEPT,
    });
    assert.equal(allowed.status, 200);
  });

  test('its Lease: absent, made, renewed, and lost to another', async () => {
    const path = `${LEASES}/kube-controller-manager`;
    const absent = await connection.ask('GET', `${path}?timeout=5s`, ACCEPT);
    assert.equal(absent.headers['content-type'], PROTOBUF);
    const { reason, code } = statusOf(openEnvelope(absent.body).raw);
    assert.deepEqual([absent.status, reason, code], [404, 'NotFound', 404]);
    const made = await write('POST', `${LEASES}?timeout=5s`, lease('one', 0));
    assert.equal(made.status, 201);
    const { resourceVersion } = anyObject(openEnvelope(made.body).raw).metadata;
    const renewed = await write('PUT', `${path}?timeout=5s`, lease('one', 2, resourceVersion));
    assert.equal(renewed.status, 200);
    const late = await write('PUT', `${path}?timeout=5s`, lease('two', 4, resourceVersion));
    assert.deepEqual([late.status, statusOf(openEnvelope(late.body).raw).reason], [409, 'Conflict']);
    const shown = await connection.json<{ spec: Record<string, unknown> }>('GET', path);
    assert.deepEqual([shown.spec['holderIdentity'], shown.spec['renewTime']], ['one', '2026-09-21T14:13:22.123456Z']);
  });

  test('a service account and a token for each controller, and who it is then', async () => {
    for (const name of CONTROLLERS) {
      assert.equal((await connection.ask('GET', `${ACCOUNTS}/${name}`, ACCEPT)).status, 404, name);
      const account = encode('v1', 'ServiceAccount', { metadata: { name, namespace: 'kube-system' } });
      assert.equal((await write('POST', ACCOUNTS, account)).status, 201);
      const asked = encode('authentication.k8s.io/v1', 'TokenRequest', { spec: { expirationSeconds: 3600 } });
      const answer = await write('POST', `${ACCOUNTS}/${name}/token`, asked);
      assert.equal(answer.status, 201);
      const type = root.lookupType('TokenRequest');
      const { status } = type.toObject(type.decode(openEnvelope(answer.body).raw)) as { status: { token: string } };
      const review = { spec: { token: status.token } };
      const reviewed = await connection.json<{ status: { user: { username: string } } }>(
        'POST',
        '/apis/authentication.k8s.io/v1/tokenreviews',
        review,
      );
      assert.equal(reviewed.status.user.username, `system:serviceaccount:kube-system:${name}`);
    }
  });

  test('metadata of everything that discovery says can be deleted', async () => {
    const found = await Promise.all(['/api', '/apis'].map((path) => connection.ask('GET', path, AGGREGATED)));
    interface Discovered {
      readonly items: readonly {
        readonly metadata?: { readonly name?: string };
        readonly versions: readonly {
          readonly version: string;
          readonly resources: readonly { readonly resource: string; readonly verbs: readonly string[] }[];
        }[];
      }[];
    }
    const paths = found
      .flatMap(({ body }) => (JSON.parse(body.toString()) as Discovered).items)
      .flatMap(({ metadata, versions }) => {
        const group = metadata?.name ?? '';
        const base = group === '' ? '/api' : `/apis/${group}`;
        const [{ version, resources } = { version: '', resources: [] }] = versions;
        return resources
          .filter(({ verbs }) => ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb)))
          .map(({ resource }) => `${base}/${version}/${resource}`);
      });
    assert.ok(paths.length >= 18, paths.join());
    const all = paths.map((path) => new Reflector(connection, path, { form: 'metadata' }));
    try {
      await until('all in step', () => all.every(({ synced }) => synced));
      assert.deepEqual(new Set(all.flatMap(({ asked }) => asked)), new Set(['WatchList']));
    } finally {
      await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
    }
    assert.equal(connection.made, 1);
  });

  test('an Event, and one more of the same', async () => {
    const events = '/api/v1/namespaces/kube-system/events';
    const involvedObject = { kind: 'Lease', namespace: 'kube-system', name: 'kube-controller-manager' };
    const event = { metadata: { name: 'kcm.1' }, involvedObject, reason: 'LeaderElection', type: 'Normal', count: 1 };
    await connection.json('POST', events, event);
    const patch = (name: string) =>
      connection.send(
        {
          ':method': 'PATCH',
          ':path': `${events}/${name}`,
          accept: 'application/json',
          'content-type': 'application/strategic-merge-patch+json',
        },
        JSON.stringify({ count: 2 }),
      );
    assert.match((await patch('kcm.1')).body.toString(), /"count":2/);
    assert.equal((await patch('gone.1')).status, 404);
  });
});
