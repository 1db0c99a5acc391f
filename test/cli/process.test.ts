import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openCliServer } from './open-cli.js';

const server = await openCliServer();
after(() => server.close());

const entry = fileURLToPath(new URL('../../src/main/countersign.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

function openFolder(t: { after(cleanUp: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-process-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a process of its own, without holding up the server in this one. */
function run(
  cwd: string,
  args: readonly string[],
  options: {
    readonly script?: string;
    readonly kubeconfig?: string;
    readonly onStderr?: (text: string, pid: number) => void;
  } = {},
): Promise<Ended> {
  const { script = entry, kubeconfig = server.embedded.kubeconfigPath, onStderr } = options;
  const child = spawn(process.execPath, ['--import', tsx, script, ...args], {
    cwd,
    env: { ...process.env, KUBECONFIG: kubeconfig, HOME: cwd },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    onStderr?.(stderr, child.pid ?? 0);
  });
  child.stdin.end();
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`keeps the key when ${signal} comes while it waits, and exits with 130`, async (t) => {
    const folder = openFolder(t);
    const name = server.unique('signal');
    let sent = false;
    const ended = await run(folder, ['request', name, '--dns', 'a.example'], {
      onStderr: (text, pid) => {
        if (sent || !text.includes('Waiting for approval')) return;
        sent = true;
        process.kill(pid, signal);
      },
    });
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /Interrupted\. The key is kept in /);
    assert.deepEqual(readdirSync(folder), [`${name}-key.pem`]);
    const resumed = run(folder, ['request', name, '--dns', 'a.example']);
    assert.equal((await run(folder, ['approve', name])).code, 0);
    assert.equal((await resumed).code, 0);
    assert.deepEqual(readdirSync(folder).sort(), ['ca.crt', `${name}-key.pem`, `${name}.crt`].sort());
  });
}

test('calls itself by the name under which kubectl runs it', async (t) => {
  const folder = openFolder(t);
  const plugin = join(folder, 'kubectl-countersign');
  symlinkSync(entry, plugin);
  const ended = await run(folder, ['--help'], { script: plugin });
  assert.match(ended.stdout, /^Usage: kubectl countersign \[options\]/);
});

test('says what to do where there is no kubeconfig, and where no server answers', async (t) => {
  const folder = openFolder(t);
  const none = await run(folder, ['get'], { kubeconfig: '' });
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^error: [^\n]*kubeconfig[^\n]*\n$/);
  const missing = await run(folder, ['get', '--kubeconfig', 'nope']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^error: [^\n]*nope[^\n]*\n$/);
});

test('ends quietly when nobody reads its output any more', (t) => {
  const folder = openFolder(t);
  const script = `"${process.execPath}" --import "${tsx}" "${entry}" --help | true; echo "\${PIPESTATUS[0]}"`;
  const ran = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  assert.deepEqual([ran.stdout, ran.stderr], ['0\n', '']);
});

test('loads for version nothing but what version needs', async (t) => {
  const folder = openFolder(t);
  const ran = spawnSync(process.execPath, ['--import', tsx, entry, 'version'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  assert.match(ran.stdout, /^countersign /);
  const loaded = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/"url":"file:([^"?]*)/g)].map(([, url = '']) => url),
  );
  const ours = loaded.filter((url) => !/node_modules\/(tsx|esbuild|get-tsconfig|resolve-pkg-maps)\//.test(url));
  assert.ok(ours.some((url) => url.endsWith('/cli/commands/version.ts')));
  const heavy = ours.filter((url) =>
    /\/(x509|crypto|client|authority|apiserver|storage|controllers)\/|node_modules\/(?!commander)/.test(url),
  );
  assert.deepEqual(heavy, []);
});
