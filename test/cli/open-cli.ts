import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/base/clock.js';
import { silentLogger } from '../../src/base/logger.js';
import { openTestTerminal, type TestTerminal } from '../../src/cli/testing/test-terminal.js';
import { type Client, createClient } from '../../src/client/client.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import type { UserInfo } from '../../src/kube/object-meta.js';
import { type Embedded, startEmbedded } from '../../src/main/embedded.js';
import { createSystemClock } from '../../src/main/system-clock.js';

/** The administrator, as the kubeconfig of the embedded system makes one. */
export const ADMIN: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** A real server with its controllers in this process, and terminals that talk to it without a socket. */
export interface CliServer {
  readonly embedded: Embedded;
  /** What the tests themselves look and write with. */
  readonly client: Client;
  /** A terminal whose commands act as `user`. */
  terminal(test: { after(cleanUp: () => void): void }, options?: { user?: UserInfo; clock?: Clock }): TestTerminal;
  /** A name that no other test of this run has. */
  unique(prefix: string): string;
  close(): Promise<void>;
}

/** Starts the embedded system in memory with one signer, `example.com/auto`. */
export async function openCliServer(): Promise<CliServer> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-server-'));
  const clock = createSystemClock();
  const embedded = await startEmbedded({
    host: '127.0.0.1',
    port: 0,
    kubeconfigPath: join(folder, 'kubeconfig'),
    signerNames: ['example.com/auto', 'countersign.dev/serving'],
    clock,
    logger: silentLogger,
  });
  const transportOf = (user: UserInfo) => createInProcessTransport(embedded.transport, user);
  return {
    embedded,
    client: createClient(transportOf(ADMIN), { userAgent: 'test', clock }),
    terminal: (test, options = {}) =>
      openTestTerminal(test, { clock: options.clock ?? clock, transport: transportOf(options.user ?? ADMIN) }),
    unique: (prefix) => `${prefix}-${randomBytes(4).toString('hex')}`,
    close: async () => {
      await embedded.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
