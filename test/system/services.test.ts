import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

const MANIFEST = `
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: https, port: 443, targetPort: tls}]
---
apiVersion: v1
kind: Service
metadata: {name: peers}
spec:
  clusterIP: None
  selector: {app: web}
  ports: [{port: 7000}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: outside-1, labels: {kubernetes.io/service-name: outside}}
addressType: IPv4
endpoints: [{addresses: [10.1.2.3]}, {addresses: [10.1.2.4]}]
ports: [{port: 5432}]
`;

test('stock kubectl keeps services and endpoint slices', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = (args: readonly string[], stdin?: string) =>
    runCommand('kubectl', [...args, '--kubeconfig', server.kubeconfig], stdin === undefined ? {} : { stdin });
  /** The rows of a table, without its ages. */
  const rows = async (...args: readonly string[]): Promise<readonly (readonly string[])[]> => {
    const { stdout, stderr } = await kubectl(['get', ...args, '--no-headers']);
    assert.ok(stdout !== '', stderr);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/).filter((cell) => !/^\d+[smh]/.test(cell)));
  };

  await t.test('the API server is a service, with the first address', async () => {
    assert.deepEqual(await rows('svc'), [['kubernetes', 'ClusterIP', '10.96.0.1', '<none>', '443/TCP']]);
    const label = 'kubernetes.io/service-name=kubernetes';
    const [slice] = await rows('endpointslices', '-l', label);
    assert.deepEqual(slice?.slice(0, 2), ['kubernetes', 'IPv4']);
  });

  await t.test('manifests are applied, and applied again', async () => {
    assert.equal((await kubectl(['apply', '-f', '-'], MANIFEST)).code, 0);
    const again = await kubectl(['apply', '-f', '-'], MANIFEST.replace('port: 443', 'port: 8443'));
    assert.match(again.stdout, /service\/web configured\nservice\/peers unchanged/);
    const [peers] = await rows('svc', 'peers');
    assert.deepEqual(peers, ['peers', 'ClusterIP', 'None', '<none>', '7000/TCP']);
    const [web] = await rows('svc', 'web', '-o', 'wide');
    assert.match(web?.[2] ?? '', /^10\.96\.\d+\.\d+$/);
    assert.deepEqual(web?.slice(3), ['<none>', '8443/TCP', 'app=web']);
    assert.deepEqual(await rows('endpointslice', 'outside-1'), [['outside-1', 'IPv4', '5432', '10.1.2.3,10.1.2.4']]);
  });

  await t.test('each kind of service is created by its own command', async () => {
    for (const args of [
      ['clusterip', 'a', '--tcp=80:8080'],
      ['nodeport', 'b', '--tcp=80', '--node-port=30080'],
      ['loadbalancer', 'c', '--tcp=80'],
      ['externalname', 'd', '--external-name=db.example.com'],
    ]) {
      const made = await kubectl(['create', 'service', ...args]);
      assert.equal(made.code, 0, made.stderr);
    }
    assert.deepEqual((await rows('svc', 'b'))[0]?.slice(3), ['<none>', '80:30080/TCP']);
    const balanced = (await rows('svc', 'c'))[0];
    assert.equal(balanced?.[3], '<pending>');
    assert.match(balanced[4] ?? '', /^80:3\d{4}\/TCP$/);
    assert.deepEqual(await rows('svc', 'd'), [['d', 'ExternalName', '<none>', 'db.example.com', '<none>']]);
    assert.match((await kubectl(['get', 'all'])).stdout, /service\/kubernetes/);
  });

  await t.test('an address is given once, and given back', async () => {
    const create = (name: string) =>
      kubectl(['create', 'service', 'clusterip', name, '--tcp=80', '--clusterip=10.96.0.10']);
    assert.equal((await create('x')).code, 0);
    assert.match(
      (await create('y')).stderr,
      /spec\.clusterIPs: Invalid value: \["10\.96\.0\.10"\]: failed to allocate IP 10\.96\.0\.10: provided IP is already allocated/,
    );
    const moved = await kubectl(['patch', 'svc', 'x', '-p', '{"spec":{"clusterIP":"10.96.0.11"}}']);
    assert.match(moved.stderr, /spec\.clusterIPs\[0\]: Invalid value: \["10\.96\.0\.11"\]: may not change once set/);
    assert.equal((await kubectl(['delete', 'svc', 'x'])).code, 0);
    assert.equal((await create('y')).code, 0);
  });

  await t.test('a slice says which pods serve', async () => {
    await kubectl(['run', 'web-0', '--image=nginx', '--labels=app=web', '--port=8443']);
    const status = { podIP: '10.1.0.5', podIPs: [{ ip: '10.1.0.5' }], phase: 'Running' };
    const patched = await kubectl(['patch', 'pod', 'web-0', '--subresource=status', '-p', JSON.stringify({ status })]);
    assert.equal(patched.code, 0, patched.stderr);
    const slices = ['endpointslices', '-l', 'kubernetes.io/service-name=peers'];
    const there = ['wait', ...slices, '--for=jsonpath={.endpoints[0].addresses[0]}=10.1.0.5', '--timeout=10s'];
    assert.equal((await kubectl(there)).code, 0);
    const [row] = await rows(...slices);
    assert.match(row?.[0] ?? '', /^peers-[a-z0-9]+$/);
    assert.deepEqual(row?.slice(1), ['IPv4', '7000', '10.1.0.5']);
    await kubectl(['delete', 'service', 'peers']);
    assert.equal((await kubectl(['wait', ...slices, '--for=delete', '--timeout=10s'])).code, 0);
  });

  await t.test('endpoints come with a warning', async () => {
    const { stderr } = await kubectl(['get', 'ep']);
    assert.match(stderr, /Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice/);
  });

  await t.test('describe and explain know them', async () => {
    assert.match((await kubectl(['describe', 'svc', 'web'])).stdout, /IP Family Policy: +SingleStack/);
    assert.match((await kubectl(['explain', 'service.spec.clusterIPs'])).stdout, /FIELD: clusterIPs <\[\]string>/);
    assert.match((await kubectl(['api-resources'])).stdout, /^services +svc +v1 +true +Service$/m);
  });
});

test('addresses outlive a restart, and slices are left to others where that is wanted', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  const args = ['--service-cluster-ip-range', '10.50.0.0/24', '--controllers', '*,-endpointslice'];
  const seen: string[] = [];
  for (const round of [1, 2]) {
    await using server = await startServer(args, { folder });
    const kubectl = (...command: readonly string[]) =>
      runCommand('kubectl', [...command, '--kubeconfig', server.kubeconfig]);
    if (round === 1) assert.equal((await kubectl('create', 'service', 'clusterip', 'a', '--tcp=80')).code, 0);
    const { stdout } = await kubectl('get', 'svc', '-o', 'jsonpath={.items[*].spec.clusterIP}');
    seen.push(stdout);
    assert.match(stdout, /^10\.50\.0\.\d+ 10\.50\.0\.1$/);
    const [taken = ''] = stdout.split(' ');
    const again = await kubectl('create', 'service', 'clusterip', `b${round}`, '--tcp=80', `--clusterip=${taken}`);
    assert.match(again.stderr, /provided IP is already allocated/);
    const slices = await kubectl('get', 'endpointslices', '-o', 'name');
    assert.equal(slices.stdout.trim(), 'endpointslice.discovery.k8s.io/kubernetes');
    assert.equal(server.output().includes('Could not announce'), false, server.output());
  }
  assert.equal(seen[0], seen[1]);
  await rm(folder, { recursive: true });
});
