import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import type { Clock } from '../base/clock.js';
import type { Environment, TextSink } from '../cli/environment.js';
import { createProcessEnvironment } from '../cli/node/process-environment.js';
import { runProgram } from '../cli/program.js';
import type { Client } from '../client/client.js';
import { MAIN_COMMANDS } from './commands.js';
import type { KubeObject } from '../kube/object-meta.js';
import { createObjects } from './create-objects.js';

/** What a command may be given besides its arguments. */
export interface CommandInput {
  /** Standard input, shown as a here-document. */
  readonly stdin?: string;
  /** File that standard output goes to, shown as a redirection. */
  readonly into?: string;
  /** It must fail, and the tutorial ends where it does not. */
  readonly fails?: true;
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
  /** Applies objects, which are shown as YAML, with kubectl where it is installed, else through the API. */
  apply(objects: readonly KubeObject[]): Promise<void>;
  /** Applies a YAML file of the tutorial's folder in the same way; its content is not shown. */
  applyFile(file: string): Promise<void>;
  /** Resolves when `text` has been printed since the call. */
  printed(text: string): Promise<void>;
}

/** What a shell works with. */
export interface TutorialShellOptions {
  readonly folder: string;
  readonly kubeconfigPath: string;
  readonly clock: Clock;
  readonly out: TextSink;
  /** The administrator's, for what kubectl would do. */
  readonly client: Client;
}

/** A shell in `folder`, with KUBECONFIG set. */
export function createTutorialShell(options: TutorialShellOptions): TutorialShell {
  const { folder, kubeconfigPath, clock } = options;
  const waiting = new Map<string, () => void>();
  const out: TextSink = {
    isTerminal: options.out.isTerminal,
    write: (text) => {
      options.out.write(text);
      for (const [awaited, done] of waiting) if (text.includes(awaited)) done();
    },
  };
  const env = { ...process.env, KUBECONFIG: kubeconfigPath, KUBECACHEDIR: join(folder, '.kube-cache') };
  const ours = createProcessEnvironment(clock, env);
  let hasKubectl: boolean | undefined;
  const applyText = async (args: readonly string[], yaml: string, shown: boolean): Promise<void> => {
    out.write(`\n$ ${['kubectl', ...args].map(quoted).join(' ')}${shown ? redirections({ stdin: yaml }) : ''}\n`);
    const ran = hasKubectl === false ? undefined : await runFile('kubectl', args, folder, env, yaml);
    hasKubectl = ran !== undefined;
    if (ran === undefined) {
      for (const line of await createObjects(options.client, yaml)) out.write(`${line}\n`);
    } else {
      out.write(ran.output);
      if (ran.exitCode !== 0) {
        throw new CountersignError('USAGE', `Cannot go on: kubectl ${args.join(' ')}: exit code ${ran.exitCode}`);
      }
    }
  };
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
        connect: ({ kubeconfig, ...rest }) =>
          ours.connect({ ...rest, ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(folder, kubeconfig) }) }),
      };
      const exitCode = await runProgram(args, environment, MAIN_COMMANDS);
      if (input.into !== undefined) writeFileSync(join(folder, input.into), collected.join(''));
      if ((exitCode !== 0) !== (input.fails === true)) {
        throw new CountersignError('USAGE', `Cannot go on: countersign ${args.join(' ')}: exit code ${exitCode}`);
      }
    },
    apply: async (objects) => {
      const yaml = objects.map((object) => stringify(object)).join('---\n');
      await applyText(['apply', '-f', '-'], yaml, true);
    },
    applyFile: async (file) => {
      await applyText(['apply', '-f', file], readFileSync(join(folder, file), 'utf8'), false);
    },
    printed: (text) => new Promise((done) => waiting.set(text, done)),
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
  stdin = '',
): Promise<Ran | undefined> {
  return new Promise((done) => {
    const child = execFile(file, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT') done(undefined);
      else
        done({
          exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          output: stdout + stderr,
        });
    });
    child.stdin?.on('error', () => undefined); // it need not read
    child.stdin?.end(stdin);
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
