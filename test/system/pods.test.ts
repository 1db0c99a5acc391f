import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/worker': '' } },
  spec: { podCIDR: '10.1.0.0/24' },
  status: {
    addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};

function pod(name: string, spec: object = {}): string {
  const containers = [{ name: 'web', image: 'nginx' }];
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } });
}

interface Review {
  readonly status: {
    readonly userInfo: { readonly username: string; readonly extra?: Readonly<Record<string, string[]>> };
  };
}

test('kubectl works with pods and nodes, and tokens are bound to them', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = (args: readonly string[], stdin?: string) =>
    runCommand('kubectl', [...args, '--kubeconfig', server.kubeconfig], stdin === undefined ? {} : { stdin });
  const done = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, stdin);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const uidOf = (kind: string, name: string): Promise<string> =>
    done(['get', kind, name, '-o', 'jsonpath={.metadata.uid}']);
  const boundTo = (kind: string, name: string): Promise<string> =>
    done(['create', 'token', 'default', '--bound-object-kind', kind, '--bound-object-name', name]);
  const whoami = (token: string) =>
    runCommand('kubectl', [
      ...['auth', 'whoami', '-o', 'json', '--token', token, '--kubeconfig', '/dev/null'],
      ...['--server', address, '--certificate-authority', authority],
    ]);
  const address = await done(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']);
  const authority = `${server.folder}/pki/server-ca.crt`;

  await t.test('a pod is told of by its status, and printed', async () => {
    await done(['create', '-f', '-'], JSON.stringify(NODE));
    await done(['apply', '-f', '-'], pod('web', { nodeName: 'n1' }));
    const status = { phase: 'Running', podIP: '10.1.0.7', hostIP: '192.0.2.1' };
    await done(['patch', 'pod', 'web', '--subresource=status', '-p', JSON.stringify({ status })]);
    assert.match(
      await done(['get', 'po', '-o', 'wide']),
      /^web +0\/1 +Running +0 +\S+ +10\.1\.0\.7 +n1 +<none> +<none>$/m,
    );
    assert.match(await done(['get', 'all', '-o', 'name']), /^pod\/web$/m);
    assert.match(await done(['get', 'pods', '--field-selector', 'spec.nodeName=n1', '-o', 'name']), /^pod\/web$/);
    assert.match(await done(['get', 'no', '-o', 'wide']), /^n1 +Ready +worker +\S+ +192\.0\.2\.1 +<none>/m);
    assert.match(await done(['describe', 'pod', 'web']), /^IP: +10\.1\.0\.7$/m);
    assert.match(await done(['describe', 'node', 'n1']), /^PodCIDR: +10\.1\.0\.0\/24$/m);
    assert.match(await done(['explain', 'pod.spec.volumes.secret.items']), /path/);
    assert.equal(await done(['apply', '-f', '-'], pod('web', { nodeName: 'n1' })), 'pod/web unchanged');
  });

  await t.test('refuses a change that a pod does not take, and an account that is not there', async () => {
    const moved = await kubectl(['apply', '-f', '-'], pod('web', { nodeName: 'n2' }));
    assert.match(moved.stderr, /spec: Forbidden: pod updates may not change fields other than/);
    const stranger = await kubectl(['create', '-f', '-'], pod('other', { serviceAccountName: 'x' }));
    assert.match(
      stranger.stderr,
      /pods "other" is forbidden: error looking up service account default\/x: serviceaccount "x" not found/,
    );
  });

  await t.test('whoever holds a token of a pod is known by pod and node', async () => {
    const review = JSON.parse((await whoami(await boundTo('Pod', 'web'))).stdout) as Review;
    const { username, extra = {} } = review.status.userInfo;
    assert.equal(username, 'system:serviceaccount:default:default');
    const names = ['pod-name', 'pod-uid', 'node-name', 'node-uid'].map(
      (n) => extra[`authentication.kubernetes.io/${n}`],
    );
    assert.deepEqual(names, [['web'], [await uidOf('pod', 'web')], ['n1'], [await uidOf('node', 'n1')]]);
  });

  await t.test('binds no token to the pod of another service account', async () => {
    await done(['create', 'serviceaccount', 'other']);
    const bound = ['--bound-object-kind', 'Pod', '--bound-object-name', 'web'];
    const refused = await kubectl(['create', 'token', 'other', ...bound]);
    assert.match(
      refused.stderr,
      /cannot bind token for serviceaccount "other" to pod running with different serviceaccount name\./,
    );
  });

  for (const [kind, make] of [
    ['Pod', pod('short')],
    ['Secret', JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'short' } })],
    ['Node', JSON.stringify({ ...NODE, metadata: { name: 'short' } })],
  ] as const) {
    await t.test(`a ${kind} takes its tokens with it, and another of its name does not bring them back`, async () => {
      await done(['create', '-f', '-'], make);
      const token = await boundTo(kind, 'short');
      assert.equal((await whoami(token)).code, 0);
      await done(['delete', kind, 'short', '--timeout=10s']);
      assert.match((await whoami(token)).stderr, /Unauthorized|must be logged in/);
      await done(['create', '-f', '-'], make);
      assert.match((await whoami(token)).stderr, /Unauthorized|must be logged in/);
      assert.equal((await whoami(await boundTo(kind, 'short'))).code, 0);
    });
  }

  await t.test('a pod on a node that is there goes when its grace is over', async () => {
    await done(['delete', 'pod', 'web', '--grace-period=2', '--timeout=20s']);
    assert.match((await kubectl(['get', 'pod', 'web'])).stderr, /NotFound/);
  });

  await t.test('a namespace is emptied of its pods', async () => {
    await done(['create', 'namespace', 'shop']);
    await done(['-n', 'shop', 'create', '-f', '-'], pod('web'));
    await done(['delete', 'namespace', 'shop', '--timeout=30s']);
  });
});
