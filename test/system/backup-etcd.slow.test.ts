import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KubeObject } from '../../src/kube/object-meta.js';
import { countersign, runCommand } from '../command.js';
import { startEtcd } from '../etcd.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

test('a server moves into etcd by a backup, and out again: the same objects, keys and CAs, and versions that grow', async (t) => {
  if (!requireTool(t, 'kubectl') || !requireTool(t, 'etcd') || !requireTool(t, 'etcdctl')) return;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-backup-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [keys, first, second, data] = ['keys', 'first', 'second', 'data'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  await countersign(['store', 'genkey', keys]);
  const sealing = ['--encryption-key-file', keys];
  const etcd = await startEtcd();
  t.after(() => etcd.close());
  const about = async (
    kubeconfig: string,
  ): Promise<{ readonly uid: string; readonly version: number; readonly ca: string }> => {
    const get = ['get', 'configmap', 'kube-root-ca.crt', '-o', 'json'];
    const { stdout } = await runCommand('kubectl', ['--kubeconfig', kubeconfig, ...get]);
    const {
      metadata,
      data: { 'ca.crt': ca = '' },
    } = JSON.parse(stdout) as KubeObject & { readonly data: Readonly<Record<string, string>> };
    return { uid: metadata.uid ?? '', version: Number(metadata.resourceVersion), ca };
  };
  const backUp = async (file: string, kubeconfig: string) => {
    const saved = await countersign(['store', 'backup', file, '--kubeconfig', kubeconfig]);
    assert.equal(saved.code, 0, saved.stderr);
  };
  await using lmdb = await startServer(sealing);
  const before = await about(lmdb.kubeconfig);
  await backUp(first, lmdb.kubeconfig);
  await lmdb.stop();
  const moved = await countersign(['store', 'restore', first, '--storage', etcd.address]);
  assert.equal(moved.code, 0, moved.stderr);
  const again = await countersign(['store', 'restore', first, '--storage', etcd.address]);
  assert.match(again.stderr, /^error: Cannot restore into the store: it is not empty/);
  let inEtcd: Awaited<ReturnType<typeof about>>;
  {
    await using replica = await startServer([...sealing, '--storage', etcd.address]);
    inEtcd = await about(replica.kubeconfig);
    assert.deepEqual([inEtcd.uid, inEtcd.ca], [before.uid, before.ca]);
    assert.ok(inEtcd.version > before.version);
    const checked = await countersign(['store', 'check', '--kubeconfig', replica.kubeconfig, ...sealing]);
    assert.deepEqual([checked.code, checked.stderr], [0, '']);
    await backUp(second, replica.kubeconfig);
  }
  const back = await countersign(['store', 'restore', second, '--data-dir', data]);
  assert.equal(back.code, 0, back.stderr);
  await using renewed = await startServer(sealing, { folder: data });
  assert.deepEqual(await about(renewed.kubeconfig), inEtcd);
});
