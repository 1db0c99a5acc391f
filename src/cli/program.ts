import type { Command } from 'commander';
import type { Environment } from './environment.js';

/** A command that is known by name and summary, and loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Adds arguments, flags and the action to `command`. */
  readonly load: () => Promise<ConfigureCommand>;
}

/** Adds arguments, flags and action to a command. */
export type ConfigureCommand = (command: Command, environment: Environment) => void;

/** The commander program with our commands and `extra` (how main adds `up` and `controller`). */
export function createProgram(_environment: Environment, _extra: readonly CommandEntry[] = []): Command {
  throw new Error('not yet');
}

/** Runs one command line (without node and script); the answer is the exit code. Never throws, never exits. */
export async function runProgram(
  _args: readonly string[],
  _environment: Environment,
  _extra: readonly CommandEntry[] = [],
): Promise<number> {
  throw new Error('not yet');
}
