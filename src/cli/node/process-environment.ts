import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { Clock } from '../../base/clock.js';
import type { Connection, ConnectionOptions, Environment, TextSink } from '../environment.js';
import { ownKubeconfig } from './own-kubeconfig.js';

/** Exit code of a process that was told twice to stop: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

/** Environment variables. */
type Variables = Readonly<Record<string, string | undefined>>;

/** The environment of a command that runs in this process. Signals are taken only by commands that ask for `signal`. */
export function createProcessEnvironment(clock: Clock, env: Variables = process.env): Environment {
  let interrupt: AbortSignal | undefined;
  return {
    program: programName(process.argv[1] ?? '', env),
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    readStdin,
    env,
    cwd: process.cwd(),
    clock,
    random: (count) => randomBytes(count),
    get signal() {
      interrupt ??= interruptSignal();
      return interrupt;
    },
    connect: (options) => connect(options, clock, env),
  };
}

/** How the user calls us: as a kubectl plugin, by our own name, or, from a clone, through npm. */
export function programName(script: string, env: Variables = {}): string {
  if (/^kubectl[-_]countersign(\.js)?$/.test(basename(script))) return 'kubectl countersign';
  return env['npm_command'] === 'start' || env['npm_command'] === 'exec' ? 'npx countersign' : 'countersign';
}

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  // A reader that went away, such as `head`, ends the program quietly
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY,
  };
}

async function readStdin(): Promise<Uint8Array> {
  if (process.stdin.isTTY) process.stderr.write('Reading standard input until Ctrl-D\n');
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) {
    // without an encoding set, the stream yields Buffers
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** Aborts at the first SIGINT or SIGTERM; the second ends the process at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

async function connect(options: ConnectionOptions, clock: Clock, env: Variables): Promise<Connection> {
  const { loadServerAccess } = await import('../../client/node/kubeconfig.js');
  const { createHttpTransport } = await import('../../client/node/http-transport.js');
  const path = options.kubeconfig ?? ownKubeconfig(env);
  const access = await loadServerAccess({
    ...(path === undefined ? {} : { path }),
    ...(options.context === undefined ? {} : { context: options.context }),
    env,
  });
  const transport = await createHttpTransport(access, { clock });
  return { transport: transport.send, namespace: access.namespace, close: () => transport.close() };
}
