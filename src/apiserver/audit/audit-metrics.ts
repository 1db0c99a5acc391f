import { LabelledNumbers } from '../metrics/labelled-metrics.js';
import type { MetricFamily, MetricSource } from '../metrics/metric-family.js';
import { AUDIT_LEVELS, type AuditLevel } from './audit-policy.js';

/** Counts events and what became of them. Names are those of Kubernetes. */
export class AuditMetrics implements MetricSource {
  readonly #levels = new Map<AuditLevel, number>(AUDIT_LEVELS.map((level) => [level, 0]));
  #events = 0;
  #lost = 0;
  #rejected = 0;

  /** A request was looked up in the policy. */
  level(level: AuditLevel): void {
    this.#levels.set(level, (this.#levels.get(level) ?? 0) + 1);
  }

  /** An event was made. */
  event(): void {
    this.#events++;
  }

  /** Events could not be written. */
  lost(count: number): void {
    this.#lost += count;
  }

  /** A request was refused because its first event was lost. */
  rejected(): void {
    this.#rejected++;
  }

  collect(): readonly MetricFamily[] {
    const levels = new LabelledNumbers({
      name: 'apiserver_audit_level_total',
      help: 'Requests by the audit level that the policy has for them.',
      type: 'counter',
    });
    for (const [level, count] of this.#levels) levels.add({ level }, count);
    return [
      counter('apiserver_audit_event_total', 'Audit events made.', this.#events),
      counter('apiserver_audit_error_total', 'Audit events that could not be written.', this.#lost, { plugin: 'log' }),
      counter(
        'apiserver_audit_requests_rejected_total',
        'Requests refused because they could not be put on record.',
        this.#rejected,
      ),
      ...levels.collect(),
    ];
  }
}

function counter(
  name: string,
  help: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): MetricFamily {
  return { name, help, type: 'counter', samples: [{ labels, value }] };
}
