import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type tls from 'node:tls';
import { messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { ApiResponse, Transport } from '../../kube/exchange.js';
import { peerOf } from './connection.js';
import { answerHttp1, Http1Request } from './http1-exchange.js';
import { answerHttp2, Http2Request } from './http2-exchange.js';
import { DEFAULT_LISTEN_LIMITS, type ListenLimits, type ServerCredentials } from './listen-limits.js';
import { Sending } from './sending.js';
import { TlsFront } from './tls-front.js';

export interface ListenOptions {
  readonly handle: Transport;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  readonly tls: ServerCredentials;
  /** PEM certificates whose subjects are told to clients that ask which certificate to present. */
  readonly clientCas: readonly string[];
  readonly limits?: Partial<ListenLimits>;
  readonly logger: Logger;
}

/** A listening socket. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** New connections get this certificate from now on. */
  updateTls(key: string, cert: string): void;
  /** New connections are told these subjects from now on. */
  updateClientCas(clientCas: readonly string[]): void;
  /**
   * Takes in no connection any more and tells clients so; waits up to `graceMs` for running requests, less for watches that
   * have been ended and are not read, then closes what is left. Idempotent.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves `handle` over TLS 1.2 and newer, with HTTP/2 and HTTP/1.1 by ALPN. A client certificate is asked for and not
 * required; what is presented goes to `handle` unverified. Rejects with CONFIG_INVALID when it cannot bind, or when key
 * and certificate do not fit.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const listener = new TlsListener(options);
  await listener.open();
  return listener;
}

/** How long an ended watch waits for its client to read the end, when the listener closes. */
const STREAM_GRACE_MS = 5000;
const SWEEP_MS = 1000;

/** What is known of a connection while it lives. */
interface Connection {
  readonly socket: tls.TLSSocket;
  readonly session: http2.ServerHttp2Session | undefined;
  /** Requests that have come and whose answers have not gone. */
  active: number;
  /** Of them, those answered by a stream. */
  streaming: number;
  /** Since when it has had no request, in milliseconds; whether it ever had one. */
  idleSince: number;
  used: boolean;
}

class TlsListener implements Listener {
  readonly #options: ListenOptions;
  readonly #limits: ListenLimits;
  readonly #front: TlsFront;
  readonly #http1: http.Server;
  readonly #connections = new Map<tls.TLSSocket, Connection>();
  readonly #sending: Sending;
  readonly #sweeping: NodeJS.Timeout;
  #closing: Promise<void> | undefined;
  #boundTo: AddressInfo = { address: '', family: '', port: 0 };
  #onProgress: (() => void) | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LISTEN_LIMITS, ...options.limits };
    this.#http1 = this.#createHttp1();
    this.#front = new TlsFront({ ...options, limits: this.#limits, onConnection: (socket) => this.#connected(socket) });
    const { requestTimeoutMs, idleTimeoutMs, headerTimeoutMs } = this.#limits;
    this.#sending = new Sending(requestTimeoutMs, () => performance.now());
    const shortest = Math.min(requestTimeoutMs, idleTimeoutMs, headerTimeoutMs);
    this.#sweeping = setInterval(() => this.#sweep(), Math.min(SWEEP_MS, shortest / 2)).unref();
  }

  get address(): string {
    return this.#boundTo.address;
  }

  get port(): number {
    return this.#boundTo.port;
  }

  async open(): Promise<void> {
    this.#boundTo = await this.#front.open(this.#options.host, this.#options.port);
  }

  updateTls(key: string, cert: string): void {
    this.#front.updateTls({ key, cert });
  }

  updateClientCas(clientCas: readonly string[]): void {
    this.#front.updateClientCas(clientCas);
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const closed = this.#front.close();
    for (const connection of this.#connections.values()) retire(connection);
    await this.#settled(graceMs);
    for (const { session, socket } of this.#connections.values()) {
      session?.destroy();
      socket.destroy();
    }
    this.#http1.close();
    clearInterval(this.#sweeping);
    await closed;
  }

  /** Resolves when nothing runs any more, or enough has been waited. */
  async #settled(graceMs: number): Promise<void> {
    const timers: NodeJS.Timeout[] = [];
    let streamsMayEnd = true;
    await new Promise<void>((resolve) => {
      this.#onProgress = () => {
        let [requests, streams] = [0, 0];
        for (const { active, streaming } of this.#connections.values()) {
          requests += active - streaming;
          streams += streaming;
        }
        if (requests === 0 && (streams === 0 || !streamsMayEnd)) resolve();
      };
      const giveUpStreams = (): void => {
        streamsMayEnd = false;
        this.#onProgress?.();
      };
      timers.push(setTimeout(giveUpStreams, Math.min(graceMs, STREAM_GRACE_MS)), setTimeout(resolve, graceMs));
      this.#onProgress();
    });
    this.#onProgress = undefined;
    for (const timer of timers) clearTimeout(timer);
  }

  /** Ends what has been silent, or has not been read, for too long. */
  #sweep(): void {
    this.#sending.sweep();
    const now = performance.now();
    const { idleTimeoutMs, headerTimeoutMs } = this.#limits;
    // of HTTP/1.1, Node's own server looks after it
    for (const { session, active, used, idleSince } of this.#connections.values()) {
      if (session === undefined || active > 0 || now - idleSince < (used ? idleTimeoutMs : headerTimeoutMs)) continue;
      session.close();
    }
  }

  #connected(socket: tls.TLSSocket): void {
    socket.on('error', (error) => {
      this.#options.logger.debug('Lost connection', { error: messageOf(error) });
    });
    if (this.#closing !== undefined) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    const session = socket.alpnProtocol === 'h2' ? this.#openSession(socket) : undefined;
    const connection = { socket, session, active: 0, streaming: 0, idleSince: performance.now(), used: false };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#onProgress?.();
    });
    if (session === undefined) {
      peers.set(socket, { peer, connection });
      this.#http1.emit('connection', socket);
      return;
    }
    session.on('stream', (stream, headers, _flags, raw: string[] = []) => {
      void this.#serveHttp2(connection, stream, new Http2Request(stream, headers, raw, peer), headers);
    });
  }

  #openSession(socket: tls.TLSSocket): http2.ServerHttp2Session {
    const { maxConcurrentStreams, maxHeaderBytes } = this.#limits;
    const session = http2.performServerHandshake(socket, {
      maxSessionMemory: 64,
      settings: { maxConcurrentStreams, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
    });
    session.on('error', (error) => {
      this.#options.logger.debug('Lost connection', { error: messageOf(error) });
    });
    return session;
  }

  async #serveHttp2(
    connection: Connection,
    stream: http2.ServerHttp2Stream,
    request: Http2Request,
    headers: http2.IncomingHttpHeaders,
  ): Promise<void> {
    stream.on('error', ignore); // its connection's errors are logged once, by the connection
    const carried = this.#begin(connection, stream);
    if (headers['expect'] === '100-continue') stream.additionalHeaders({ ':status': 100 });
    try {
      const answer = await this.#options.handle(request);
      answerHttp2(stream, answer, carried(answer));
    } catch (error) {
      this.#options.logger.error('Failed to answer request', { error: messageOf(error) });
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #createHttp1(): http.Server {
    const { headerTimeoutMs, requestTimeoutMs, idleTimeoutMs, maxHeaderBytes } = this.#limits;
    const server = http.createServer(
      {
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: headerTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: idleTimeoutMs,
        connectionsCheckingInterval: Math.min(5000, headerTimeoutMs, requestTimeoutMs),
        noDelay: false,
      },
      (incoming, outgoing) => {
        void this.#serveHttp1(incoming, outgoing);
      },
    );
    server.emit('listening'); // it never does: this is what starts the watch over slow requests
    return server;
  }

  async #serveHttp1(incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
    const known = peers.get(incoming.socket);
    if (known === undefined) {
      incoming.socket.destroy();
      return;
    }
    const { peer, connection } = known;
    const carried = this.#begin(connection, outgoing);
    try {
      const answer = await this.#options.handle(new Http1Request(incoming, outgoing, peer));
      answerHttp1(incoming, outgoing, answer, { last: this.#closing !== undefined, ...carried(answer) });
    } catch (error) {
      this.#options.logger.error('Failed to answer request', { error: messageOf(error) });
      outgoing.destroy();
    }
  }

  /** Counts a request until its answer has gone. What it gives back is called with the answer that is about to go. */
  #begin(
    connection: Connection,
    sender: http2.ServerHttp2Stream | http.ServerResponse,
  ): (answer: ApiResponse) => { readonly onEnded: () => void } {
    connection.active++;
    connection.used = true;
    let streams = false;
    sender.once('close', () => {
      connection.active--;
      if (streams) connection.streaming--;
      if (connection.active === 0) {
        connection.idleSince = performance.now();
        if (this.#closing !== undefined && connection.session === undefined) connection.socket.destroySoon();
      }
      this.#sending.end(sender);
      this.#onProgress?.();
    });
    const onEnded = (): void => {
      if (!sender.destroyed) this.#sending.begin(sender);
    };
    return ({ body }) => {
      if (body.kind === 'stream' && !sender.destroyed) {
        streams = true;
        connection.streaming++;
      } else onEnded();
      return { onEnded };
    };
  }
}

const peers = new WeakMap<object, { readonly peer: ReturnType<typeof peerOf>; readonly connection: Connection }>();

/** Lets a connection finish what it does, and nothing more: HTTP/2 clients get a GOAWAY. */
function retire({ session, socket, active }: Connection): void {
  if (session !== undefined) session.close();
  else if (active === 0) socket.destroySoon();
}

function ignore(): void {
  // nothing: the caller said why
}
