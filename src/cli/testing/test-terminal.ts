import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../base/bytes.js';
import type { Clock } from '../../base/clock.js';
import { CountersignError } from '../../base/error.js';
import { FakeClock } from '../../base/fake-clock.js';
import { random } from '../../crypto/digest.js';
import type { Transport } from '../../kube/exchange.js';
import type { Environment } from '../environment.js';
import type { CommandEntry } from '../command-entry.js';
import { runProgram } from '../program.js';

/** What one command did. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place where a test runs commands in this process. */
export interface TestTerminal {
  /** Current folder of the commands, removed at the end. */
  readonly folder: string;
  /** Runs a command line to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
  path(name: string): string;
}

/** What one run may be given. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** What Ctrl-C aborts. */
  readonly signal?: AbortSignal;
  /** Told everything that is written to standard error. */
  readonly onStderr?: (text: string) => void;
  /** Told everything that is written to standard output. */
  readonly onStdout?: (text: string) => void;
  readonly extra?: readonly CommandEntry[];
}

/** A terminal in a fresh folder; `after` is the test's way to clean up. Without `transport` there is no server. */
export function openTestTerminal(
  test: { after(cleanUp: () => void): void },
  world: { readonly transport?: Transport; readonly clock?: Clock } = {},
): TestTerminal {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const { transport, clock = new FakeClock() } = world;
  return {
    folder,
    path: (name) => join(folder, name),
    async run(args, options = {}) {
      const written = { stdout: '', stderr: '' };
      const { stdin = '' } = options;
      const environment: Environment = {
        program: 'countersign',
        stdout: {
          isTerminal: false,
          write: (text) => {
            written.stdout += text;
            options.onStdout?.(text);
          },
        },
        stderr: {
          isTerminal: false,
          write: (text) => {
            written.stderr += text;
            options.onStderr?.(text);
          },
        },
        readStdin: async () => (typeof stdin === 'string' ? utf8(stdin) : stdin),
        env: options.env ?? {},
        cwd: folder,
        clock,
        random,
        signal: options.signal ?? new AbortController().signal,
        connect: async () => {
          if (transport === undefined)
            throw new CountersignError('CONFIG_INVALID', 'Cannot read kubeconfig: there is none');
          return { transport, namespace: 'default', close: async () => undefined };
        },
      };
      const exitCode = await runProgram(args, environment, options.extra);
      return { exitCode, ...written };
    },
  };
}
