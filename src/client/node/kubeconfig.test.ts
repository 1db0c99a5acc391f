import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { loadServerAccess, type KubeconfigOptions } from './kubeconfig.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const COMPLETE = `
apiVersion: v1
kind: Config
current-context: main
contexts:
  - name: main
    context: { cluster: local, user: admin, namespace: apps }
  - name: bare
    context: { cluster: local, user: nobody }
clusters:
  - name: local
    cluster:
      server: https://127.0.0.1:7443/
      certificate-authority-data: ${base64('CA')}
      tls-server-name: api.example.com
  - name: other
    cluster: { server: other.example.com:6443, insecure-skip-tls-verify: true }
users:
  - name: admin
    user:
      client-certificate-data: ${base64('CERT')}
      client-key-data: ${base64('KEY')}
  - name: nobody
    user: {}
`;

let folder: string;

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A kubeconfig with one context whose cluster and user have these fields (YAML flow style). */
function single(cluster: string, user = '{}'): string {
  return `{current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: ${cluster}}], users: [{name: u, user: ${user}}]}`;
}

const load = (options: Partial<KubeconfigOptions>) => loadServerAccess({ env: {}, ...options });

before(async () => (folder = await mkdtemp(join(tmpdir(), 'countersign-kubeconfig-'))));
after(() => rm(folder, { recursive: true }));

suite('kubeconfig', () => {
  const OK = '{server: "https://h"}';
  const refusals: readonly { readonly name: string; readonly text: string; readonly message: string }[] = [
    { name: 'what is no YAML', text: 'a: [', message: 'no YAML: ' },
    { name: 'a list', text: '[1]', message: 'no mapping of fields' },
    { name: 'another kind', text: 'kind: Pod', message: 'kind and apiVersion are "Pod" and "v1", not Config and v1' },
    { name: 'a list of entries that is none', text: 'clusters: {}', message: 'clusters is no list' },
    { name: 'an entry without name', text: 'users: [{user: {}}]', message: 'users[0] has no name' },
    { name: 'an entry that is no mapping', text: 'users: [7]', message: 'users[0] is no mapping of fields' },
    {
      name: 'an entry whose content is none',
      text: 'users: [{name: a, user: 7}]',
      message: 'users[0].user is no mapping of fields',
    },
    {
      name: 'a current context that is no string',
      text: 'current-context: 7',
      message: 'current-context is no string',
    },
    {
      name: 'no current context',
      text: 'contexts: [{name: a, context: {}}, {name: b, context: {}}]',
      message: 'no context is current (there are "a", "b"); choose one with --context',
    },
    { name: 'a current context that is not there', text: 'current-context: x', message: 'there is no context "x"' },
    {
      name: 'a context without cluster',
      text: '{current-context: c, contexts: [{name: c, context: {}}]}',
      message: 'context "c": it names no cluster',
    },
    {
      name: 'a context whose cluster is not there',
      text: '{current-context: c, contexts: [{name: c, context: {cluster: x}}]}',
      message: 'context "c": there is no cluster "x"',
    },
    {
      name: 'a context whose user is not there',
      text: '{current-context: c, contexts: [{name: c, context: {cluster: c, user: x}}], clusters: [{name: c, cluster: {server: "https://h"}}]}',
      message: 'context "c": there is no user "x"',
    },
    { name: 'a cluster without server', text: single('{}'), message: 'cluster "c": it has no server' },
    { name: 'a server that is no URL', text: single('{server: "https://"}'), message: 'server "https://" is no URL' },
    {
      name: 'http beyond this machine',
      text: single('{server: "http://10.0.0.1:80"}'),
      message: 'server "http://10.0.0.1:80" is not https; http is for loopback addresses only',
    },
    { name: 'another scheme', text: single('{server: "ftp://127.0.0.1"}'), message: 'is not https' },
    {
      name: 'a server with a password',
      text: single('{server: "https://a:b@h"}'),
      message: 'server has a user, a query or a fragment, and must only be an address',
    },
    {
      name: 'a proxy',
      text: single('{server: "https://h", proxy-url: "http://p"}'),
      message: 'proxy-url "http://p": proxies are not supported',
    },
    {
      name: 'a skipped check next to a CA',
      text: single('{server: "https://h", insecure-skip-tls-verify: true, certificate-authority-data: QQ==}'),
      message: 'insecure-skip-tls-verify and a certificate-authority exclude each other',
    },
    {
      name: 'a flag that is a word',
      text: single('{server: "https://h", insecure-skip-tls-verify: "yes"}'),
      message: 'insecure-skip-tls-verify is neither true nor false',
    },
    {
      name: 'data that is no base64',
      text: single('{server: "https://h", certificate-authority-data: "****"}'),
      message: 'certificate-authority-data is no base64',
    },
    {
      name: 'data that is cut off',
      text: single('{server: "https://h", certificate-authority-data: "QQ="}'),
      message: 'certificate-authority-data is no base64',
    },
    {
      name: 'a file that is not there',
      text: single('{server: "https://h", certificate-authority: nowhere.pem}'),
      message: 'certificate-authority: ENOENT',
    },
    {
      name: 'a certificate without key',
      text: single(OK, '{client-certificate-data: QQ==}'),
      message: 'client-certificate and client-key go together, and one is missing',
    },
    { name: 'a token that is a number', text: single(OK, '{token: 7}'), message: 'token is no string' },
    {
      name: 'two ways to authenticate',
      text: single(OK, '{token: a, username: b}'),
      message: 'it has more than one of token, username, exec and auth-provider',
    },
    { name: 'a plugin without command', text: single(OK, '{exec: {}}'), message: 'exec.command is missing' },
    {
      name: 'a provider without name',
      text: single(OK, '{auth-provider: {}}'),
      message: 'auth-provider.name is missing',
    },
    {
      name: 'groups without a user to act as',
      text: single(OK, '{as-groups: [a]}'),
      message: 'as-uid, as-groups and as-user-extra need a user in "as"',
    },
    {
      name: 'groups that are no list',
      text: single(OK, '{as: a, as-groups: b}'),
      message: 'as-groups is no list of strings',
    },
  ];
  for (const { name, text, message } of refusals) {
    test(`refuses ${name}`, async () => {
      const path = await file('refused', text);
      await assert.rejects(load({ path }), (error: unknown) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.ok(error.message.startsWith('Cannot read kubeconfig: '), error.message);
        assert.ok(error.message.includes(message), error.message);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
    });
  }

  test('refuses an alias bomb', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++) {
      const [here, there] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
      bomb.push(`${here}: &${here} [${Array.from({ length: 10 }, () => `*${there}`).join(', ')}]`);
    }
    const path = await file('bomb', bomb.join('\n'));
    await assert.rejects(load({ path }), { code: 'CONFIG_INVALID' });
  });

  test('reads a complete context', async () => {
    const path = await file('complete', COMPLETE);
    assert.deepEqual(await load({ path }), {
      server: 'https://127.0.0.1:7443',
      caPem: 'CA',
      tlsServerName: 'api.example.com',
      insecureSkipTlsVerify: false,
      namespace: 'apps',
      credentials: { certificatePem: 'CERT', keyPem: 'KEY' },
      source: 'main',
    });
  });

  test('takes another context, cluster, user, namespace or server as it is told', async () => {
    const path = await file('complete', COMPLETE);
    const bare = await load({ path, context: 'bare' });
    assert.deepEqual([bare.namespace, bare.credentials, bare.source], ['default', {}, 'bare']);
    const other = await load({ path, cluster: 'other', namespace: 'n' });
    assert.deepEqual(
      [other.server, other.insecureSkipTlsVerify, other.namespace],
      ['https://other.example.com:6443', true, 'n'],
    );
    const elsewhere = await load({ path, server: 'http://127.0.0.1:8001', user: 'nobody' });
    assert.deepEqual([elsewhere.server, elsewhere.credentials], ['http://127.0.0.1:8001', {}]);
  });

  test('reads files and plugin commands relative to the file that names them', async () => {
    await file('pki/ca.pem', 'CA FILE');
    await file('pki/client.pem', 'CERT FILE');
    await file('pki/client.key', 'KEY FILE');
    const user = '{client-certificate: pki/client.pem, client-key: pki/client.key, tokenFile: pki/token}';
    const path = await file('relative', single('{server: "https://h", certificate-authority: pki/ca.pem}', user));
    const access = await load({ path });
    assert.equal(access.caPem, 'CA FILE');
    assert.deepEqual(access.credentials, {
      certificatePem: 'CERT FILE',
      keyPem: 'KEY FILE',
      tokenFile: join(folder, 'pki/token'),
    });
    const plugin = await load({
      path: await file('plugin', single('{server: "https://h"}', '{exec: {command: ./bin/login, args: [a]}}')),
    });
    assert.equal(plugin.credentials.plugin?.description, 'exec ./bin/login');
    assert.ok(plugin.credentials.plugin.kubeconfig.includes(JSON.stringify(join(folder, 'bin/login'))));
    const onPath = await load({
      path: await file('plugin', single('{server: "https://h"}', '{exec: {command: aws}}')),
    });
    assert.ok(onPath.credentials.plugin?.kubeconfig.includes('"command":"aws"'));
  });

  test('prefers data to files, as client-go does', async () => {
    const cluster = '{server: "https://h", certificate-authority: nowhere.pem, certificate-authority-data: QUJD}';
    assert.equal((await load({ path: await file('both', single(cluster)) })).caPem, 'ABC');
  });

  test('reads whom to act as', async () => {
    const user = '{token: t, as: jane, as-uid: "7", as-groups: [a, b], as-user-extra: {scope: [x]}}';
    const { credentials } = await load({ path: await file('as', single('{server: "https://h"}', user)) });
    assert.deepEqual(credentials, {
      token: 't',
      impersonate: { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { scope: ['x'] } },
    });
  });
});

suite('kubeconfig files', () => {
  test('merges the files of KUBECONFIG: the first to name something wins, as a whole', async () => {
    const first = await file(
      'first',
      '{users: [{name: u, user: {token: first}}], contexts: [{name: c, context: {cluster: k, user: u}}]}',
    );
    const second = await file(
      'second',
      '{current-context: c, users: [{name: u, user: {token: second, as: x}}], clusters: [{name: k, cluster: {server: "https://second"}}]}',
    );
    const third = await file(
      'third',
      '{current-context: other, clusters: [{name: k, cluster: {server: "https://third"}}]}',
    );
    const env = { KUBECONFIG: ['', first, join(folder, 'missing'), second, third, first].join(delimiter) };
    const access = await load({ env });
    assert.equal(access.server, 'https://second');
    assert.deepEqual(access.credentials, { token: 'first' });
  });

  test('reads ~/.kube/config where KUBECONFIG is not set', async () => {
    await file('.kube/config', single('{server: "https://home"}'));
    assert.equal((await load({ env: { HOME: folder, KUBECONFIG: '' } })).server, 'https://home');
  });

  test('refuses a named file that does not exist', async () => {
    const path = join(folder, 'missing');
    await assert.rejects(load({ path, env: { HOME: folder } }), { code: 'CONFIG_INVALID', message: /missing: ENOENT/ });
  });

  test('says what to do where there is nothing', async () => {
    await assert.rejects(load({ env: { HOME: join(folder, 'empty') } }), {
      code: 'CONFIG_INVALID',
      message:
        'Cannot read kubeconfig: KUBECONFIG: no kubeconfig was found, and this is no pod; name one with --kubeconfig',
    });
  });

  test('is a pod where there is no kubeconfig and the environment says so', async () => {
    const pod = join(folder, 'pod');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    await assert.rejects(load({ env, inClusterFolder: pod }), {
      code: 'CONFIG_INVALID',
      message: /in-cluster: ENOENT/,
    });
    await file('pod/ca.crt', 'POD CA');
    await file('pod/token', 'POD TOKEN');
    const access = await load({ env, inClusterFolder: pod });
    assert.deepEqual(access, {
      server: 'https://[fd00::1]:443',
      caPem: 'POD CA',
      insecureSkipTlsVerify: false,
      namespace: 'default',
      credentials: { tokenFile: join(pod, 'token') },
      source: 'in-cluster',
    });
    await file('pod/namespace', 'apps\n');
    assert.equal((await load({ env, inClusterFolder: pod })).namespace, 'apps');
    assert.equal((await load({ env, inClusterFolder: pod, namespace: 'n' })).namespace, 'n');
    const home = { ...env, HOME: folder };
    assert.equal((await load({ env: home, inClusterFolder: pod })).server, 'https://home', 'a kubeconfig comes first');
  });
});
