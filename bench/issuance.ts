import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from '../test/server-process.js';

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

/** CPU seconds of a process so far, all threads; and its resident memory. */
function usage(pid: number): { readonly cpuSeconds: number; readonly rssMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return { cpuSeconds: ticks / 100, rssMiB: Number(rss) / 1024 };
}

async function load(
  kubeconfig: string,
  pid: number,
  clients: number,
  total: number,
  mode: 'approve' | 'policy' = 'approve',
): Promise<IssuanceRow> {
  const script = fileURLToPath(new URL('./issuance-client.ts', import.meta.url));
  const child = fork(script, [kubeconfig, String(clients), String(total), mode], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  let before = usage(pid);
  let after = before;
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.on('message', (message) => {
    if (message === 'start') before = usage(pid);
    else after = usage(pid);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the load of ${clients} clients ended with ${String(code)}`);
  const result = JSON.parse(output) as { seconds: number; p50: number; p99: number }; // printed by our own script
  return {
    clients,
    perSecond: total / result.seconds,
    p50Ms: result.p50,
    p99Ms: result.p99,
    cpuMsPerCertificate: ((after.cpuSeconds - before.cpuSeconds) * 1000) / total,
    rssMiB: after.rssMiB,
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
