import { CountersignError, hasCode, messageOf } from '../base/error.js';
import { StatusError } from '../kube/status.js';

/** Ends a command with an exit code after it has said why itself. */
export class CommandExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** A mistake on the command line. */
export function usageError(message: string): CountersignError<'USAGE'> {
  return new CountersignError('USAGE', message);
}

/**
 * What stands on standard error for a failed command, in kubectl's words: `error: …` for what happened here,
 * `Error from server (NotFound): …` for what the API server refused. A stack only for the unexpected, at `-v 9`.
 */
export function describeFailure(error: unknown, verbosity: number): string {
  if (error instanceof StatusError) {
    const reason = error.reason === '' ? '' : ` (${error.reason})`;
    return `Error from server${reason}: ${error.message}`;
  }
  if (error instanceof CountersignError) {
    return `error: ${shortened(error.message)}${hasCode(error, 'CLIENT_UNREACHABLE') ? UNREACHABLE_HINT : ''}`;
  }
  if (isSystemError(error)) return `error: ${error.message}`;
  const stack = verbosity >= 9 && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `error: unexpected: ${messageOf(error)}${stack}`;
}

/** Longest message shown: what is wrong with an input does not need the whole input. */
const MAX_MESSAGE = 2000;

function shortened(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}… (${message.length} characters)`;
}

const UNREACHABLE_HINT =
  "\nIs the API server running? 'countersign up' starts one; --kubeconfig and --context choose another.";

/** Whether the operating system said no: `ENOENT: no such file or directory, open 'ca.pem'` reads well as it is. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
