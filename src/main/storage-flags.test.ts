import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readStorageTls, storageSettings } from './storage-flags.js';

suite('flags of a shared store', () => {
  const etcd = { storage: 'etcd://a:2379' };
  const etcds = { storage: 'etcds://a:2379' };
  const refused: readonly {
    readonly name: string;
    readonly flags: Readonly<Record<string, unknown>>;
    readonly message: RegExp;
    readonly code?: string;
  }[] = [
    {
      name: 'a CA for a store that is not in etcd',
      flags: { etcdCafile: 'ca.pem' },
      message: /^Cannot use --etcd-cafile without --storage: it is about a store in etcd$/,
    },
    {
      name: 'a client certificate for a store that is not in etcd',
      flags: { etcdCertfile: 'a.pem', etcdKeyfile: 'a.key' },
      message: /^Cannot use --etcd-certfile without --storage/,
    },
    {
      name: 'a lease where nobody contends',
      flags: { leaderElectLeaseDuration: '15s' },
      message: /^Cannot use --leader-elect-lease-duration without --storage/,
    },
    {
      name: 'files of TLS where there is none',
      flags: { ...etcd, etcdCafile: 'ca.pem' },
      message: /^Cannot use --etcd-cafile: --storage does not ask for TLS: write etcds:\/\/ instead of etcd:\/\/$/,
    },
    {
      name: 'a client certificate without its key',
      flags: { ...etcds, etcdCertfile: 'a.pem' },
      message: /^Cannot use --etcd-certfile without --etcd-keyfile, nor the other way round$/,
    },
    {
      name: 'a key without its client certificate',
      flags: { ...etcds, etcdKeyfile: 'a.key' },
      message: /^Cannot use --etcd-certfile without --etcd-keyfile, nor the other way round$/,
    },
    {
      name: 'a lease that is no time',
      flags: { ...etcd, leaderElectLeaseDuration: 'soon' },
      message: /^Cannot read --leader-elect-lease-duration: "soon" is no duration/,
      code: 'CONFIG_INVALID',
    },
    {
      name: 'a lease that a busy moment would cost',
      flags: { ...etcd, leaderElectLeaseDuration: '2s' },
      message: /^Cannot use --leader-elect-lease-duration: 2s is not from 3s to 1h$/,
    },
    {
      name: 'a lease of more than an hour',
      flags: { ...etcd, leaderElectLeaseDuration: '2h' },
      message: /^Cannot use --leader-elect-lease-duration: 2h is not from 3s to 1h$/,
    },
  ];
  for (const { name, flags, message, code = 'USAGE' } of refused) {
    test(`refuse ${name}`, () => {
      assert.throws(() => storageSettings(flags, '/here'), { code, message });
    });
  }

  test('say nothing where the store is the own one', () => {
    assert.equal(storageSettings({}, '/here'), undefined);
  });

  test('say where the store is and how it is spoken to', () => {
    assert.deepEqual(storageSettings(etcd, '/here'), { address: 'etcd://a:2379', leaseDurationSeconds: 15 });
    const flags = { ...etcds, etcdCafile: 'ca.pem', etcdCertfile: '/a.pem', etcdKeyfile: 'a.key' };
    assert.deepEqual(storageSettings({ ...flags, leaderElectLeaseDuration: '1m' }, '/here'), {
      address: 'etcds://a:2379',
      caFile: '/here/ca.pem',
      certificateFile: '/a.pem',
      keyFile: '/here/a.key',
      leaseDurationSeconds: 60,
    });
  });

  test('name files that are read, and that it is told which one cannot be', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'storage-flags-'));
    t.after(() => rm(folder, { recursive: true }));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, 'PEM');
    const settings = { address: 'etcds://a', leaseDurationSeconds: 15 };
    assert.equal(await readStorageTls(settings), undefined);
    assert.deepEqual(await readStorageTls({ ...settings, caFile }), { ca: 'PEM' });
    await assert.rejects(readStorageTls({ ...settings, caFile, keyFile: join(folder, 'none') }), {
      code: 'CONFIG_INVALID',
      message: /^Cannot read --etcd-keyfile: ENOENT/,
    });
  });
});
