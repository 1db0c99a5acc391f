import { readFile } from 'node:fs/promises';
import { AuditMetrics } from '../apiserver/audit/audit-metrics.js';
import type { AuditPolicy } from '../apiserver/audit/audit-policy.js';
import type { AuditSink } from '../apiserver/audit/audit-sink.js';
import { Auditor } from '../apiserver/audit/auditor.js';
import { DEFAULT_AUDIT_POLICY } from '../apiserver/audit/default-audit-policy.js';
import { parseAuditPolicy } from '../apiserver/audit/parse-audit-policy.js';
import type { MetricSource } from '../apiserver/metrics/metric-family.js';
import { AuditFile } from '../apiserver/node/audit-file.js';
import { AuditStream } from '../apiserver/node/audit-stream.js';
import type { Clock } from '../base/clock.js';
import { CountersignError, messageOf } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import { systemReason } from '../cli/input.js';
import type { AuditSettings } from './audit-flags.js';

/** An open audit log. */
export interface AuditLog {
  /** Undefined where nothing is to be put on record. */
  readonly auditor: Auditor | undefined;
  readonly metrics: readonly MetricSource[];
  /** Resolves when everything put on record is written. */
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the policy and opens the log. CONFIG_INVALID for a policy or a path that cannot be used. */
export async function openAuditLog(
  settings: AuditSettings | undefined,
  { clock, logger }: AuditLogOptions,
): Promise<AuditLog> {
  if (settings === undefined) return { auditor: undefined, metrics: [], close: () => Promise.resolve() };
  const policy = await readPolicy(settings.policyFile);
  const metrics = new AuditMetrics();
  const onLost = lossReporter(metrics, clock, logger);
  const { sink, close } = await openSink(settings, onLost, clock, logger);
  return { auditor: new Auditor({ policy, sink, mode: settings.mode, metrics, clock }), metrics: [metrics], close };
}

interface OpenSink {
  readonly sink: AuditSink;
  readonly close: () => Promise<void>;
}

async function openSink(settings: AuditSettings, onLost: OnLost, clock: Clock, logger: Logger): Promise<OpenSink> {
  const { path } = settings;
  if (path === '-') {
    return { sink: new AuditStream(process.stdout, onLost), close: () => Promise.resolve() };
  }
  const problem = atMostEveryMinute(clock);
  const onProblem = (reason: string): void => {
    problem(() => logger.error('Audit log not put aside', { path, error: reason }));
  };
  const file = new AuditFile({ ...settings, now: () => clock.now(), onLost, onProblem });
  try {
    await file.open();
  } catch (error) {
    const what = `Cannot use audit log ${JSON.stringify(path)}: ${systemReason(error)}`;
    throw new CountersignError('CONFIG_INVALID', what, { cause: error });
  }
  return { sink: file, close: () => file.close() };
}

type OnLost = (count: number, reason: string) => void;

const REPORT_EVERY_MS = 60_000;

/** Counts every lost event; logs the first, and then at most once a minute how many more. */
function lossReporter(metrics: AuditMetrics, clock: Clock, logger: Logger): OnLost {
  const report = atMostEveryMinute(clock);
  let unreported = 0;
  return (count, reason) => {
    metrics.lost(count);
    unreported += count;
    report(() => {
      logger.error('Audit events lost', { events: unreported, error: reason });
      unreported = 0;
    });
  };
}

function atMostEveryMinute(clock: Clock): (report: () => void) => void {
  let reportedMs = Number.NEGATIVE_INFINITY;
  return (report) => {
    const now = clock.now();
    if (now - reportedMs < REPORT_EVERY_MS) return;
    reportedMs = now;
    report();
  };
}

async function readPolicy(path: string | undefined): Promise<AuditPolicy> {
  if (path === undefined) return DEFAULT_AUDIT_POLICY;
  const refused = (reason: string, cause: unknown): CountersignError =>
    new CountersignError('CONFIG_INVALID', `Cannot use audit policy ${JSON.stringify(path)}: ${reason}`, { cause });
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refused(systemReason(error), error);
  });
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw refused(messageOf(error), error);
  }
  return parseAuditPolicy(document, path);
}
