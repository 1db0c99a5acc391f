import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireTool } from '../tools.js';
import { openCliServer } from './open-cli.js';

const server = await openCliServer();
after(() => server.close());

const entry = fileURLToPath(new URL('../../src/main/countersign.ts', import.meta.url));
const tutorial = fileURLToPath(new URL('../acceptance/tutorial.sh', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** A `cfssl` that is ours: the same arguments, `gencert -initca` being `ca init`. */
const SHIM = `#!/bin/sh
if [ "$1 $2" = "gencert -initca" ]; then
  shift 2
  set -- ca init "$@"
fi
exec "${process.execPath}" --import "${tsx}" "${entry}" "$@"
`;

test("the tutorial's blocks work with cfssl swapped for countersign", async (t) => {
  for (const tool of ['kubectl', 'cfssljson', 'jq', 'openssl']) if (!requireTool(t, tool)) return;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-swapped-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'cfssl'), SHIM, { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    KUBECONFIG: server.embedded.kubeconfigPath,
    HOME: folder,
    TMPDIR: folder,
  };
  const ran = await new Promise<{ readonly failed: boolean; readonly stdout: string; readonly stderr: string }>(
    (resolve) => {
      execFile('bash', [tutorial], { env, timeout: 120_000 }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, stdout, stderr }),
      );
    },
  );
  assert.equal(ran.failed, false, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /tutorial: ok \(\d+ checks\)/);
});
