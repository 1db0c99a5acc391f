import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

const PATIENCE = '--timeout=30s';

interface Kubectl {
  /** What it prints. Fails where kubectl does. */
  (...args: readonly string[]): Promise<string>;
  /** What of these config maps is there. */
  there(...names: readonly string[]): Promise<string>;
  /** Makes config maps `NAME` and `NAME-part`, which the first one owns. */
  makeOwned(name: string, ...more: readonly string[]): Promise<void>;
  waitUntilGone(...names: readonly string[]): Promise<void>;
}

function kubectlOf(kubeconfig: string): Kubectl {
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand('kubectl', [...args, '--kubeconfig', kubeconfig]);
    assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const makeOwned = async (name: string, ...more: readonly string[]): Promise<void> => {
    await kubectl('create', 'configmap', name, ...more);
    await kubectl('create', 'configmap', `${name}-part`, ...more);
    const uid = await kubectl('get', 'configmap', name, '-o', 'jsonpath={.metadata.uid}', ...more);
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true, blockOwnerDeletion: true };
    const patch = JSON.stringify({ metadata: { ownerReferences: [owner] } });
    await kubectl('patch', 'configmap', `${name}-part`, '-p', patch, ...more);
  };
  return Object.assign(kubectl, {
    makeOwned,
    there: (...names: readonly string[]) =>
      kubectl('get', 'configmap', ...names, '--ignore-not-found', '-o', 'jsonpath={.items[*].metadata.name}'),
    waitUntilGone: async (...names: readonly string[]) => {
      await kubectl('wait', '--for=delete', PATIENCE, ...names.map((name) => `configmap/${name}`));
    },
  });
}

test('stock kubectl deletes what objects own, or leaves it', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const kubectl = kubectlOf(server.kubeconfig);

  await t.test('in the background: afterwards', async () => {
    await kubectl.makeOwned('back');
    await kubectl('delete', 'configmap', 'back', '--cascade=background', PATIENCE);
    await kubectl.waitUntilGone('back-part');
  });

  await t.test('in the foreground: before, and kubectl waits for it', async () => {
    await kubectl.makeOwned('fore');
    const hold = JSON.stringify({ metadata: { finalizers: ['example.com/hold'] } });
    await kubectl('patch', 'configmap', 'fore-part', '-p', hold);
    await kubectl('delete', 'configmap', 'fore', '--cascade=foreground', '--wait=false');
    await kubectl('wait', '--for=jsonpath={.metadata.deletionTimestamp}', PATIENCE, 'configmap/fore-part');
    const held = await kubectl('get', 'configmap', 'fore', '-o', 'jsonpath={.metadata.finalizers}');
    assert.equal(held, '["foregroundDeletion"]');
    await kubectl('patch', 'configmap', 'fore-part', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    await kubectl.waitUntilGone('fore', 'fore-part');
    await kubectl.makeOwned('fore');
    await kubectl('delete', 'configmap', 'fore', '--cascade=foreground', PATIENCE);
    assert.equal(await kubectl.there('fore', 'fore-part'), '');
  });

  await t.test('not at all: orphans lose their owner', async () => {
    await kubectl.makeOwned('lone');
    await kubectl('delete', 'configmap', 'lone', '--cascade=orphan', PATIENCE);
    assert.equal(await kubectl('get', 'configmap', 'lone-part', '-o', 'jsonpath={.metadata.ownerReferences}'), '');
    await kubectl('delete', 'configmap', 'lone-part', PATIENCE);
  });

  await t.test('an owner in another namespace is none, and an Event says so', async () => {
    await kubectl('create', 'namespace', 'far');
    await kubectl('create', 'configmap', 'near');
    const uid = await kubectl('get', 'configmap', 'near', '-o', 'jsonpath={.metadata.uid}');
    await kubectl('create', 'configmap', 'lost', '-n', 'far');
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'near', uid };
    const patch = JSON.stringify({ metadata: { ownerReferences: [owner] } });
    await kubectl('patch', 'configmap', 'lost', '-p', patch, '-n', 'far');
    await kubectl('wait', '--for=delete', PATIENCE, 'configmap/lost', '-n', 'far');
    await kubectl(
      'wait',
      '--for=jsonpath={.reason}=OwnerRefInvalidNamespace',
      'events',
      '--all',
      PATIENCE,
      '-n',
      'far',
    );
  });

  await t.test('a namespace goes with all that is in it, and says what it waits for', async () => {
    await kubectl.makeOwned('inside', '-n', 'far');
    const hold = JSON.stringify({ metadata: { finalizers: ['example.com/hold'] } });
    await kubectl('patch', 'configmap', 'inside', '-n', 'far', '-p', hold);
    await kubectl('delete', 'namespace', 'far', '--wait=false');
    await kubectl('wait', 'namespace/far', '--for=condition=NamespaceContentRemaining', PATIENCE);
    const messages = ['NamespaceContentRemaining', 'NamespaceFinalizersRemaining'].map((type) =>
      kubectl('get', 'namespace', 'far', '-o', `jsonpath={.status.conditions[?(@.type=="${type}")].message}`),
    );
    assert.deepEqual(await Promise.all(messages), [
      'Some resources are remaining: configmaps. has 1 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ]);
    await kubectl(
      'patch',
      'configmap',
      'inside',
      '-n',
      'far',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
    await kubectl('wait', '--for=delete', PATIENCE, 'namespace/far');
  });
});

test('without a collector an object waits for that of somebody else', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer(['--controllers', '*,-garbage-collector-controller']);
  const kubectl = kubectlOf(server.kubeconfig);
  await kubectl.makeOwned('owner');
  await kubectl('delete', 'configmap', 'owner', '--cascade=foreground', '--wait=false');
  await kubectl('delete', 'configmap', 'owner', '--cascade=orphan', '--wait=false');
  assert.equal(await kubectl('get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.finalizers}'), '["orphan"]');
  await kubectl('delete', 'configmap', 'owner', '--cascade=background', PATIENCE);
  assert.equal(await kubectl.there('owner', 'owner-part'), 'owner-part');
});
