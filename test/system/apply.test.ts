import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

const configMap = (name: string, data: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
    - {name: https, port: 443}
    - {name: http, port: 80}
`;

interface Shown {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly data?: object;
}

test('stock kubectl applies on the server', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = (args: readonly string[], stdin?: string) =>
    runCommand('kubectl', [...args, '--kubeconfig', server.kubeconfig], stdin === undefined ? {} : { stdin });
  const apply = (manifest: string, ...flags: readonly string[]) =>
    kubectl(['apply', '--server-side', '-f', '-', ...flags], manifest);
  const shown = async (name: string): Promise<Shown> => {
    const { stdout } = await kubectl(['get', 'configmap', name, '--show-managed-fields', '-o', 'json']);
    return JSON.parse(stdout) as Shown;
  };
  const owners = async (name: string): Promise<readonly string[]> =>
    ((await shown(name)).metadata.managedFields ?? []).map(({ manager, operation }) => `${manager} ${operation}`);

  await t.test('an apply creates, and when nothing changes, nothing is written', async () => {
    assert.match((await apply(configMap('a', { k: '1' }))).stdout, /configmap\/a serverside-applied/);
    const { metadata } = await shown('a');
    assert.equal((await apply(configMap('a', { k: '1' }))).code, 0);
    assert.equal((await shown('a')).metadata.resourceVersion, metadata.resourceVersion);
    assert.deepEqual(await owners('a'), ['kubectl Apply']);
  });

  await t.test('another manager is told of the conflict, and may force', async () => {
    const refused = await apply(configMap('a', { k: '2' }), '--field-manager=other');
    assert.match(refused.stderr, /Apply failed with 1 conflict: conflict with "kubectl": \.data\.k/);
    assert.equal((await apply(configMap('a', { k: '2' }), '--field-manager=other', '--force-conflicts')).code, 0);
    assert.deepEqual([(await shown('a')).data, await owners('a')], [{ k: '2' }, ['other Apply']]);
  });

  await t.test('what is no longer applied goes, what others set stays', async () => {
    await apply(configMap('b', { mine: '1', gone: '1' }));
    await kubectl(['patch', 'configmap', 'b', '--type=merge', '-p', '{"data":{"theirs":"1"}}']);
    await apply(configMap('b', { mine: '1' }));
    assert.deepEqual((await shown('b')).data, { mine: '1', theirs: '1' });
    assert.deepEqual(await owners('b'), ['kubectl Apply', 'kubectl-patch Update']);
  });

  await t.test('who applied on the client goes on with it on the server', async () => {
    await kubectl(['apply', '-f', '-'], configMap('c', { kept: '1', gone: '1' }));
    assert.deepEqual(await owners('c'), ['kubectl-client-side-apply Update']);
    assert.equal((await apply(configMap('c', { kept: '2' }))).code, 0);
    const { data, metadata } = await shown('c');
    assert.deepEqual(data, { kept: '2' });
    assert.match(metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '', /"kept":"2"/);
    assert.ok((await owners('c')).includes('kubectl Apply'));
  });

  await t.test('ports of a service are told apart by number and protocol', async () => {
    assert.equal((await apply(SERVICE)).code, 0);
    const other = SERVICE.replace('{name: https, port: 443}', '{name: admin, port: 8443}').replace(/.*80}\n/, '');
    assert.equal((await apply(other, '--field-manager=other')).code, 0);
    const ports = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.ports[*].port}']);
    assert.equal(ports.stdout, '443 80 8443');
  });

  await t.test('what is wrong with a configuration is said with its path', async () => {
    const wrong = await apply(configMap('d', { k: 1 }), '--validate=false');
    assert.match(
      wrong.stderr,
      /failed to create typed patch object \(default\/d; \/v1, Kind=ConfigMap\): \.data\.k: expected string/,
    );
  });

  await t.test('differences are shown, and nothing is applied', async () => {
    const { code, stdout } = await kubectl(
      ['diff', '--server-side', '--force-conflicts', '-f', '-'],
      configMap('b', { mine: '9' }),
    );
    assert.equal(code, 1);
    assert.match(stdout, /^-\s+mine: "1"$/m);
    assert.deepEqual((await shown('b')).data, { mine: '1', theirs: '1' });
  });
});
