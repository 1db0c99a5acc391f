import { fileURLToPath } from 'node:url';
import { startServer } from '../test/server-process.js';
import { runLoad } from './load.js';

/** What a run of N clients cost and gave. */
export interface IssuanceRow {
  readonly clients: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system time of all threads of the server. */
  readonly cpuMsPerCertificate: number;
  readonly rssMiB: number;
}

async function load(
  kubeconfig: string,
  pid: number,
  clients: number,
  total: number,
  mode: 'approve' | 'policy' = 'approve',
): Promise<IssuanceRow> {
  const args = [kubeconfig, String(clients), String(total), mode];
  const { seconds, cpuSeconds, p50Ms, p99Ms, rssMiB } = await runLoad('issuance-client.ts', args, [pid]);
  return {
    clients,
    perSecond: total / seconds,
    p50Ms,
    p99Ms,
    cpuMsPerCertificate: (cpuSeconds * 1000) / total,
    rssMiB,
  };
}

/** Issues over TLS on a durable store with 1, 32 and 128 clients. Also how long the server took to be ready. */
export async function benchIssuance(): Promise<{ readonly startMs: number; readonly rows: readonly IssuanceRow[] }> {
  const begin = performance.now();
  await using server = await startServer();
  const startMs = performance.now() - begin;
  await load(server.kubeconfig, server.pid, 8, 400); // warms up
  const rows: IssuanceRow[] = [];
  for (const [clients, total] of [
    [1, 500],
    [32, 4000],
    [128, 4000],
  ] as const) {
    rows.push(await load(server.kubeconfig, server.pid, clients, total));
  }
  return { startMs, rows };
}

const POLICY = fileURLToPath(new URL('../examples/workload-serving.yaml', import.meta.url));

/**
 * The same without a hand: pods ask with tokens bound to them, a policy proves their names and approves, the signer asks
 * again, and everything goes on record.
 */
export async function benchAutomaticIssuance(): Promise<readonly IssuanceRow[]> {
  const rows: IssuanceRow[] = [];
  for (const [clients, total] of [
    [1, 300],
    [32, 3200],
  ] as const) {
    await using server = await startServer(['--policy', POLICY]);
    rows.push(await load(server.kubeconfig, server.pid, clients, total, 'policy'));
  }
  return rows;
}
