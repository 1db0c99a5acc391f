// `npm run tutorial`: the tutorial "Manage TLS Certificates in a Cluster", really run, on a store that is gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../base/logger.js';
import { describeFailure } from '../cli/failure.js';
import type { TextSink } from '../cli/environment.js';
import { createClient } from '../client/client.js';
import { createInProcessTransport } from '../client/in-process-transport.js';
import { startEmbedded } from './embedded.js';
import { createSystemClock } from './system-clock.js';
import { createTutorialShell } from './tutorial-shell.js';
import { policyApproves, policyRefuses } from './tutorial-approval.js';
import { deliver, letItRun, playTheSigner, requestAndApprove, shakeHands } from './tutorial-steps.js';
import { DEFAULT_SIGNERS } from './workload-ca.js';

/** Who looks at the result besides the commands: the administrator of the embedded system. */
const ADMINISTRATOR = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

async function runTutorial(folder: string, out: TextSink): Promise<void> {
  const clock = createSystemClock();
  const begin = clock.now();
  const kubeconfigPath = join(folder, 'admin.kubeconfig');
  const embedded = await startEmbedded({
    dataFolder: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath,
    signerNames: DEFAULT_SIGNERS,
    clock,
    logger: silentLogger,
  });
  try {
    out.write(
      'The tutorial "Manage TLS Certificates in a Cluster", without a cluster. Every command below is really run.\n',
    );
    out.write(`\n$ countersign up --data-dir data --kubeconfig-out admin.kubeconfig &\nReady at ${embedded.url}\n`);
    out.write('$ export KUBECONFIG=admin.kubeconfig\n');
    const client = createClient(createInProcessTransport(embedded.transport, ADMINISTRATOR), {
      userAgent: 'tutorial',
      clock,
    });
    const shell = createTutorialShell({ folder, kubeconfigPath, clock, out, client });
    await requestAndApprove(shell);
    await playTheSigner(shell, folder);
    await deliver(shell);
    await shakeHands(shell, client);
    await letItRun(shell);
    const act = { shell, folder, client, server: { url: embedded.url, caPem: embedded.serverCaPem } };
    await policyApproves(act);
    await policyRefuses(act);
  } finally {
    await embedded.close();
  }
  const seconds = ((clock.now() - begin) / 1000).toFixed(1);
  out.write(`\nDone in ${seconds} s, and everything is removed. To keep a server of your own: npm start\n`);
}

const stdout: TextSink = { isTerminal: process.stdout.isTTY, write: (text) => void process.stdout.write(text) };
const folder = mkdtempSync(join(tmpdir(), 'countersign-tutorial-'));
try {
  await runTutorial(folder, stdout);
} catch (error) {
  process.stderr.write(`${describeFailure(error, 9)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
