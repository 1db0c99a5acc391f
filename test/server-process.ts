import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program at work, as a process of its own. */
export interface ProgramProcess extends AsyncDisposable {
  readonly pid: number;
  /** Everything it has printed. */
  output(): string;
  /** Sends a signal and resolves with the exit code, or null where a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A `countersign up` of its own process, on a free port. */
export interface ServerProcess extends ProgramProcess {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly folder: string;
}

const ENTRY = fileURLToPath(new URL('../dist/main/countersign.js', import.meta.url));

/** Starts the built program and resolves when it has printed `ready`; rejects with its output when it ends before. */
export async function startProgram(args: readonly string[], ready: RegExp): Promise<ProgramProcess> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let exitCode: number | null | undefined;
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      exitCode = code;
      resolve(code);
    });
  });
  await new Promise<void>((resolve, reject) => {
    const onText = (text: Buffer): void => {
      output += text.toString();
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    child.on('error', reject);
    void ended.then((code) =>
      reject(new Error(`the program ended with ${String(code)} before it was ready:\n${output}`)),
    );
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (exitCode === undefined) child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** Starts the built program with `up` and resolves when it is ready; rejects with its output when it ends before. */
export async function startServer(
  args: readonly string[] = [],
  options: { readonly folder?: string } = {},
): Promise<ServerProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'countersign-test-')));
  const kubeconfig = join(folder, 'admin.kubeconfig');
  const program = await startProgram(
    [
      'up',
      ...(args.includes('--in-memory') ? [] : ['--data-dir', folder]),
      '--listen',
      '127.0.0.1:0',
      '--kubeconfig-out',
      kubeconfig,
      ...args,
    ],
    /^Ready at /m,
  );
  return {
    ...program,
    kubeconfig,
    folder,
    [Symbol.asyncDispose]: async () => {
      await program.stop();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
