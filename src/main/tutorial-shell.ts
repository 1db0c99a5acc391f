import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import type { Clock } from '../base/clock.js';
import type { Environment, TextSink } from '../cli/environment.js';
import { createProcessEnvironment } from '../cli/node/process-environment.js';
import { runProgram } from '../cli/program.js';

/** What a command may be given besides its arguments. */
export interface CommandInput {
  /** Standard input, shown as a here-document. */
  readonly stdin?: string;
  /** File that standard output goes to, shown as a redirection. */
  readonly into?: string;
}

/** Prints commands as a person would type them, really runs them, and shows what they said. */
export interface TutorialShell {
  /** A paragraph for the reader. */
  say(text: string): void;
  /** Heading of a step. */
  step(title: string): void;
  /** Runs a command of ours in this process; the tutorial ends where it fails. */
  countersign(args: readonly string[], input?: CommandInput): Promise<void>;
  /** Runs kubectl where it is installed; else says once that it is left out. */
  kubectl(args: readonly string[]): Promise<void>;
  /** Resolves when `text` has been printed since the call. */
  printed(text: string): Promise<void>;
}

/** What a shell works with. */
export interface TutorialShellOptions {
  readonly folder: string;
  readonly kubeconfigPath: string;
  readonly clock: Clock;
  readonly out: TextSink;
}

/** A shell in `folder`, with KUBECONFIG set. */
export function createTutorialShell(options: TutorialShellOptions): TutorialShell {
  const { folder, kubeconfigPath, clock } = options;
  const waiting = new Map<string, () => void>();
  const out: TextSink = {
    isTerminal: options.out.isTerminal,
    write: (text) => {
      options.out.write(text);
      for (const [awaited, resolve] of waiting) if (text.includes(awaited)) resolve();
    },
  };
  const env = { ...process.env, KUBECONFIG: kubeconfigPath, KUBECACHEDIR: join(folder, '.kube-cache') };
  const ours = createProcessEnvironment(clock, env);
  let hasKubectl: boolean | undefined;
  return {
    say: (text) => out.write(`${text}\n`),
    step: (title) => out.write(`\n== ${title}\n`),
    countersign: async (args, input = {}) => {
      out.write(`\n$ ${['countersign', ...args].map(quoted).join(' ')}${redirections(input)}\n`);
      const collected: string[] = [];
      const stdout: TextSink = { isTerminal: false, write: (text) => collected.push(text) };
      const environment: Environment = {
        ...ours,
        program: 'countersign',
        cwd: folder,
        stdout: input.into === undefined ? out : stdout,
        stderr: out,
        readStdin: async () => utf8(input.stdin ?? ''),
      };
      const exitCode = await runProgram(args, environment);
      if (input.into !== undefined) writeFileSync(join(folder, input.into), collected.join(''));
      if (exitCode !== 0) {
        throw new CountersignError('USAGE', `Cannot go on: countersign ${args.join(' ')}: exit code ${exitCode}`);
      }
    },
    printed: (text) => new Promise((resolve) => waiting.set(text, resolve)),
    kubectl: async (args) => {
      if (hasKubectl === false) return;
      const ran = await runFile('kubectl', args, folder, env);
      hasKubectl = ran !== undefined;
      if (ran === undefined) {
        out.write('\n(kubectl is not installed: what it would show is left out)\n');
        return;
      }
      out.write(`\n$ ${['kubectl', ...args].map(quoted).join(' ')}\n${ran.output}`);
      if (ran.exitCode !== 0) {
        throw new CountersignError('USAGE', `Cannot go on: kubectl ${args.join(' ')}: exit code ${ran.exitCode}`);
      }
    },
  };
}

interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program to its end without holding up the server in this process; undefined where it is not installed. */
function runFile(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ran | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') resolve(undefined);
      else
        resolve({
          exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          output: stdout + stderr,
        });
    });
  });
}

/** An argument as a shell would need it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function redirections({ stdin, into }: CommandInput): string {
  const output = into === undefined ? '' : ` > ${into}`;
  return stdin === undefined ? output : `${output} <<'EOF'\n${stdin.trimEnd()}\nEOF`;
}
