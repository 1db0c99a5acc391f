import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AuditMode } from '../apiserver/audit/audit-sink.js';
import { usageError } from '../cli/failure.js';
import { choiceFlag, switchFlag, textFlag, type RawFlags } from '../cli/flags.js';

/** What is put on record, and where. */
export interface AuditSettings {
  /** A file, or `-` for standard output. */
  readonly path: string;
  /** An audit.k8s.io/v1 Policy; absent: the built-in one. */
  readonly policyFile?: string;
  readonly mode: AuditMode;
  readonly maxBytes: number;
  /** 0 = for ever. */
  readonly maxAgeDays: number;
  /** 0 = all. */
  readonly maxBackups: number;
  readonly compress: boolean;
}

const MODES: readonly AuditMode[] = ['batch', 'blocking', 'blocking-strict'];
const MEGABYTE = 1024 * 1024;
const DEFAULT_MEGABYTES = 100;

/** Flags that only make sense with a log, by the name under which commander keeps them. */
const NEEDS_PATH: readonly (readonly [name: string, flag: string])[] = [
  ['auditPolicyFile', '--audit-policy-file'],
  ['auditLogMode', '--audit-log-mode'],
  ['auditLogMaxsize', '--audit-log-maxsize'],
  ['auditLogMaxage', '--audit-log-maxage'],
  ['auditLogMaxbackup', '--audit-log-maxbackup'],
  ['auditLogCompress', '--audit-log-compress'],
];

/** Adds the flags of the audit log, named as those of kube-apiserver. */
export function addAuditFlags(command: Command): Command {
  return command
    .option('--audit-log-path <file>', 'put requests on record in this file; "-" is standard output')
    .option('--audit-policy-file <file>', 'an audit.k8s.io/v1 Policy: which requests, and how much; default: built in')
    .option('--audit-log-mode <mode>', `whether answers wait for the record: ${MODES.join(', ')}; default: blocking`)
    .option(
      '--audit-log-maxsize <megabytes>',
      `put the file aside before it outgrows this; default: ${DEFAULT_MEGABYTES}`,
    )
    .option('--audit-log-maxage <days>', 'remove files put aside before that; default: 0, keep them')
    .option('--audit-log-maxbackup <count>', 'how many files put aside to keep; default: 0, all of them')
    .option('--audit-log-compress', 'compress files put aside with gzip');
}

/** What these flags say; undefined where nothing is to be put on record. */
export function auditSettings(flags: RawFlags, cwd: string): AuditSettings | undefined {
  const path = textFlag(flags, 'auditLogPath');
  if (path === undefined) {
    for (const [name, flag] of NEEDS_PATH) {
      if (flags[name] !== undefined) throw usageError(`Cannot use ${flag} without --audit-log-path`);
    }
    return undefined;
  }
  if (path === '') throw usageError('Cannot use --audit-log-path: "" is no file');
  const policyFile = textFlag(flags, 'auditPolicyFile');
  return {
    path: path === '-' ? path : resolve(cwd, path),
    ...(policyFile === undefined ? {} : { policyFile: resolve(cwd, policyFile) }),
    mode: choiceFlag(flags, 'auditLogMode', '--audit-log-mode', MODES) ?? 'blocking',
    maxBytes: (count(flags, 'auditLogMaxsize', '--audit-log-maxsize') || DEFAULT_MEGABYTES) * MEGABYTE,
    maxAgeDays: count(flags, 'auditLogMaxage', '--audit-log-maxage'),
    maxBackups: count(flags, 'auditLogMaxbackup', '--audit-log-maxbackup'),
    compress: switchFlag(flags, 'auditLogCompress'),
  };
}

function count(flags: RawFlags, name: string, flag: string): number {
  const text = textFlag(flags, name) ?? '0';
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`Cannot use ${flag}: ${JSON.stringify(text)} is no whole number from 0 to 999999`);
}
