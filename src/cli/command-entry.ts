import type { Command } from 'commander';
import type { Environment } from './environment.js';

/** A command that is known by name and summary, and loaded when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Brings in what adds arguments, flags and the action. */
  readonly load: () => Promise<ConfigureCommand>;
}

/** Adds arguments, flags and action to a command. */
export type ConfigureCommand = (command: Command, environment: Environment) => void;
