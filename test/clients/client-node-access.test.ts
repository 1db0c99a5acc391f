import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  Health,
  KubeConfig,
  RbacAuthorizationV1Api,
  type User,
  VersionApi,
  WellKnownApi,
} from '@kubernetes/client-node';
import { type ServerProcess, startServer } from '../server-process.js';
import { administrator, refusalOf } from './client-node.js';

let server: ServerProcess;
let admin: KubeConfig;
/** A token of service account `default/reader`, which may read pods of its namespace. */
let token: string;

before(async () => {
  server = await startServer(['--in-memory']);
  admin = administrator(server);
  const core = admin.makeApiClient(CoreV1Api);
  const place = { namespace: 'default' };
  await core.createNamespacedServiceAccount({ ...place, body: { metadata: { name: 'reader' } } });
  await admin.makeApiClient(RbacAuthorizationV1Api).createNamespacedRoleBinding({
    ...place,
    body: {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
    },
  });
  const spec = { audiences: [], expirationSeconds: 600 };
  const made = await core.createNamespacedServiceAccountToken({ ...place, name: 'reader', body: { spec } });
  token = made.status?.token ?? '';
});
after(() => server[Symbol.asyncDispose]());

/** The same server, asked by somebody else. */
function as(user: Omit<User, 'name'>): KubeConfig {
  const config = new KubeConfig();
  const cluster = admin.getCurrentCluster();
  assert.ok(cluster !== null);
  config.loadFromClusterAndUser(cluster, { name: 'other', ...user });
  return config;
}

async function nameOf(config: KubeConfig): Promise<string | undefined> {
  const review = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
  return review.status?.userInfo?.username;
}

const READER = 'system:serviceaccount:default:reader';

/** A credential plugin that says this. */
async function plugin(name: string, says: object): Promise<Omit<User, 'name'>> {
  const command = join(server.folder, name);
  await writeFile(command, `#!/bin/sh\ncat <<'JSON'\n${JSON.stringify(says)}\nJSON\n`);
  await chmod(command, 0o700);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } };
}

suite('client-node', () => {
  test('is refused with a token that is none, and with none where it may not', async () => {
    const list = (config: KubeConfig) =>
      refusalOf(config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default' }));
    const bad = await list(as({ token: 'nonsense' }));
    assert.equal(bad.code, 401);
    const nobody = await list(as({}));
    assert.deepEqual([nobody.code, nobody.reason], [403, 'Forbidden']);
    assert.equal(
      nobody.message,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });

  test('is let in by certificate, token, token file and credential plugin', async () => {
    const tokenFile = join(server.folder, 'token');
    await writeFile(tokenFile, token);
    const { user } = { user: admin.getCurrentUser() };
    const says = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' };
    const pem = (base64 = ''): string => Buffer.from(base64, 'base64').toString();
    const pair = { clientCertificateData: pem(user?.certData), clientKeyData: pem(user?.keyData) };
    const expirationTimestamp = '2099-01-01T00:00:00Z';
    assert.equal(await nameOf(admin), 'kubernetes-admin');
    assert.equal(await nameOf(as({ token })), READER);
    assert.equal(await nameOf(as({ authProvider: { name: 'tokenFile', config: { tokenFile } } })), READER);
    const byToken = await plugin('gives-token', { ...says, status: { token, expirationTimestamp } });
    assert.equal(await nameOf(as(byToken)), READER);
    const byPair = await plugin('gives-pair', { ...says, status: { ...pair, expirationTimestamp } });
    assert.equal(await nameOf(as(byPair)), 'kubernetes-admin');
  });

  test('impersonates', async () => {
    const user = admin.getCurrentUser();
    assert.ok(user !== null);
    assert.equal(await nameOf(as({ ...user, impersonateUser: 'jane' })), 'jane');
    const may = as({ token, impersonateUser: 'jane' }).makeApiClient(CoreV1Api).listNamespace();
    assert.match((await refusalOf(may)).message ?? '', /cannot impersonate resource "users"/);
  });

  test('has tokens and rights reviewed', async () => {
    const authentication = admin.makeApiClient(AuthenticationV1Api);
    const reviewed = await authentication.createTokenReview({ body: { spec: { token } } });
    assert.deepEqual([reviewed.status?.authenticated, reviewed.status?.user?.username], [true, READER]);
    const unknown = await authentication.createTokenReview({ body: { spec: { token: 'nonsense' } } });
    assert.notEqual(unknown.status?.authenticated, true);

    const authorization = admin.makeApiClient(AuthorizationV1Api);
    const reader = as({ token }).makeApiClient(AuthorizationV1Api);
    const ask = (namespace: string, verb: string) => ({ resourceAttributes: { namespace, verb, resource: 'pods' } });
    for (const [namespace, verb, allowed] of [
      ['default', 'list', true],
      ['default', 'delete', false],
      ['kube-system', 'list', false],
    ] as const) {
      const spec = ask(namespace, verb);
      const body = { spec: { ...spec, user: READER } };
      const answers = await Promise.all([
        authorization.createSubjectAccessReview({ body }),
        authorization.createNamespacedLocalSubjectAccessReview({ namespace, body }),
        reader.createSelfSubjectAccessReview({ body: { spec } }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status?.allowed),
        [allowed, allowed, allowed],
      );
    }
    const rules = await reader.createSelfSubjectRulesReview({ body: { spec: { namespace: 'default' } } });
    assert.ok(rules.status?.resourceRules.some(({ resources }) => resources?.includes('pods')));
  });

  test('asks for version, health and the issuer of tokens', async () => {
    const version = await admin.makeApiClient(VersionApi).getCode();
    assert.deepEqual([version.major, version.minor], ['1', '36']);
    assert.equal(await new Health(admin).readyz({}), true);
    assert.equal(await new Health(admin).livez({}), true);
    const issuer: unknown = await admin.makeApiClient(WellKnownApi).getServiceAccountIssuerOpenIDConfiguration();
    assert.match(JSON.stringify(issuer), /jwks_uri/);
  });
});
