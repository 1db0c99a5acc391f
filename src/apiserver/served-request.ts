import type { Clock } from '../base/clock.js';
import { secondsOf, type UnixSeconds } from '../base/clock.js';
import type { ApiRequest } from '../kube/exchange.js';
import type { UserInfo } from '../kube/object-meta.js';
import type { RequestContext } from '../registry/resource.js';
import type { RequestAudit } from './audit/request-audit.js';
import type { ApiLimits } from './limits.js';
import { headerOf } from './request-headers.js';
import { Warnings } from './responses/warnings.js';
import type { RequestInfo } from './routing/request-info.js';

/** What a request must know of its server. */
export interface ServerSettings {
  readonly clock: Clock;
  readonly limits: ApiLimits;
  /** Waits until everybody else had a turn; for work that is long. */
  readonly pause: () => Promise<void>;
}

/** One request on its way through the server, with what has been found out about it. */
export class ServedRequest<Info extends RequestInfo = RequestInfo> {
  /** As it came; with its body, once that has been read ahead. */
  request: ApiRequest;
  readonly info: Info;
  readonly auditId: string;
  /** Who it acts as: after authentication and impersonation. */
  readonly user: UserInfo;
  readonly now: UnixSeconds;
  readonly gzipAboveBytes: number;
  /** Waits until everybody else had a turn; for work that is long. */
  readonly pause: () => Promise<void>;
  readonly warnings: Warnings = new Warnings();
  /** Where it is put on record; undefined where it is not. */
  readonly audit: RequestAudit | undefined;

  constructor(
    request: ApiRequest,
    info: Info,
    auditId: string,
    user: UserInfo,
    server: ServerSettings,
    audit?: RequestAudit,
  ) {
    this.request = request;
    this.info = info;
    this.auditId = auditId;
    this.user = user;
    this.audit = audit;
    this.now = secondsOf(server.clock);
    this.gzipAboveBytes = server.limits.gzipAboveBytes;
    this.pause = server.pause;
  }

  /** The Accept header; empty when there is none. */
  get accept(): string {
    return headerOf(this.request.headers, 'accept');
  }

  /** A caller in this process: it gets objects, not bytes. */
  get inProcess(): boolean {
    return this.request.peer.kind === 'in-process';
  }

  /** Takes in the body, so that whoever reads it later waits for nobody. Rejects with ABORTED when it breaks off. */
  async readAhead(maxBytes: number): Promise<void> {
    const { body } = this.request;
    if (body.kind === 'stream') this.request = new ReadRequest(this.request, await body.read(maxBytes));
  }

  /** What strategies may know of this request. */
  context(dryRun: boolean, fieldManager: string): RequestContext {
    return new Context(this, dryRun, fieldManager);
  }
}

/** A class, so that `signal` is only made for those who ask: most writes never do, and making it costs. */
class Context implements RequestContext {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly #served: ServedRequest;

  constructor(served: ServedRequest, dryRun: boolean, fieldManager: string) {
    this.#served = served;
    this.dryRun = dryRun;
    this.fieldManager = fieldManager;
  }

  get user(): UserInfo {
    return this.#served.user;
  }

  get now(): UnixSeconds {
    return this.#served.now;
  }

  get warn(): (text: string) => void {
    return this.#served.warnings.add;
  }

  get signal(): AbortSignal {
    return this.#served.request.signal;
  }
}

/** A request whose body is here. */
class ReadRequest implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly peer: ApiRequest['peer'];
  readonly body: ApiRequest['body'];
  readonly #request: ApiRequest;

  constructor(request: ApiRequest, bytes: Uint8Array | undefined) {
    this.method = request.method;
    this.target = request.target;
    this.peer = request.peer;
    // one that is too large stays one that cannot be read
    this.body =
      bytes === undefined ? { kind: 'stream', read: () => Promise.resolve(undefined) } : { kind: 'bytes', bytes };
    this.#request = request;
  }

  get headers(): ApiRequest['headers'] {
    return this.#request.headers;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }
}
