import { setMaxListeners } from 'node:events';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.js';
import { CountersignError, messageOf } from '../../base/error.js';
import type { ApiRequest, ApiResponse, RequestBody, StreamSink, Transport } from '../../kube/exchange.js';
import { createConnectionPool, type ConnectionPool } from './connection-pool.js';
import { createCredentialSource, type RequestCredentials } from './request-credentials.js';
import type { ServerAccess } from './server-access.js';

/** A transport over the network. */
export interface HttpTransport {
  readonly send: Transport;
  /** Ends idle connections and the ones in use. Idempotent. */
  close(): Promise<void>;
}

/** Options of a network transport. */
export interface HttpTransportOptions {
  readonly clock: Clock;
  /** Largest answer that is no watch. Default 256 MiB. */
  readonly maxResponseBytes?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** The API server gives up on a request after 60 s. */
const HEADERS_TIMEOUT_MS = 65_000;
/** Time between two pieces of an answer that is no watch. */
const BODY_TIMEOUT_MS = 65_000;
/** How much longer than its own limit a watch may be silent before the connection counts as dead. */
const WATCH_GRACE_MS = 30_000;
const DEFAULT_WATCH_MS = 3600_000;
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

/** A transport to `access.server` over TLS with a keep-alive pool. Loads undici; connects when first used. */
export async function createHttpTransport(access: ServerAccess, options: HttpTransportOptions): Promise<HttpTransport> {
  const undici = await import('undici');
  const credentials = createCredentialSource(access.credentials, options.clock);
  const url = new URL(access.server);
  const prefix = url.pathname === '/' ? '' : url.pathname;
  const maxBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
  let current: { readonly pool: ConnectionPool; readonly identity: string } | undefined;
  let closed = false;

  /** The pool for this client certificate. One from a plugin may be renewed: then old connections end when idle. */
  const poolFor = ({ certificatePem = '', keyPem = '' }: RequestCredentials): ConnectionPool => {
    const identity = certificatePem + keyPem;
    if (current?.identity === identity) return current.pool;
    current?.pool.retire();
    const connect = {
      timeout: CONNECT_TIMEOUT_MS,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: !access.insecureSkipTlsVerify,
      ...(access.caPem === undefined ? {} : { ca: access.caPem }),
      ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
      ...(certificatePem === '' ? {} : { cert: certificatePem, key: keyPem }),
    } as const;
    const pool = createConnectionPool(() => new undici.Client(url.origin, { connect }));
    current = { pool, identity };
    return pool;
  };

  return {
    send: async (request) => {
      if (closed)
        throw new CountersignError('CLIENT_UNREACHABLE', `Cannot reach ${access.server}: the client is closed`);
      const credential = await credentials();
      const watch = isWatch(request);
      const stream = watch || request.headers['accept'] === 'application/octet-stream';
      const dispatch: Dispatcher.DispatchOptions = {
        origin: url.origin,
        path: prefix + request.target,
        method: request.method,
        headers: headersOf(request, credential),
        body: await bodyOf(request.body),
        headersTimeout: HEADERS_TIMEOUT_MS,
        // Keeps the connection after a DELETE with a body too, which this API expects.
        reset: false,
        bodyTimeout: watch ? watchTimeoutMs(request.target) : BODY_TIMEOUT_MS,
      };
      return exchange(poolFor(credential), dispatch, { request, stream, maxBytes, server: access.server });
    },
    close: async () => {
      closed = true;
      await current?.pool.destroy();
    },
  };
}

function isWatch(request: ApiRequest): boolean {
  return request.method === 'GET' && /[?&]watch=(true|1)(&|$)/.test(request.target);
}

function watchTimeoutMs(target: string): number {
  const seconds = /[?&]timeoutSeconds=([0-9]{1,9})(&|$)/.exec(target)?.[1];
  return (seconds === undefined ? DEFAULT_WATCH_MS : Number(seconds) * 1000) + WATCH_GRACE_MS;
}

function headersOf(request: ApiRequest, credential: RequestCredentials): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const from of [request.headers, credential.headers]) {
    for (const [name, value] of Object.entries(from)) {
      if (value !== undefined) headers[name] = typeof value === 'string' ? value : [...value];
    }
  }
  return headers;
}

async function bodyOf(body: RequestBody): Promise<string | Uint8Array | null> {
  switch (body.kind) {
    case 'none':
      return null;
    case 'bytes':
      return body.bytes;
    case 'object':
      return JSON.stringify(body.value);
    case 'stream':
      return (await body.read(Number.MAX_SAFE_INTEGER)) ?? null;
  }
}

interface ExchangeContext {
  readonly request: ApiRequest;
  /** Whether the answer is handed on as it comes: of a watch, and of what asks for plain bytes. */
  readonly stream: boolean;
  readonly maxBytes: number;
  readonly server: string;
}

function exchange(
  pool: ConnectionPool,
  dispatch: Dispatcher.DispatchOptions,
  context: ExchangeContext,
): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const handler = new ResponseHandler(context, resolve, reject);
    try {
      pool.dispatch(dispatch, handler, (free) => handler.onEnd(free));
    } catch (error) {
      handler.onResponseError(undefined, error);
    }
  });
}

/** Receives one response from undici: whole, or as a stream of chunks. */
class ResponseHandler implements Dispatcher.DispatchHandler {
  readonly #context: ExchangeContext;
  readonly #resolve: (response: ApiResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #response: { readonly status: number; readonly headers: ApiResponse['headers'] } = { status: 0, headers: {} };
  #chunks: Buffer[] = [];
  #length = 0;
  #sink: StreamSink<Uint8Array | string> | undefined;
  #streaming = false;
  #stopped = false;
  #ended = false;
  #free: (clean: boolean) => void = () => undefined;

  constructor(context: ExchangeContext, resolve: (response: ApiResponse) => void, reject: (error: Error) => void) {
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#onAbort = () => {
      this.#abort('the call was given up');
      // While the connection is being made nobody else would say so.
      this.#reject(new CountersignError('ABORTED', `Cannot reach ${context.server}: the call was given up`));
    };
    // Many calls may share the signal of their caller, each for its own time: that is no leak.
    setMaxListeners(0, context.request.signal);
    context.request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Calls `free` when the connection is done with this exchange, and says whether it may carry another. */
  onEnd(free: (clean: boolean) => void): void {
    this.#free = free;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#context.request.signal.aborted) this.#abort('the call was given up');
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#response = { status, headers };
    if (!this.#context.stream || status !== 200) return;
    this.#streaming = true;
    this.#resolve({
      status,
      headers,
      body: { kind: 'stream', stream: { start: (sink) => this.#start(sink), stop: () => this.#stop() } },
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stopped) return;
    if (this.#sink !== undefined) {
      this.#deliver(this.#sink, chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > this.#context.maxBytes) {
      const { server, maxBytes } = this.#context;
      this.#reject(
        new CountersignError('CLIENT_PROTOCOL', `Cannot read the answer of ${server}: more than ${maxBytes} bytes`),
      );
      this.#abort('too large');
    }
  }

  onResponseEnd(): void {
    this.#finish(true);
    if (this.#streaming) {
      this.#sink?.end();
      return;
    }
    const bytes = Buffer.concat(this.#chunks, this.#length);
    this.#resolve({ ...this.#response, body: { kind: 'bytes', bytes } });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#finish(false);
    if (this.#streaming) {
      // A watch that breaks off has just ended: whoever follows it goes on from the last event.
      this.#sink?.end();
      return;
    }
    const message = `Cannot reach ${this.#context.server}: ${causeOf(error)}`;
    this.#reject(new CountersignError('CLIENT_UNREACHABLE', message, { cause: error }));
  }

  #start(sink: StreamSink<Uint8Array | string>): void {
    const early = this.#chunks;
    this.#chunks = [];
    this.#sink = sink;
    for (const chunk of early) this.#deliver(sink, chunk);
    if (this.#ended && !this.#stopped) sink.end();
  }

  #deliver(sink: StreamSink<Uint8Array | string>, chunk: Buffer): void {
    if (this.#stopped || sink.write(chunk)) return;
    this.#controller?.pause();
    void sink.drained().then(() => this.#controller?.resume());
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (!this.#ended) this.#abort('the watch was stopped');
  }

  #abort(why: string): void {
    if (this.#controller !== undefined && !this.#ended) this.#controller.abort(new Error(why));
  }

  #finish(clean: boolean): void {
    this.#ended = true;
    this.#free(clean);
    this.#context.request.signal.removeEventListener('abort', this.#onAbort);
  }
}

/** The words of the innermost error: undici wraps those of the socket. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return causeOf(error.cause);
  return messageOf(error);
}
