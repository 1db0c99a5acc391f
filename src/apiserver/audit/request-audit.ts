import { isJsonObject } from '../../kube/decode-json.js';
import type { ApiResponse } from '../../kube/exchange.js';
import type { UserInfo } from '../../kube/object-meta.js';
import type { Status } from '../../kube/status.js';
import { formatMicroTime } from '../../kube/time.js';
import type { Decision } from '../authorization/authorizer.js';
import { readToken } from '../authentication/json-web-token.js';
import { headerOf } from '../request-headers.js';
import type { RequestInfo } from '../routing/request-info.js';
import type { AuditEvent, AuditObjectReference, AuditResponseStatus } from './audit-event.js';
import type { AuditRule, AuditStage } from './audit-policy.js';
import type { AuditedRequest, AuditorOptions } from './audited-request.js';
import {
  concealed,
  concealedStatus,
  type Confidential,
  confidentialityOf,
  jsonWithoutKeys,
  withoutManagedFields,
} from './conceal.js';
import { sourceIps } from './source-ips.js';

const MAX_USER_AGENT = 1024;

/** What the answer to a request that is on record has come to. */
type Progress = 'open' | 'streaming' | 'done';

/**
 * Puts one request on record, stage by stage. What is found out about it on its way is told here; what is told after
 * its last stage (work that goes on after a deadline) is not heard.
 */
export class RequestAudit {
  readonly #options: AuditorOptions;
  readonly #rule: AuditRule;
  readonly #audited: AuditedRequest;
  readonly #confidential: Confidential;
  readonly #receivedTimestamp: string;
  readonly #objectRef: AuditObjectReference | undefined;
  #impersonated: UserInfo | undefined;
  #annotations: Record<string, string> | undefined;
  #requestObject: unknown;
  #responseObject: unknown;
  #status: Status | undefined;
  #panicked = false;
  #streamOver = false;
  #progress: Progress = 'open';

  constructor(options: AuditorOptions, rule: AuditRule, audited: AuditedRequest) {
    this.#options = options;
    this.#rule = rule;
    this.#audited = audited;
    this.#confidential = confidentialityOf(audited.info);
    this.#receivedTimestamp = timestamp(audited.receivedMs);
    this.#objectRef = objectReference(audited.info);
  }

  /** Puts the first stage on record. False: it must be there for the request to go on, and is lost. */
  async received(): Promise<boolean> {
    const written = this.#emit('RequestReceived', undefined);
    if (written === undefined || this.#options.mode === 'batch') return true;
    if ((await written) || this.#options.mode === 'blocking') return true;
    this.#options.metrics.rejected();
    this.#progress = 'done';
    return false;
  }

  /** Whom the caller acts as. */
  actsAs(user: UserInfo): void {
    this.#impersonated = user;
  }

  /** What the authorizer said. */
  decided({ allowed, reason }: Decision): void {
    this.#annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    this.#annotate('authorization.k8s.io/reason', reason);
  }

  /** The object, options or patch that was sent, as JSON has it. Never changed afterwards. */
  sent(object: unknown): void {
    if (this.#progress !== 'open') return;
    this.#requestObject = object;
    if (this.#objectRef !== undefined && isJsonObject(object)) complete(this.#objectRef, object['metadata']);
  }

  /** The object, list or Status that is answered. Never changed afterwards. */
  answers(object: object): void {
    if (this.#progress !== 'open') return;
    this.#responseObject = object;
    if (isStatus(object)) this.#status = object;
    if (this.#confidential === 'token') this.#issued(object);
  }

  /** Something went wrong that nobody foresaw. */
  panicked(): void {
    this.#panicked = true;
  }

  /** The answer is ready. Resolves, or is undefined, when the caller may have it. */
  answered(response: ApiResponse): Promise<unknown> | undefined {
    if (this.#progress === 'done') return undefined;
    const { kind } = response.body;
    const watches = this.#audited.info.verb === 'watch';
    const streams = watches && (kind === 'stream' || kind === 'events');
    let written: Promise<boolean> | undefined;
    if (this.#audited.user === undefined) {
      this.#progress = 'done';
      written = this.#emit('ResponseStarted', this.#responseStatus(response.status, refusedCredential(this.#audited)));
    } else {
      this.#progress = 'streaming';
      if (watches) {
        written = this.#emit('ResponseStarted', this.#responseStatus(response.status));
      }
      if (!streams || this.#streamOver) written = this.#finish(response.status) ?? written;
    }
    return this.#options.mode === 'batch' ? undefined : written;
  }

  /** A watch is over. */
  streamEnded(): void {
    this.#streamOver = true;
    if (this.#progress === 'streaming') void this.#finish(200);
  }

  #finish(code: number): Promise<boolean> | undefined {
    this.#progress = 'done';
    return this.#emit(this.#panicked ? 'Panic' : 'ResponseComplete', this.#responseStatus(code));
  }

  #annotate(key: string, value: string): void {
    if (this.#progress === 'open') (this.#annotations ??= {})[key] = value;
  }

  /** A token can be followed from here to the requests that show it: they carry the same id. */
  #issued(object: object): void {
    const { status } = object as { readonly status?: unknown }; // any object may be read by name
    if (!isJsonObject(status) || typeof status['token'] !== 'string') return;
    const id = readToken(status['token'])?.payload['jti'];
    if (typeof id === 'string') this.#annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`);
  }

  #responseStatus(code: number, message?: string): AuditResponseStatus {
    if (this.#status === undefined) {
      return { metadata: {}, ...(message === undefined ? {} : { message }), code };
    }
    const { status, message: said, reason, details } = concealedStatus(this.#status, this.#confidential);
    const text = message ?? said;
    return {
      metadata: {},
      status,
      ...(text === undefined ? {} : { message: text }),
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  #emit(stage: AuditStage, responseStatus: AuditResponseStatus | undefined): Promise<boolean> | undefined {
    const { omitStages, level } = this.#rule;
    if (omitStages.includes(stage)) return undefined;
    const { clock, metrics, sink } = this.#options;
    const { request, info, auditId, user } = this.#audited;
    const agent = headerOf(request.headers, 'user-agent');
    const event: AuditEvent = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level,
      auditID: auditId,
      stage,
      requestURI: request.target,
      verb: info.verb,
      user: user ?? {},
      impersonatedUser: this.#impersonated,
      sourceIPs: sourceIps(request.headers, request.peer),
      userAgent: agent === '' ? undefined : shortened(agent),
      objectRef: this.#objectRef,
      responseStatus,
      requestObject: level === 'Metadata' ? undefined : this.#body(this.#requestObject),
      responseObject: level === 'RequestResponse' ? this.#body(this.#responseObject) : undefined,
      requestReceivedTimestamp: this.#receivedTimestamp,
      stageTimestamp: stage === 'RequestReceived' ? this.#receivedTimestamp : timestamp(clock.now()),
      annotations: this.#annotations,
    };
    metrics.event();
    return sink.write(jsonWithoutKeys(event));
  }

  #body(body: unknown): unknown {
    if (body === undefined) return undefined;
    if (typeof body === 'object' && body !== null && isStatus(body)) return concealedStatus(body, this.#confidential);
    const shown = this.#rule.omitManagedFields ? withoutManagedFields(body) : body;
    return concealed(shown, this.#confidential);
  }
}

function timestamp(ms: number): string {
  return formatMicroTime(Math.floor(ms * 1000));
}

function shortened(agent: string): string {
  return agent.length > MAX_USER_AGENT ? `${agent.slice(0, MAX_USER_AGENT)}...TRUNCATED` : agent;
}

function objectReference(info: RequestInfo): AuditObjectReference | undefined {
  if (info.kind === 'path') return undefined;
  const { resource, namespace, authorizedName: name, group, version, subresource } = info;
  return {
    resource: orAbsent(resource),
    namespace: orAbsent(namespace),
    name: orAbsent(name),
    uid: undefined,
    apiGroup: orAbsent(group),
    apiVersion: version,
    resourceVersion: undefined,
    subresource: orAbsent(subresource),
  };
}

function orAbsent(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** What the URL does not say comes from the object. */
function complete(reference: AuditObjectReference, metadata: unknown): void {
  if (!isJsonObject(metadata)) return;
  for (const field of ['namespace', 'name', 'uid', 'resourceVersion'] as const) {
    const value = metadata[field];
    if (typeof value === 'string' && value !== '' && reference[field] === undefined) reference[field] = value;
  }
}

function isStatus(object: object): object is Status {
  return 'kind' in object && object.kind === 'Status' && 'apiVersion' in object && object.apiVersion === 'v1';
}

/** Which credentials were shown, none of them good. */
function refusedCredential({ request: { headers, peer } }: AuditedRequest): string {
  const methods: string[] = [];
  const [scheme = ''] = headerOf(headers, 'authorization').trim().split(' ');
  if (scheme.toLowerCase() === 'basic') methods.push('basic');
  if (scheme.toLowerCase() === 'bearer') methods.push('bearer');
  if (peer.kind === 'connection' && peer.certificateDer !== undefined) methods.push('x509');
  return methods.length === 0
    ? 'Authentication failed, no credentials provided'
    : `Authentication failed, attempted: ${methods.join(', ')}`;
}
