import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { countersign, runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-encryption-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder, but the administrator's kubeconfig, which is a credential to be used. */
async function filesBelow(folder: string): Promise<readonly { readonly path: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const kept = paths.filter((path) => !path.endsWith('admin.kubeconfig'));
  return Promise.all(kept.map(async (path) => ({ path, bytes: await readFile(path) })));
}

/** The forms in which a secret could show. */
function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, base64.slice(0, -1), Buffer.from(secret).toString('hex')];
}

/** Runs kubectl; the answer is all that it printed. */
async function kubectl(kubeconfig: string, ...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await runCommand('kubectl', ['--kubeconfig', kubeconfig, ...args]);
  return { code, text: stdout + stderr };
}

/** A folder with a file of keys in it. */
async function withKeyFile(t: TestContext): Promise<{ readonly folder: string; readonly keys: string }> {
  const folder = await folderFor(t);
  const keys = join(folder, 'keys.json');
  assert.equal((await countersign(['store', 'genkey', keys])).code, 0);
  return { folder: join(folder, 'data'), keys };
}

test('nothing of a Secret or an own key reaches the disk, the log or an event', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const { folder, keys } = await withKeyFile(t);
  const secrets = [0, 1].map(() => randomBytes(24).toString('hex'));
  const server = await startServer(['--encryption-key-file', keys, '--log-level', 'debug'], { folder });
  t.after(() => server.stop());
  const k = (...args: readonly string[]) => kubectl(server.kubeconfig, ...args);
  await k('create', 'secret', 'generic', 'db', `--from-literal=password=${secrets[0] ?? ''}`);
  const patch = JSON.stringify({ stringData: { password: secrets[1] } });
  await k('patch', 'secret', 'db', '-p', patch);
  // refused, with the secret in what is refused
  const bad = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bad' }, stringData: { 'bad key': secrets[0] } };
  const file = join(folder, '..', 'bad.json');
  await writeFile(file, JSON.stringify(bad));
  assert.equal((await k('create', '-f', file)).code, 1);
  const shown = await k('get', 'secret', 'db', '-o', 'jsonpath={.data.password}');
  assert.equal(Buffer.from(shown.text, 'base64').toString(), secrets[1]);
  await k('delete', 'secret', 'db');
  const events = await k('get', 'events', '--all-namespaces', '-o', 'yaml');
  await server.stop();
  const places = [
    { path: 'log', bytes: Buffer.from(server.output()) },
    { path: 'events', bytes: Buffer.from(events.text) },
    ...(await filesBelow(folder)),
  ];
  for (const form of secrets.flatMap(formsOf)) {
    for (const { path, bytes } of places) assert.ok(!bytes.includes(form), `${path} shows a secret`);
  }
  for (const { path, bytes } of places) assert.ok(!bytes.includes('PRIVATE KEY'), `${path} shows a private key`);
  const sealed = places.filter(({ bytes }) => bytes.toString('latin1').startsWith('countersign:enc:v1:'));
  assert.ok(sealed.length >= 8, 'own keys are sealed');
});

test('a server with Secrets is given a key, then another, and the first one goes', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const { folder, keys } = await withKeyFile(t);
  const flags = ['--encryption-key-file', keys];
  const serve = async (args: readonly string[], work: (kubeconfig: string) => Promise<void>): Promise<string> => {
    await using server = await startServer([...args, '--no-signers'], { folder });
    await work(server.kubeconfig);
    await server.stop();
    return server.output();
  };
  const rewrite = async (kubeconfig: string): Promise<string> =>
    (await countersign(['store', 'rewrite', '--kubeconfig', kubeconfig])).stdout;
  const rewritten = (count: number): string =>
    `Rewrote ${count} of 2 Secrets: all are stored as this server stores them now\n`;
  const password = async (kubeconfig: string, name: string): Promise<string> =>
    (await kubectl(kubeconfig, 'get', 'secret', name, '-o', 'jsonpath={.data.password}')).text;
  const immutable = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'fixed' },
    immutable: true,
    stringData: { password: 'b' },
  };

  await serve([], async (kubeconfig) => {
    await kubectl(kubeconfig, 'create', 'secret', 'generic', 'db', '--from-literal=password=a');
    const file = join(folder, '..', 'fixed.json');
    await writeFile(file, JSON.stringify(immutable));
    await kubectl(kubeconfig, 'apply', '-f', file);
  });
  const output = await serve(flags, async (kubeconfig) => {
    assert.deepEqual([await password(kubeconfig, 'db'), await password(kubeconfig, 'fixed')], ['YQ==', 'Yg==']);
    assert.equal(await rewrite(kubeconfig), rewritten(2));
    assert.equal(await rewrite(kubeconfig), rewritten(0));
  });
  assert.match(output, /WARN {2}Secrets not sealed with the newest key/);
  assert.match(output, /encryption {2}Secrets and own keys are sealed with key "/);

  await assert.rejects(
    startServer([], { folder }),
    /2 Secrets cannot be read, such as "\/registry\/secrets\/default\/db"/,
  );

  const rotated = await countersign(['store', 'rotate-key', keys]);
  const old = /^(\S+) +opens$/m.exec(rotated.stdout)?.[1] ?? '';
  await serve(flags, async (kubeconfig) => {
    assert.equal(await rewrite(kubeconfig), rewritten(2));
  });
  assert.equal((await countersign(['store', 'drop-key', keys, old])).code, 0);
  await serve(flags, async (kubeconfig) => {
    assert.deepEqual([await password(kubeconfig, 'db'), await password(kubeconfig, 'fixed')], ['YQ==', 'Yg==']);
  });
});

test('a passphrase is enough, the same one opens again, and another is refused at once', async (t) => {
  const data = await folderFor(t);
  const folder = join(data, 'data');
  const [right, wrong] = [join(data, 'right'), join(data, 'wrong')];
  await writeFile(right, 'correct horse battery\n', { mode: 0o600 });
  await writeFile(wrong, 'correct horse batterie\n', { mode: 0o600 });
  const start = (file: string) => startServer(['--encryption-passphrase-file', file, '--no-signers'], { folder });
  await (await start(right)).stop();
  const ca = await readFile(join(folder, 'pki', 'server-ca.crt'), 'utf8');
  await assert.rejects(start(wrong), /the passphrase is not the one that locks key "/);
  await (await start(right)).stop();
  assert.equal(await readFile(join(folder, 'pki', 'server-ca.crt'), 'utf8'), ca);
  const rotate = await countersign(['rotate', 'token-key', '--data-dir', folder, '--show']);
  assert.match(rotate.stderr, /it is sealed with key ".*": give --encryption-key-file or --encryption-passphrase-file/);
  const shown = await countersign([
    'rotate',
    'token-key',
    '--data-dir',
    folder,
    '--show',
    '--encryption-passphrase-file',
    right,
  ]);
  assert.match(shown.stdout, /^KEY +ALGORITHM +STATE\n\S+ +ES256 +signs\n$/);
});

test('a Secret that was damaged on the disk is named by reads of it and of all, and others are served', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const { folder, keys } = await withKeyFile(t);
  const flags = ['--encryption-key-file', keys, '--no-signers'];
  {
    await using server = await startServer(flags, { folder });
    for (const name of ['good', 'swapped']) {
      await kubectl(server.kubeconfig, 'create', 'secret', 'generic', name, '--from-literal=password=a');
    }
    await server.stop();
  }
  await swapValues(folder);
  await using server = await startServer(flags, { folder });
  const says =
    /^Error from server \(InternalError\): Internal error occurred: Cannot open "\/registry\/secrets\/default\/swapped": it has been changed, or was put here from another place$/m;
  for (const args of [['secret', 'swapped'], ['secrets'], ['secrets', '--all-namespaces']]) {
    const { code, text } = await kubectl(server.kubeconfig, 'get', ...args);
    assert.match(text, says);
    assert.equal(code, 1);
  }
  assert.equal((await kubectl(server.kubeconfig, 'get', 'secret', 'good')).code, 0);
  assert.equal((await kubectl(server.kubeconfig, 'get', 'configmaps')).code, 0);
  await server.stop();
  const place = ['--data-dir', folder, '--encryption-key-file', keys];
  const discarded = await countersign(['store', 'discard-unreadable', 'default/swapped', ...place]);
  assert.equal(discarded.stdout, 'Secret default/swapped discarded\n');
  await using again = await startServer(flags, { folder });
  assert.match((await kubectl(again.kubeconfig, 'get', 'secrets', '-o', 'name')).text, /^secret\/good\n$/);
});

/** Puts the sealed value of one Secret where that of another is. */
async function swapValues(folder: string): Promise<void> {
  const { openLmdbStore } = await import('../../src/storage/lmdb/lmdb-store.js');
  const store = await openLmdbStore({ folder: join(folder, 'store') });
  const good = await store.get('/registry/secrets/default/good');
  const swapped = await store.get('/registry/secrets/default/swapped');
  assert.ok(good !== undefined && swapped !== undefined);
  await store.update(swapped.key, good.value, swapped.revision);
  await store.close();
}
