import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireTool } from '../../test/tools.js';

const script = fileURLToPath(new URL('tutorial.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in its temporary folder. */
  readonly left: readonly string[];
}

function runTutorial(path: string | undefined): Run {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  try {
    const ran = spawnSync(process.execPath, ['--import', tsx, script], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...(path === undefined ? {} : { PATH: path }),
        TMPDIR: folder,
        HOME: folder,
        KUBECONFIG: '',
      },
      timeout: 60_000,
    });
    // what the TypeScript loader caches there is not the tutorial's
    const left = readdirSync(folder).filter((name) => !name.startsWith('tsx-'));
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, left };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What has to appear, in this order. */
const MILESTONES = [
  '$ countersign genkey --bare server',
  'Wrote server-key.pem (private key), server.csr',
  'certificatesigningrequest.certificates.k8s.io/my-svc.my-namespace created',
  'Pending',
  'certificatesigningrequest.certificates.k8s.io/my-svc.my-namespace approved',
  'Signed certificate with serial number',
  'certificatesigningrequest.certificates.k8s.io/my-svc.my-namespace issued',
  'Approved,Issued',
  'Wrote Secret default/server with tls.crt, tls.key and ca.crt',
  'configmap/example-serving-ca created',
  '"Hello over TLS"',
  "refused: Hostname/IP does not match certificate's altnames",
  'refused: unable to verify the first certificate',
  'my-other-svc.crt: OK',
  '/workload-serving created',
  'has no address yet',
  'approved by policy workload-serving: 2 DNS names and 1 IP belong to pod my-namespace/my-pod',
  'Wrote my-pod.crt',
  'workload-serving',
  'denied by policy workload-serving',
  'the selector of Service my-namespace/my-svc does not match pod my-namespace/impostor',
  'Done in ',
];

function checkMilestones(stdout: string): void {
  let at = 0;
  for (const milestone of MILESTONES) {
    const found = stdout.indexOf(milestone, at);
    assert.ok(found >= 0, `${JSON.stringify(milestone)} is missing after:\n${stdout.slice(0, at)}`);
    at = found;
  }
}

test('runs from key to TLS handshake with nothing but Node, and leaves nothing behind', () => {
  const run = runTutorial('/nowhere');
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stderr, '');
  checkMilestones(run.stdout);
  assert.match(run.stdout, /kubectl is not installed: what it would show is left out/);
  assert.deepEqual(run.left, []);
  const seconds = Number(/Done in ([\d.]+) s/.exec(run.stdout)?.[1]);
  assert.ok(seconds < 15, `it took ${seconds} s`);
});

test('shows what kubectl says where it is installed', (t) => {
  if (!requireTool(t, 'kubectl')) return;
  const run = runTutorial(undefined);
  assert.equal(run.status, 0, run.stderr);
  checkMilestones(run.stdout);
  assert.match(run.stdout, /\$ kubectl describe csr my-svc\.my-namespace\nName: +my-svc\.my-namespace\n/);
  assert.match(run.stdout, /\$ kubectl get secret server\nNAME +TYPE +DATA +AGE\nserver +kubernetes\.io\/tls +3 /);
});
