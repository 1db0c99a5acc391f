import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requestObject } from '../system/kubectl-stage.js';
import { runCommand } from '../command.js';
import { startServer } from '../server-process.js';
import { requirePythonModule } from '../tools.js';

const SCRIPT = fileURLToPath(new URL('python/test_kubernetes_client.py', import.meta.url));

/** What the script shows, and the test in it that shows it. */
const shown: readonly { readonly name: string; readonly by: string }[] = [
  { name: 'reads the status of every refusal', by: 'test_errors' },
  { name: 'lives through every kind with its typed API', by: 'test_typed_kinds' },
  { name: 'reads a list in pages, all of one moment', by: 'test_pages' },
  { name: 'watches, and resumes from a version', by: 'test_watch' },
  { name: 'writes a status by its subresource only', by: 'test_subresources' },
  { name: 'approves, and fetches the certificate', by: 'test_certificate' },
  { name: 'has tokens and rights reviewed, and is let in by token', by: 'test_reviews' },
  { name: 'handles kinds of ours as custom objects', by: 'test_custom_objects' },
  { name: 'asks for version and groups', by: 'test_version' },
  { name: 'finds kinds by discovery', by: 'test_discovery' },
  { name: 'creates, patches, watches and deletes with its dynamic client', by: 'test_dynamic_objects' },
  { name: 'applies: owns, is in conflict, forces, prunes', by: 'test_apply' },
  { name: 'creates from YAML', by: 'test_create_from_yaml' },
];

test('the Python client', async (t) => {
  const python = requirePythonModule(t, 'kubernetes');
  if (python === undefined) return;
  await using server = await startServer(['--in-memory']);
  const request = join(server.folder, 'request.json');
  await writeFile(request, JSON.stringify(await requestObject('python', { dns: ['a.example.com'] })));
  const env = { ...process.env, KUBECONFIG: server.kubeconfig, REQUEST_FILE: request, PYTHONWARNINGS: 'ignore' };
  const { stdout, stderr } = await runCommand(python, [SCRIPT], { env });
  t.diagnostic(stdout.trim());
  const results = new Map([...stderr.matchAll(/^(test_\w+) .*\.\.\. (.*)$/gm)].map(([, name, said]) => [name, said]));
  assert.deepEqual([...results.keys()].sort(), shown.map(({ by }) => by).sort(), stderr);
  for (const { name, by } of shown) {
    await t.test(name, () => assert.equal(results.get(by), 'ok', stderr));
  }
});
