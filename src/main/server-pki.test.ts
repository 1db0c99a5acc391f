import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../base/error.js';
import { FakeClock } from '../base/fake-clock.js';
import { random } from '../crypto/digest.js';
import { folderKeyFiles, memoryKeyFiles } from './key-files.js';
import type { ServerPki } from './server-pki.js';
import { openServerPki } from './server-pki.js';

const DAY_MS = 86_400_000;
const HOSTS = ['localhost', '127.0.0.1', '::1'];

async function withFolder(use: (folder: string, clock: FakeClock, open: () => Promise<ServerPki>) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-pki-'));
  const clock = new FakeClock(Date.now());
  try {
    const files = folderKeyFiles(folder);
    await use(folder, clock, () => openServerPki({ shared: files, own: files, clock, random }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('refuses to make a new key where the certificate of the old one is still there', async () => {
  await withFolder(async (folder, _clock, open) => {
    await open();
    await unlink(join(folder, 'server-ca.key'));
    await assert.rejects(
      open(),
      (error) => hasCode(error, 'CA_INVALID') && /server-ca\.key is missing/.test(error.message),
    );
  });
});

test('refuses a CA whose key belongs to another', async () => {
  await withFolder(async (folder, _clock, open) => {
    await open();
    await writeFile(join(folder, 'server-ca.key'), await readFile(join(folder, 'client-ca.key')));
    await assert.rejects(open(), (error) => hasCode(error, 'CA_INVALID'));
  });
});

test('keeps every file for its owner only', async () => {
  await withFolder(async (folder, _clock, open) => {
    const pki = await open();
    await pki.serving(HOSTS);
    await pki.admin();
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  });
});

test('signs the server and the administrator with two authorities', async () => {
  await withFolder(async (_folder, _clock, open) => {
    const pki = await open();
    const serving = new X509Certificate((await pki.serving(HOSTS)).certificatePem);
    const admin = new X509Certificate((await pki.admin()).certificatePem);
    const serverCa = new X509Certificate(pki.serverCaPem);
    const clientCa = new X509Certificate(pki.clientCaPem);
    assert.ok(serving.verify(serverCa.publicKey));
    assert.ok(admin.verify(clientCa.publicKey));
    assert.ok(!admin.verify(serverCa.publicKey));
    assert.equal(serving.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(serving.checkHost('localhost'), 'localhost');
    assert.equal(admin.subject, 'O=system:masters\nCN=kubernetes-admin');
    assert.deepEqual(admin.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  });
});

test('gives the same certificate again until it is due, or other hosts are asked for', async () => {
  await withFolder(async (_folder, clock, open) => {
    const first = await (await open()).serving(HOSTS);
    assert.equal((await (await open()).serving(HOSTS)).certificatePem, first.certificatePem);
    assert.notEqual((await (await open()).serving(['localhost'])).certificatePem, first.certificatePem);
    const second = await (await open()).serving(HOSTS);
    clock.advance(200 * DAY_MS);
    assert.equal((await (await open()).serving(HOSTS)).certificatePem, second.certificatePem);
    clock.advance(60 * DAY_MS);
    assert.notEqual((await (await open()).serving(HOSTS)).certificatePem, second.certificatePem);
  });
});

test('replicas that start at the same time share authorities and keys, and have certificates of their own', async () => {
  const shared = memoryKeyFiles();
  const clock = new FakeClock(Date.now());
  const open = () => openServerPki({ shared, own: memoryKeyFiles(), clock, random });
  const [one, other] = await Promise.all([open(), open()]);
  assert.equal(one.serverCaPem, other.serverCaPem);
  assert.equal(one.clientCaPem, other.clientCaPem);
  assert.equal(one.recordKeyPem, other.recordKeyPem);
  const [a, b] = await Promise.all([one.serving(HOSTS), other.serving(HOSTS)]);
  assert.notEqual(a.keyPem, b.keyPem);
  const serverCa = new X509Certificate(one.serverCaPem);
  for (const { certificatePem } of [a, b]) assert.ok(new X509Certificate(certificatePem).verify(serverCa.publicKey));
});

test('makes a stored credential anew that cannot be read', async () => {
  await withFolder(async (folder, _clock, open) => {
    const first = await (await open()).admin();
    await writeFile(join(folder, 'admin.json'), '{"half');
    const second = await (await open()).admin();
    assert.notEqual(second.certificatePem, first.certificatePem);
  });
});

test('needs no folder', async () => {
  const files = memoryKeyFiles();
  const pki = await openServerPki({ shared: files, own: files, clock: new FakeClock(Date.now()), random });
  assert.match((await pki.admin()).keyPem, /BEGIN PRIVATE KEY/);
});
