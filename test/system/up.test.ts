import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requireTool } from '../tools.js';

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-up-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const refused: readonly { readonly name: string; readonly args: readonly string[]; readonly error: RegExp }[] = [
  {
    name: 'an address without port',
    args: ['--listen', 'localhost'],
    error: /^error: Cannot use --listen: "localhost"/,
  },
  {
    name: 'a signer without path',
    args: ['--signer', 'example.com'],
    error: /^error: Cannot use --signer: .*fully qualified domain/,
  },
  {
    name: 'memory and a folder',
    args: ['--in-memory', '--data-dir', 'x'],
    error: /^error: Cannot use --in-memory together with --data-dir/,
  },
  { name: 'a signer and none', args: ['--no-signers', '--signer', 'a.b/c'], error: /^error: Cannot use --no-signers/ },
  { name: 'a clock that is off by nothing', args: ['--clock', 'later'], error: /^error: Cannot use --clock/ },
  { name: 'an unknown level', args: ['--log-level', 'loud'], error: /^error: Cannot use --log-level/ },
  { name: 'an unknown flag', args: ['--speed'], error: /^error: unknown option '--speed'/ },
  {
    name: 'a token file that is not there',
    args: ['--in-memory', '--listen', '127.0.0.1:0', '--token-file', 'no-such'],
    error: /^error: Cannot use --token-file: .*no-such: there is no such file or folder/,
  },
];

for (const { name, args, error } of refused) {
  test(`up refuses ${name}, says why in a line and writes nothing`, async () => {
    await withFolder(async (folder) => {
      const ended = await countersign(['up', ...args], {
        cwd: folder,
        env: { ...process.env, COUNTERSIGN_DATA_DIR: join(folder, 'data') },
      });
      assert.match(ended.stderr, error);
      assert.equal(ended.code, 1);
      assert.equal(ended.stdout, '');
      assert.doesNotMatch(ended.stderr, /\n\s+at /);
      assert.deepEqual(await readdir(folder), []);
    });
  });
}

test('up refuses a data folder that another server uses, and names its process', async () => {
  await using server = await startServer();
  const args = [
    'up',
    '--data-dir',
    server.folder,
    '--listen',
    '127.0.0.1:0',
    '--kubeconfig-out',
    join(server.folder, 'second'),
  ];
  const ended = await countersign(args);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, new RegExp(`^error: .*${server.pid}`));
});

test('up refuses a port that is taken', async () => {
  await withFolder(async (folder) => {
    await using server = await startServer();
    const port = /Ready at https:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1] ?? '';
    const ended = await countersign(['up', '--data-dir', folder, '--listen', `127.0.0.1:${port}`]);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, new RegExp(`^error: .*${port}`));
  });
});

test('up keeps its files for their owner, and its keys out of what it prints', async () => {
  await using server = await startServer(['--log-level', 'debug']);
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isSocket()) continue;
      assert.equal((await stat(path)).mode & 0o077, 0, path);
      if (entry.isDirectory()) await walk(path);
    }
  };
  await walk(server.folder);
  assert.doesNotMatch(server.output(), /PRIVATE KEY|client-key-data/);
});

test('what was stored is there after a stop, and after a kill', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await withFolder(async (folder) => {
    const create = async (name: string): Promise<void> => {
      const made = await runCommand('kubectl', [
        'create',
        'namespace',
        name,
        '--kubeconfig',
        join(folder, 'admin.kubeconfig'),
      ]);
      assert.equal(made.code, 0, made.stderr);
    };
    const first = await startServer([], { folder });
    await create('one');
    assert.equal(await first.stop('SIGTERM'), 0);
    const second = await startServer([], { folder });
    await create('two');
    await second.stop('SIGKILL');
    const third = await startServer([], { folder });
    const listed = await runCommand('kubectl', ['get', 'namespaces', '-o', 'name', '--kubeconfig', third.kubeconfig]);
    assert.match(listed.stdout, /namespace\/one\n/);
    assert.match(listed.stdout, /namespace\/two\n/);
    assert.equal(await third.stop('SIGINT'), 0);
  });
});

test('a clock that is off renews the certificates of the server, and kubectl still trusts it', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await withFolder(async (folder) => {
    const first = await startServer([], { folder });
    const before = await readFile(first.kubeconfig, 'utf8');
    await first.stop();
    const second = await startServer(['--clock', '+250d'], { folder });
    const after = await readFile(second.kubeconfig, 'utf8');
    const data = (text: string, key: string): string => new RegExp(`"${key}": "([^"]+)"`).exec(text)?.[1] ?? '';
    assert.notEqual(data(after, 'client-certificate-data'), data(before, 'client-certificate-data'));
    assert.equal(data(after, 'certificate-authority-data'), data(before, 'certificate-authority-data'));
    await second.stop();
  });
});

test('a static token authenticates, with its groups, and an unknown one does not', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await withFolder(async (folder) => {
    const tokens = join(folder, 'tokens.csv');
    await writeFile(tokens, 'sesame,alice,1,"devs,ops"\n');
    await using server = await startServer(['--token-file', tokens]);
    const ca = join(folder, 'ca.crt');
    const config = await readFile(server.kubeconfig, 'utf8');
    await writeFile(ca, Buffer.from(/"certificate-authority-data": "([^"]+)"/.exec(config)?.[1] ?? '', 'base64'));
    const url = /"server": "([^"]+)"/.exec(config)?.[1] ?? '';
    const who = (token: string) =>
      runCommand('kubectl', [
        'auth',
        'whoami',
        '--server',
        url,
        '--certificate-authority',
        ca,
        '--token',
        token,
        '--kubeconfig',
        '/dev/null',
      ]);
    assert.match((await who('sesame')).stdout, /Username\s+alice\n[^]*\[devs ops system:authenticated\]/);
    assert.match((await who('wrong')).stderr, /Unauthorized/);
  });
});
