import type { Clock } from '../../base/clock.js';
import type { ApiRequest } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { RequestInfo } from '../routing/request-info.js';
import type { AuditMetrics } from './audit-metrics.js';
import type { AuditPolicy } from './audit-policy.js';
import type { AuditMode, AuditSink } from './audit-sink.js';

/** What auditing is made of. */
export interface AuditorOptions {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
  readonly mode: AuditMode;
  readonly metrics: AuditMetrics;
  readonly clock: Clock;
}

/** A request as it is when it has been authenticated. */
export interface AuditedRequest {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly auditId: string;
  /** When it came, in milliseconds. */
  readonly receivedMs: number;
  /** Undefined: its credential was refused. */
  readonly user: UserInfo | undefined;
}
