import type { Command } from 'commander';
import { usageError } from './failure.js';

/** The flags every command knows. */
export interface GlobalFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly verbosity: number;
}

/** What commander collected, not looked at yet. */
export type RawFlags = Readonly<Record<string, unknown>>;

/** A command's flags and the global ones, as commander collected them. */
export function rawFlags(command: Command): RawFlags {
  return command.optsWithGlobals<Record<string, unknown>>();
}

/** A flag's text; `-o=json` means `-o json`, as in kubectl. Undefined where it is not given. */
export function textFlag(flags: RawFlags, name: string): string | undefined {
  const value = flags[name];
  if (typeof value !== 'string') return undefined;
  return value.startsWith('=') ? value.slice(1) : value;
}

/** A flag that may come several times, each with several values between commas. */
export function listFlag(flags: RawFlags, name: string): readonly string[] {
  const value = flags[name];
  if (!Array.isArray(value)) return [];
  const parts = value.flatMap((part: unknown) => (typeof part === 'string' ? part.split(',') : []));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** A flag that may come several times; commas belong to its values. */
export function textsFlag(flags: RawFlags, name: string): readonly string[] {
  const value = flags[name];
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [];
}

/** Whether a switch is on. */
export function switchFlag(flags: RawFlags, name: string): boolean {
  return flags[name] === true;
}

/** Collects a flag that may be repeated. For commander's `option`. */
export function repeatable(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** One of `allowed`; a refusal that lists them. */
export function choiceFlag<Choice extends string>(
  flags: RawFlags,
  name: string,
  shown: string,
  allowed: readonly Choice[],
): Choice | undefined {
  const value = textFlag(flags, name);
  if (value === undefined) return undefined;
  const choice = allowed.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw usageError(`Cannot use ${shown}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`);
}

/** The global flags of any command. */
export function readGlobalFlags(command: Command): GlobalFlags {
  const flags = rawFlags(command);
  const namespace = textFlag(flags, 'namespace');
  const kubeconfig = textFlag(flags, 'kubeconfig');
  const context = textFlag(flags, 'context');
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    verbosity: readVerbosity(textFlag(flags, 'v')),
  };
}

function readVerbosity(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw usageError(`Cannot use --v: ${JSON.stringify(text)} is no number from 0 to 99`);
}

/** Output formats of commands that print objects. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';

/** `-o`; without it the table. */
export function outputFlag(flags: RawFlags): OutputFormat {
  return choiceFlag(flags, 'output', '--output', ['wide', 'json', 'yaml', 'name']) ?? 'table';
}

/** What `--dry-run` asks for. */
export type DryRun = 'none' | 'client' | 'server';

/** `--dry-run`. */
export function dryRunFlag(flags: RawFlags): DryRun {
  return choiceFlag(flags, 'dryRun', '--dry-run', ['none', 'client', 'server']) ?? 'none';
}
