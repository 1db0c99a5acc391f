import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { CONFIG_MAPS } from '../../src/client/resources.js';
import { NOW, cn, testCertificate, testKey } from '../../src/authority/testing/test-certificates.js';
import { toUnixSeconds } from '../../src/base/clock.js';
import { openCliServer } from './open-cli.js';

const server = await openCliServer();
after(() => server.close());

const key = await testKey('root');
const rootPem = await testCertificate({ subject: cn('root'), key, notAfter: toUnixSeconds(NOW + 100 * 31_536_000) });
const oldPem = await testCertificate({ subject: cn('old'), key });
const expiredPem = await testCertificate({ subject: cn('gone'), key, notAfter: NOW });
const leafPem = await testCertificate({ subject: cn('leaf'), key, constraints: { ca: false } });

test('refuses what is no root, and roots that nobody published', async (t) => {
  const terminal = server.terminal(t);
  writeFileSync(terminal.path('leaf.pem'), rootPem + leafPem);
  const leaf = await terminal.run(['trust', 'export', '--ca', 'leaf.pem']);
  assert.deepEqual(leaf, {
    exitCode: 1,
    stdout: '',
    stderr: 'error: Cannot export CN=leaf: it is no CA, so it cannot be a root of trust\n',
  });
  const nobody = await terminal.run(['trust', 'export', '--signer', 'example.com/nobody']);
  assert.equal(nobody.exitCode, 1);
  assert.match(
    nobody.stderr,
    /no root is published for signer example\.com\/nobody in namespaces default and kube-public; its operator publishes it with: countersign trust export --ca ca\.pem --signer example\.com\/nobody --configmap NAME -n kube-public\n$/,
  );
  const missing = await terminal.run(['trust', 'export', '--from-configmap', 'nope']);
  assert.equal(missing.stderr, 'Error from server (NotFound): configmaps "nope" not found\n');
  await server.client.create(CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'empty', namespace: 'default' },
  });
  const empty = await terminal.run(['trust', 'export', '--from-configmap', 'empty']);
  assert.equal(empty.stderr, 'error: Cannot export from ConfigMap default/empty: it has no key ca.crt\n');
});

test('bundles files: each root once, nothing but certificates, with a warning for expired ones', async (t) => {
  const terminal = server.terminal(t);
  writeFileSync(terminal.path('a.pem'), `# a comment\n${rootPem}${oldPem}`);
  writeFileSync(terminal.path('b.pem'), rootPem + expiredPem);
  const result = await terminal.run(['trust', 'export', '--ca', 'a.pem', '--ca', 'b.pem']);
  assert.equal(result.stdout, rootPem + oldPem + expiredPem);
  assert.match(result.stderr, /^warning: CN=gone expired: /);
  await terminal.run(['trust', 'export', '--ca', 'a.pem', '--out', 'out/bundle.pem']);
  assert.equal(readFileSync(terminal.path('out/bundle.pem'), 'utf8'), rootPem + oldPem);
});

test('finds the root that the embedded system published, as any user', async (t) => {
  const jane = server.terminal(t, { user: { username: 'jane', groups: ['system:authenticated'] } });
  const result = await jane.run(['trust', 'export', '--signer', 'example.com/auto']);
  assert.equal(result.exitCode, 0, result.stderr);
  assert.match(result.stdout, /^-----BEGIN CERTIFICATE-----\n[^-]*-----END CERTIFICATE-----\n$/);
});

test('publishes a root under a signer, where request finds it, and updates it', async (t) => {
  const terminal = server.terminal(t);
  writeFileSync(terminal.path('ca.pem'), oldPem);
  const args = ['trust', 'export', '--ca', 'ca.pem', '--signer', 'example.com/hand', '--configmap', 'example-ca'];
  assert.equal((await terminal.run(args)).stdout, 'configmap/example-ca created\n');
  writeFileSync(terminal.path('ca.pem'), rootPem);
  assert.equal((await terminal.run(args)).stdout, 'configmap/example-ca configured\n');
  assert.equal((await terminal.run(['trust', 'export', '--signer', 'example.com/hand'])).stdout, rootPem);
  assert.equal((await terminal.run(['trust', 'export', '--from-configmap', 'example-ca'])).stdout, rootPem);
  const configMap = await server.client.get(CONFIG_MAPS, 'example-ca', { namespace: 'default' });
  assert.equal(configMap.metadata.annotations?.['countersign.dev/signer-name'], 'example.com/hand');
});
