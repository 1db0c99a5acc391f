import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

test('what docs/divergences.md says of the embedded server is so', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = (args: readonly string[], stdin?: string) =>
    runCommand('kubectl', [...args, '--kubeconfig', server.kubeconfig], stdin === undefined ? {} : { stdin });

  await t.test('podcertificaterequests are served, and no role of nodes is about them', async () => {
    const listed = await kubectl(['get', 'podcertificaterequests', '-A']);
    assert.deepEqual([listed.code, listed.stdout], [0, '']);
    assert.match(listed.stderr, /No resources found/);
    const may = ['auth', 'can-i', 'create', 'podcertificaterequests', '--as=system:node:n', '--as-group=system:nodes'];
    assert.match((await kubectl(may)).stdout, /^no/);
  });

  await t.test('clustertrustbundles are served in both versions, without a gate', async () => {
    for (const version of ['v1beta1', 'v1alpha1']) {
      const listed = await kubectl(['get', `clustertrustbundles.${version}.certificates.k8s.io`]);
      assert.equal(listed.code, 0);
      assert.match(listed.stdout, /kubernetes\.io:kube-apiserver-serving:[0-9a-f]{24} /);
      assert.equal(/is deprecated in v1\.34\+, unavailable in v1\.37\+/.test(listed.stderr), version === 'v1alpha1');
    }
  });

  await t.test('pods and nodes have a status, and nothing else besides', async () => {
    const { stdout } = await kubectl(['get', '--raw', '/api/v1']);
    const { resources } = JSON.parse(stdout) as { resources: readonly { readonly name: string }[] };
    const names = resources.map(({ name }) => name).filter((name) => /^(pods|nodes)\//.test(name));
    assert.deepEqual(names, ['nodes/status', 'pods/status']);
  });

  await t.test('pods get no token, and nodes no taint', async () => {
    await kubectl(['run', 'p', '--image=nginx']);
    const volumes = await kubectl(['get', 'pod', 'p', '-o', 'jsonpath={.metadata.name}:{.spec.volumes}']);
    assert.equal(volumes.stdout, 'p:');
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
    await kubectl(['create', '-f', '-'], JSON.stringify(node));
    const taints = await kubectl(['get', 'node', 'n', '-o', 'jsonpath={.metadata.name}:{.spec.taints}']);
    assert.equal(taints.stdout, 'n:');
  });

  await t.test('Endpoints stay as they were written', async () => {
    const subset = (ip: string) => ({ addresses: [{ ip }], ports: [{ port: 80, protocol: 'TCP' }] });
    const written = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e' } };
    const subsets = [subset('10.0.0.2'), subset('10.0.0.1')];
    await kubectl(['create', '-f', '-'], JSON.stringify({ ...written, subsets }));
    const shown = JSON.parse((await kubectl(['get', 'endpoints', 'e', '-o', 'json'])).stdout) as { subsets?: unknown };
    assert.deepEqual(shown.subsets, subsets);
  });

  await t.test('a server on loopback has no endpoint, and services have no proxy', async () => {
    const slice = await kubectl(['get', 'endpointslice', 'kubernetes', '-o', 'jsonpath={.endpoints}']);
    assert.deepEqual([slice.code, slice.stdout], [0, 'null']);
    const proxied = await kubectl(['get', '--raw', '/api/v1/namespaces/default/services/https:kubernetes:443/proxy/']);
    assert.match(proxied.stderr, /could not find the requested resource/);
  });

  await t.test('some bootstrap roles are missing', async () => {
    for (const role of ['system:node', 'system:kube-scheduler']) {
      assert.match((await kubectl(['get', 'clusterrole', role])).stderr, /NotFound/);
    }
  });

  await t.test('the version says whose it is', async () => {
    assert.match((await kubectl(['get', '--raw', '/version'])).stdout, /"gitVersion": ?"v1\.36\.2\+countersign-/);
  });
});
