import { Command, CommanderError } from 'commander';
import type { CommandEntry } from './command-entry.js';
import { COMMANDS } from './commands.js';
import type { Environment } from './environment.js';
import { CommandExit, describeFailure } from './failure.js';
import { readGlobalFlags } from './flags.js';

export type { CommandEntry, ConfigureCommand } from './command-entry.js';

/** The commander program with our commands and `extra` (how main adds `up` and `controller`). */
export function createProgram(environment: Environment, extra: readonly CommandEntry[] = []): Command {
  const program = new Command(environment.program)
    .description('TLS certificates through the Kubernetes certificates API: request, approve, sign, fetch, trust.')
    .option('-n, --namespace <name>', 'namespace of Secrets and ConfigMaps; default: that of the kubeconfig context')
    .option('--kubeconfig <file>', 'kubeconfig file; default: $KUBECONFIG, ~/.kube/config, then that of countersign up')
    .option('--context <name>', 'context of the kubeconfig')
    .option('-v, --v <level>', 'how much to tell: 6 shows each API request, 9 also where an unexpected error came from')
    .addHelpText(
      'after',
      `\nStart with '${environment.program} up' for a server of your own, or point --kubeconfig at a cluster.`,
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  const entries = new Map<string, CommandEntry>();
  for (const entry of [...extra, ...COMMANDS]) {
    entries.set(entry.name, entry);
    addCommand(program, entry, environment.program);
  }
  program.hook('preSubcommand', async (_program, command) => {
    const entry = entries.get(command.name());
    if (entry !== undefined) (await entry.load())(command, environment);
  });
  return program;
}

function addCommand(program: Command, entry: CommandEntry, name: string): void {
  program
    .command(entry.name)
    .description(entry.summary)
    .showHelpAfterError(`See '${name} ${entry.name} --help' for usage.`);
}

/** Runs one command line (without node and script); the answer is the exit code. Never throws, never exits. */
export async function runProgram(
  args: readonly string[],
  environment: Environment,
  extra: readonly CommandEntry[] = [],
): Promise<number> {
  const program = createProgram(environment, extra);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(withCfsslFlags(helpAsFlag(args)), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommandExit) return error.exitCode;
    // commander has written its text already
    if (error instanceof CommanderError) return error.exitCode;
    environment.stderr.write(`${describeFailure(error, verbosityOf(program))}\n`);
    return 1;
  }
}

/** `help get` as `get --help`, which loads the command: its flags are not known before. */
function helpAsFlag(args: readonly string[]): readonly string[] {
  return args[0] === 'help' && args.length > 1 ? [...args.slice(1), '--help'] : args;
}

const CFSSL_COMMANDS: ReadonlySet<string> = new Set(['genkey', 'ca', 'sign']);
const CFSSL_FLAG = /^-(?:bare|ca|ca-key|config|profile|hostname)(?:=|$)/;

/** In the commands that cfssl has too, its long flags with one hyphen: `sign -ca ca.pem -ca-key ca-key.pem`. */
function withCfsslFlags(args: readonly string[]): string[] {
  const [command] = args;
  if (command === undefined || !CFSSL_COMMANDS.has(command)) return [...args];
  return args.map((argument) => (CFSSL_FLAG.test(argument) ? `-${argument}` : argument));
}

/** How much to tell; a bad `-v` is what is being reported then, so it counts as nothing. */
function verbosityOf(program: Command): number {
  try {
    return readGlobalFlags(program).verbosity;
  } catch {
    return 0; // reading the flag is what failed
  }
}
