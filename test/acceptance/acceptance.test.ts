import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireTool } from '../tools.js';
import { startServer } from '../server-process.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

test('stock kubectl, cfssl, jq and openssl do the tutorial on the embedded server', async (t) => {
  for (const tool of ['kubectl', 'cfssl', 'cfssljson', 'jq', 'openssl']) if (!requireTool(t, tool)) return;
  await using server = await startServer();
  const done = await run('bash', [here('tutorial.sh')], { ...process.env, KUBECONFIG: server.kubeconfig });
  assert.match(done.output, /tutorial: ok \(\d+ checks\)/);
  assert.equal(done.code, 0);
});

test('answers the recorded conversations about certificates as the real API server does', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const done = await run(
    process.execPath,
    [here('replay.mjs'), '--kubeconfig', server.kubeconfig, '--set', 'certificates'],
    process.env,
  );
  assert.match(done.output, /^replay: 67 same, 0 differ$/m);
});

test('answers the recorded conversations about the machinery as the real API server does', async (t) => {
  if (!requireTool(t, 'kubectl')) return;
  await using server = await startServer();
  const done = await run(
    process.execPath,
    [here('replay.mjs'), '--kubeconfig', server.kubeconfig, '--set', 'machinery'],
    process.env,
  );
  assert.match(done.output, /^replay: 30 same, 0 differ$/m);
});
