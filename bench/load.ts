import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a load gave and cost. */
export interface LoadResult {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** User and system time of all threads of the measured processes, from `start` to `end`. */
  readonly cpuSeconds: number;
  /** Resident memory of the first of them at the end. */
  readonly rssMiB: number;
}

/** CPU seconds of a process so far, all threads; and its resident memory. */
export function usage(pid: number): { readonly cpuSeconds: number; readonly rssMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return { cpuSeconds: ticks / 100, rssMiB: Number(rss) / 1024 };
}

/**
 * Runs a client script of this folder in a process of its own, and tells what it cost the measured processes between
 * its messages `start` and `end`. Rejects when the script fails.
 */
export async function runLoad(
  script: string,
  args: readonly string[],
  measured: readonly [number, ...number[]],
): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL(`./${script}`, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const cpuOfAll = (): number => measured.reduce((sum, pid) => sum + usage(pid).cpuSeconds, 0);
  let output = '';
  let before = cpuOfAll();
  let after = before;
  let { rssMiB } = usage(measured[0]);
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.on('message', (message) => {
    if (message === 'start') {
      before = cpuOfAll();
      return;
    }
    after = cpuOfAll();
    ({ rssMiB } = usage(measured[0]));
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the load ${script} ${args.slice(1).join(' ')} ended with ${String(code)}`);
  const { seconds, p50, p99 } = JSON.parse(output) as { seconds: number; p50: number; p99: number }; // our own script's
  return { seconds, p50Ms: p50, p99Ms: p99, cpuSeconds: after - before, rssMiB };
}
