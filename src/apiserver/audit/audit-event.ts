import type { UserInfo } from '../../kube/object-meta.js';
import type { StatusDetails } from '../../kube/status.js';
import type { AuditLevel, AuditStage } from './audit-policy.js';

/** What a request is about, with its fields in the order in which Kubernetes writes them. */
export interface AuditObjectReference {
  resource: string | undefined;
  namespace: string | undefined;
  name: string | undefined;
  uid: string | undefined;
  apiGroup: string | undefined;
  apiVersion: string | undefined;
  resourceVersion: string | undefined;
  subresource: string | undefined;
}

/** How a request was answered. */
export interface AuditResponseStatus {
  readonly metadata: Readonly<Record<string, never>>;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** An audit.k8s.io/v1 Event, with its fields in the order in which Kubernetes writes them. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  /** Who asks; empty where the credential was refused. */
  readonly user: Partial<UserInfo>;
  readonly impersonatedUser: UserInfo | undefined;
  readonly sourceIPs: readonly string[] | undefined;
  readonly userAgent: string | undefined;
  readonly objectRef: AuditObjectReference | undefined;
  readonly responseStatus: AuditResponseStatus | undefined;
  readonly requestObject: unknown;
  readonly responseObject: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}
