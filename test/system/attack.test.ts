import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { startServer } from '../server-process.js';

const ENTRY = fileURLToPath(new URL('../../dist/main/countersign.js', import.meta.url));
const POLICY = fileURLToPath(new URL('../../examples/workload-serving.yaml', import.meta.url));

test('the attack finds nothing grave in a server with a policy, and leaves nothing behind', async () => {
  await using server = await startServer(['--policy', POLICY]);
  const run = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [ENTRY, ...args, '--kubeconfig', server.kubeconfig], {
      encoding: 'utf8',
      timeout: 120_000,
    });
  const attack = run('attack', '--signer', 'countersign.dev/serving', '--approve', '--patience', '1', '-o', 'json');
  assert.equal(attack.status, 0, attack.stderr);
  const report = JSON.parse(attack.stdout) as { scores: { group: string; cases: number; grave: number }[] };
  assert.deepEqual(
    report.scores.map(({ group, grave }) => [group, grave]),
    ['encoding', 'names', 'privilege', 'keys'].map((group) => [group, 0]),
  );
  assert.ok(report.scores.reduce((sum, { cases }) => sum + cases, 0) >= 150);
  assert.match(run('get').stderr + run('get').stdout, /No resources found|^$/);
  const unknown = run('attack', '--group', 'everything');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /Cannot use --group: "everything" is none of encoding, names/);
  assert.equal(run('attack', '--group', 'keys', '--patience', '-1').status, 1);
});
