import { type Random, utf8 } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { CountersignError, hasCode, isCountersignError } from '../base/error.js';
import type { Logger } from '../base/logger.js';
import type { ApiRequest, ApiResponse } from '../kube/exchange.js';
import type { UserInfo } from '../kube/object-meta.js';
import { failure, internalError, StatusError } from '../kube/status.js';
import type { MaybePromise } from '../registry/resource.js';
import type { Admission } from './admission/admission.js';
import type { Auditor } from './audit/auditor.js';
import type { RequestAudit } from './audit/request-audit.js';
import { ANONYMOUS, type Authenticator } from './authentication/authenticator.js';
import { RefusalPace } from './authentication/refusal-pace.js';
import type { Attributes, Authorizer } from './authorization/authorizer.js';
import { forbiddenRequest } from './authorization/forbidden-message.js';
import { KnownKinds } from './bodies/known-kinds.js';
import { Deadline, deadlineMs, withDeadline } from './deadline.js';
import { createDiscovery } from './discovery/discovery.js';
import type { ExtraRoute } from './extra-route.js';
import { FlowControl } from './flow/flow-control.js';
import type { HealthCheck } from './health/health-check.js';
import { HealthEndpoints } from './health/health-endpoints.js';
import { type ApiLimits, DEFAULT_LIMITS } from './limits.js';
import type { MetricSource } from './metrics/metric-family.js';
import { ProcessMetrics } from './metrics/process-metrics.js';
import { labelsOf } from './metrics/request-labels.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { createOpenApi } from './openapi/openapi.js';
import { answerPath, type PathParts } from './path-handlers.js';
import { headerOf } from './request-headers.js';
import { answerResource } from './resource-handlers.js';
import { errorAnswer } from './responses/error-answer.js';
import { respondStatus } from './responses/respond.js';
import type { ReviewResource } from './reviews/review-resource.js';
import { type PathRequest, requestInfo, type ResourceRequest } from './routing/request-info.js';
import { type Route, RouteTable } from './routing/route-table.js';
import { ServedRequest } from './served-request.js';
import type { ServedResource } from './served-resource.js';
import type { ServerParts } from './server-parts.js';
import { EncodedEvents } from './streams/encoded-events.js';
import { WatchRegistry } from './streams/watch-registry.js';
import type { VersionInfo } from './version-info.js';

/**
 * The user that a request acts as, from its `Impersonate-*` headers; `user` itself when there are none. Throws 400 for
 * headers that do not fit together and 403 for what `user` may not do.
 */
export type Impersonate = (request: ApiRequest, user: UserInfo) => MaybePromise<UserInfo>;

export type { ExtraRoute } from './extra-route.js';

/** What a server is made of. */
export interface ApiServerOptions {
  readonly resources: readonly ServedResource[];
  readonly reviews: readonly ReviewResource[];
  readonly authenticator: Authenticator;
  /** Absent: `Impersonate-*` headers are ignored. */
  readonly impersonate?: Impersonate;
  readonly authorizer: Authorizer;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A collision-resistant hash, for the ETags of documents. */
  readonly digest: (bytes: Uint8Array) => Uint8Array;
  /** A fresh UUID. */
  readonly newUid: () => string;
  readonly version: VersionInfo;
  /**
   * Calls back once everything that has arrived has been looked at, so that whose turn it is is decided among all who are
   * there. Absent: at once.
   */
  readonly nextTurn?: (callback: () => void) => void;
  /** Overrides of `DEFAULT_LIMITS`. */
  readonly limits?: Partial<ApiLimits>;
  readonly routes?: readonly ExtraRoute[];
  readonly healthChecks?: readonly HealthCheck[];
  /** Absent: nothing is put on record. */
  readonly auditor?: Auditor;
  /** What else `/metrics` shows. */
  readonly metrics?: readonly MetricSource[];
  /** `host:port` that clients reach, for legacy discovery. */
  readonly advertisedAddress?: () => string;
}

/** A running API server without a socket: the whole API as one function. */
export interface ApiServer {
  /** Answers one request. Never rejects: what goes wrong becomes an answer. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** `/readyz` fails from now on; requests are still answered. */
  drain(): void;
  /** Ends every watch cleanly and answers 429 from then on; what runs is answered. Idempotent. */
  close(): Promise<void>;
}

/** Builds an API server. Starts nothing; the answer's `close` ends its watches. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  return new Server(options);
}

class Server implements ApiServer {
  readonly #options: ApiServerOptions;
  readonly #parts: ServerParts;
  readonly #paths: PathParts;
  readonly #routes: RouteTable;
  readonly #flows: FlowControl;
  readonly #refusals: RefusalPace;
  #draining = false;
  #closed = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const limits: ApiLimits = { ...DEFAULT_LIMITS, ...options.limits };
    const metrics = new ServerMetrics(options.version);
    const watches = new WatchRegistry(limits.maxWatches, limits.maxWatchesPerUser);
    this.#refusals = new RefusalPace(options.clock);
    this.#flows = new FlowControl(limits, options.clock, options.nextTurn);
    metrics.watchGauges(() => ({
      ...this.#flows.inFlight,
      watches: watches.count,
    }));
    this.#routes = new RouteTable(options.resources, options.reviews);
    const { clock, random, logger, authorizer, admission, resources, reviews } = options;
    this.#parts = {
      clock,
      random,
      logger,
      limits,
      pause: pauseBy(options.nextTurn),
      authorizer,
      admission,
      kinds: new KnownKinds(resources, reviews),
      encoded: new EncodedEvents(),
      watches,
      metrics,
    };
    this.#paths = pathParts(options, [metrics, this.#flows.metrics, ...(options.metrics ?? [])], () =>
      this.#assertReady(),
    );
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const { clock, metrics, limits } = this.#parts;
    const startedMs = clock.now();
    const auditId = auditIdOf(request, this.#options.newUid);
    const info = requestInfo(request.method, request.target);
    if (info === undefined) return badTarget(auditId);
    if (this.#closed) return shuttingDown(auditId);
    const route = info.kind === 'resource' ? this.#routes.route(info) : undefined;
    let served: ServedRequest | undefined;
    let audit: RequestAudit | undefined;
    let response: ApiResponse;
    try {
      const caller = await this.#authenticated(request);
      audit = this.#options.auditor?.begin({ request, info, auditId, receivedMs: startedMs, user: caller });
      if (caller === undefined) throw await this.#unauthorized(request);
      if (audit !== undefined && !(await audit.received())) throw internalError('failed to store audit event');
      const user = await this.#actingUser(request, caller, audit);
      served = new ServedRequest(request, info, auditId, user, this.#parts, audit);
      response = await this.#admitted(served, route, limits);
    } catch (error) {
      // until it is known who asks, nobody does
      served ??= new ServedRequest(request, info, auditId, ANONYMOUS, this.#parts, audit);
      response = await this.#refused(served, error);
    }
    const recorded = audit?.answered(response);
    if (recorded !== undefined) await recorded;
    metrics.request(labelsOf(info, route), response.status, (clock.now() - startedMs) / 1000);
    return request.method === 'HEAD' ? { ...response, body: { kind: 'none' } } : response;
  }

  drain(): void {
    this.#draining = true;
  }

  close(): Promise<void> {
    this.#draining = true;
    this.#closed = true;
    this.#parts.watches.endAll();
    return Promise.resolve();
  }

  /** Who asks; undefined for a refused credential. A caller in this process is who it says it is. */
  async #authenticated(request: ApiRequest): Promise<UserInfo | undefined> {
    if (request.peer.kind === 'in-process') return request.peer.user;
    const result = await this.#options.authenticator.authenticate(request);
    return result.kind === 'refused' ? undefined : result.user;
  }

  async #unauthorized(request: ApiRequest): Promise<StatusError> {
    const { peer } = request;
    if (peer.kind === 'connection') await this.#refusals.wait(peer.address, () => request.signal);
    return new StatusError(failure(401, 'Unauthorized', 'Unauthorized'));
  }

  /** Whom the caller acts as. */
  async #actingUser(request: ApiRequest, caller: UserInfo, audit: RequestAudit | undefined): Promise<UserInfo> {
    const { impersonate } = this.#options;
    if (impersonate === undefined || request.peer.kind === 'in-process') return caller;
    const user = await impersonate(request, caller);
    if (user !== caller) audit?.actsAs(user);
    return user;
  }

  /** Permission, and then the work when its turn comes; all but watches and our own within a deadline. */
  #admitted(served: ServedRequest, route: Route | undefined, limits: ApiLimits): Promise<ApiResponse> {
    const deadline = new Deadline();
    if (served.info.verb === 'watch' || served.inProcess) return this.#permitted(served, route, deadline);
    const ms = deadlineMs(served.info.query, limits.requestTimeoutMs);
    return withDeadline(this.#parts.clock, ms, deadline, this.#permitted(served, route, deadline));
  }

  async #permitted(served: ServedRequest, route: Route | undefined, deadline: Deadline): Promise<ApiResponse> {
    const attributes = attributesOf(served);
    const decision = await this.#parts.authorizer.authorize(attributes);
    served.audit?.decided(decision);
    if (!decision.allowed) throw forbiddenRequest(attributes, decision);
    return this.#flows.run({ served, route, deadline, work: () => this.#answer(served, route) });
  }

  #answer(served: ServedRequest, route: Route | undefined): Promise<ApiResponse> {
    if (isResource(served)) return answerResource(this.#parts, served, route ?? { kind: 'unknown-group' });
    return answerPath(this.#paths, served as ServedRequest<PathRequest>); // the other half of RequestInfo
  }

  async #refused(served: ServedRequest, error: unknown): Promise<ApiResponse> {
    const { status, hidden } = errorAnswer(error, served.auditId);
    if (!isCountersignError(error)) served.audit?.panicked();
    if (hidden && !hasCode(error, 'ABORTED')) {
      this.#parts.logger.error('Failed API request', {
        auditId: served.auditId,
        method: served.request.method,
        path: served.info.path,
        user: served.user.username,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    return respondStatus(served, status);
  }

  #assertReady(): void {
    if (this.#draining) throw new CountersignError('ABORTED', 'Cannot serve: the server is shutting down');
  }
}

function pauseBy(nextTurn: ApiServerOptions['nextTurn']): ServerParts['pause'] {
  return nextTurn === undefined ? () => Promise.resolve() : () => new Promise(nextTurn);
}

function isResource(served: ServedRequest): served is ServedRequest<ResourceRequest> {
  return served.info.kind === 'resource';
}

/** What the caller wants to do, as authorization sees it. */
function attributesOf({ user, info }: ServedRequest): Attributes {
  if (info.kind === 'path') return { kind: 'path', user, verb: info.verb, path: info.path };
  return {
    kind: 'resource',
    user,
    verb: info.verb,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.authorizedName,
  };
}

function pathParts(options: ApiServerOptions, metrics: readonly MetricSource[], assertReady: () => void): PathParts {
  const { reviews, digest, version, clock } = options;
  const resources = options.resources.map((served) => served.resource);
  const checks: readonly HealthCheck[] = [
    { name: 'ping', when: 'live', check: () => undefined },
    ...(options.healthChecks ?? []),
    { name: 'shutdown', when: 'ready', check: assertReady },
  ];
  const apiPaths = new Set<string>();
  for (const { group, version: of } of [...resources, ...reviews]) {
    if (group !== '') apiPaths.add(`/apis/${group}`);
    apiPaths.add(group === '' ? `/api/${of}` : `/apis/${group}/${of}`);
  }
  return {
    health: new HealthEndpoints(checks, options.logger),
    discovery: onceMade(() => createDiscovery({ resources, reviews, digest })),
    openApi: onceMade(() => createOpenApi({ resources, reviews, digest, now: () => clock.now() })),
    version,
    metrics,
    processMetrics: new ProcessMetrics(),
    routes: options.routes ?? [],
    advertisedAddress: options.advertisedAddress ?? (() => 'localhost'),
    apiPaths: [...apiPaths],
  };
}

/** What `make` gives, made when first asked for. */
function onceMade<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** The caller's own id where it sent one that fits a header, else a new one. */
function auditIdOf(request: ApiRequest, newUid: () => string): string {
  const given = headerOf(request.headers, 'audit-id');
  return given !== '' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : newUid();
}

/** A path whose escapes are broken never reaches a handler of the API server either. */
function badTarget(auditId: string): ApiResponse {
  return {
    status: 400,
    headers: { 'audit-id': auditId, 'content-type': 'text/plain; charset=utf-8' },
    body: { kind: 'bytes', bytes: utf8('400 Bad Request') },
  };
}

/** For who comes when it is over: another server may take it, and so may this one once it is back. */
function shuttingDown(auditId: string): ApiResponse {
  return {
    status: 429,
    headers: {
      'audit-id': auditId,
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'retry-after': '1',
      connection: 'close',
    },
    body: { kind: 'bytes', bytes: utf8('The apiserver is shutting down, please try again later.\n') },
  };
}
