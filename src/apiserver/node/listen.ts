import { constants } from 'node:crypto';
import http from 'node:http';
import http2 from 'node:http2';
import tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import { CountersignError, messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import type { Transport } from '../../kube/exchange.js';
import { peerOf } from './connection.js';
import { answerHttp1, Http1Request } from './http1-exchange.js';
import { answerHttp2, Http2Request } from './http2-exchange.js';

/** A server's certificate chain and private key, PEM. */
export interface ServerCredentials {
  readonly key: string;
  readonly cert: string;
}

/** How much one listener takes on. Sizes in bytes, times in milliseconds. */
export interface ListenLimits {
  /** From the start of a connection to the end of its handshake, and of a request to the end of its headers. */
  readonly headerTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** A connection without a request is closed after this. */
  readonly idleTimeoutMs: number;
  readonly maxHeaderBytes: number;
  /** HTTP/2 streams at once on one connection. */
  readonly maxConcurrentStreams: number;
  readonly maxConnections: number;
}

/** The API server's own times; client-go opens dozens of watches on one connection. */
export const DEFAULT_LISTEN_LIMITS: ListenLimits = {
  headerTimeoutMs: 32_000,
  requestTimeoutMs: 75_000,
  idleTimeoutMs: 90_000,
  maxHeaderBytes: 256 * 1024,
  maxConcurrentStreams: 1000,
  maxConnections: 20_000,
};

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
  /** Stops accepting, waits up to `graceMs` for running requests, then closes what is left. Idempotent. */
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

/** Silence after which TCP asks whether the client is still there. */
const KEEP_ALIVE_MS = 30_000;

/** What is known of a connection while it lives. */
interface Connection {
  readonly socket: tls.TLSSocket;
  readonly session: http2.ServerHttp2Session | undefined;
  active: number;
}

class TlsListener implements Listener {
  readonly #options: ListenOptions;
  readonly #limits: ListenLimits;
  #credentials: ServerCredentials;
  #clientCas: readonly string[];
  readonly #server: tls.Server;
  readonly #http1: http.Server;
  readonly #connections = new Map<tls.TLSSocket, Connection>();
  #closing: Promise<void> | undefined;
  #boundTo: AddressInfo = { address: '', family: '', port: 0 };
  #onIdle: (() => void) | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LISTEN_LIMITS, ...options.limits };
    this.#credentials = options.tls;
    this.#clientCas = options.clientCas;
    this.#http1 = this.#createHttp1();
    this.#server = this.#createTls();
  }

  get address(): string {
    return this.#boundTo.address;
  }

  get port(): number {
    return this.#boundTo.port;
  }

  open(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const refuse = (error: Error): void => {
        reject(cannot(`Cannot listen on ${host}:${port}: ${messageOf(error)}`, error));
      };
      this.#server.once('error', refuse);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', refuse);
        this.#boundTo = this.#server.address() as AddressInfo; // it listens on TCP, so it is no path
        this.#server.on('error', (error) => {
          this.#options.logger.error('Failed listener', { error: messageOf(error) });
        });
        resolve();
      });
    });
  }

  updateTls(key: string, cert: string): void {
    try {
      this.#server.setSecureContext(this.#secureContext({ key, cert }));
      this.#credentials = { key, cert };
    } catch (error) {
      throw cannot(`Cannot use serving certificate: ${messageOf(error)}`, error);
    }
  }

  updateClientCas(clientCas: readonly string[]): void {
    this.#clientCas = clientCas;
    const { key, cert } = this.#credentials;
    this.updateTls(key, cert);
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const connection of this.#connections.values()) retire(connection);
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#settleIdle();
    });
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([idle, grace]);
    clearTimeout(timer);
    for (const { session, socket } of this.#connections.values()) {
      session?.destroy();
      socket.destroy();
    }
    this.#http1.close();
    await stopped;
  }

  #settleIdle(): void {
    if (this.#onIdle === undefined) return;
    for (const connection of this.#connections.values()) if (connection.active > 0) return;
    this.#onIdle();
  }

  #secureContext({ key, cert }: ServerCredentials): tls.SecureContextOptions {
    const clientCas = this.#clientCas;
    return { key, cert, minVersion: 'TLSv1.2', ...(clientCas.length === 0 ? {} : { ca: [...clientCas] }) };
  }

  #createTls(): tls.Server {
    const { tls: credentials, logger } = this.#options;
    let server: tls.Server;
    try {
      server = tls.createServer({
        ...this.#secureContext(credentials),
        ALPNProtocols: ['h2', 'http/1.1'],
        requestCert: true,
        rejectUnauthorized: false,
        // a client is who it was when it came
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        handshakeTimeout: this.#limits.headerTimeoutMs,
        noDelay: true,
        // a client that is gone without a word must not keep its watches
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      });
    } catch (error) {
      throw cannot(`Cannot use serving certificate: ${messageOf(error)}`, error);
    }
    server.maxConnections = this.#limits.maxConnections;
    server.on('secureConnection', (socket) => {
      this.#connected(socket);
    });
    server.on('tlsClientError', (error) => {
      logger.debug('Failed TLS handshake', { error: messageOf(error) });
    });
    return server;
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
    const connection: Connection = { socket, session, active: 0 };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#settleIdle();
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
    const { maxConcurrentStreams, maxHeaderBytes, idleTimeoutMs } = this.#limits;
    const session = http2.performServerHandshake(socket, {
      maxSessionMemory: 64,
      settings: { maxConcurrentStreams, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
    });
    session.setTimeout(idleTimeoutMs, () => {
      if ((this.#connections.get(socket)?.active ?? 0) === 0) session.close();
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
    connection.active++;
    stream.once('close', () => {
      connection.active--;
      this.#settleIdle();
    });
    if (headers['expect'] === '100-continue') stream.additionalHeaders({ ':status': 100 });
    try {
      answerHttp2(stream, await this.#options.handle(request));
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
    connection.active++;
    outgoing.once('close', () => {
      connection.active--;
      if (this.#closing !== undefined && connection.active === 0) connection.socket.destroySoon();
      this.#settleIdle();
    });
    try {
      const answer = await this.#options.handle(new Http1Request(incoming, outgoing, peer));
      answerHttp1(incoming, outgoing, answer, this.#closing !== undefined);
    } catch (error) {
      this.#options.logger.error('Failed to answer request', { error: messageOf(error) });
      outgoing.destroy();
    }
  }
}

const peers = new WeakMap<object, { readonly peer: ReturnType<typeof peerOf>; readonly connection: Connection }>();

/** Lets a connection finish what it does, and nothing more. */
function retire({ session, socket, active }: Connection): void {
  if (session !== undefined) session.close();
  else if (active === 0) socket.destroySoon();
}

function ignore(): void {
  // nothing: the caller said why
}

function cannot(message: string, cause: unknown): CountersignError {
  return new CountersignError('CONFIG_INVALID', message, { cause });
}
