import { constants } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { CountersignError, messageOf } from '../../base/error.js';
import type { Logger } from '../../base/logger.js';
import { ConnectionGate } from './connection-gate.js';
import type { ListenLimits, ServerCredentials } from './listen-limits.js';

/** What a front is made with. */
export interface TlsFrontOptions {
  readonly tls: ServerCredentials;
  /** PEM certificates whose subjects are told to clients that ask which certificate to present. */
  readonly clientCas: readonly string[];
  readonly limits: ListenLimits;
  readonly logger: Logger;
  /** A connection has come through its handshake. */
  readonly onConnection: (socket: tls.TLSSocket) => void;
}

/** Silence after which TCP asks whether the client is still there. */
const KEEP_ALIVE_MS = 30_000;
const MAX_WAITING = 1024;
const PATIENCE_MS = 2000;
const LOOK_AGAIN_MS = 50;

/** Takes in connections over TCP and brings them through TLS, bounded by address at each step. */
export class TlsFront {
  readonly #options: TlsFrontOptions;
  #credentials: ServerCredentials;
  #clientCas: readonly string[];
  readonly #tls: tls.Server;
  readonly #tcp: net.Server;
  readonly #gate: ConnectionGate;
  /** In their handshakes, by the client's address and port: what both of Node's sockets of a connection know. */
  readonly #beginning = new Map<string, net.Socket>();
  readonly #byAddress = new Map<string, number>();
  #looking: NodeJS.Timeout | undefined;

  /** Throws CONFIG_INVALID for a key that is not the certificate's. */
  constructor(options: TlsFrontOptions) {
    this.#options = options;
    this.#credentials = options.tls;
    this.#clientCas = options.clientCas;
    const { maxHandshakes, maxConnections } = options.limits;
    const limits = {
      maxHandshakes,
      maxHandshakesPerAddress: Math.max(1, Math.floor(maxHandshakes / 2)),
      maxWaiting: MAX_WAITING,
      patienceMs: PATIENCE_MS,
    };
    this.#gate = new ConnectionGate(
      limits,
      () => performance.now(),
      (socket) => this.#tls.emit('connection', socket),
    );
    this.#tls = this.#createTls();
    // paused: what a client says first is for TLS, when its turn comes
    const tcp = { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    this.#tcp = net.createServer(tcp, (socket) => this.#arrived(socket));
    this.#tcp.maxConnections = maxConnections;
  }

  /** Begins to listen; rejects with CONFIG_INVALID when it cannot. */
  open(host: string, port: number): Promise<net.AddressInfo> {
    return new Promise((resolve, reject) => {
      const refuse = (error: Error): void => {
        reject(cannot(`Cannot listen on ${host}:${port}: ${messageOf(error)}`, error));
      };
      this.#tcp.once('error', refuse);
      this.#tcp.listen({ host, port }, () => {
        this.#tcp.off('error', refuse);
        this.#tcp.on('error', (error) => {
          this.#options.logger.error('Failed listener', { error: messageOf(error) });
        });
        resolve(this.#tcp.address() as net.AddressInfo); // it listens on TCP, so it is no path
      });
    });
  }

  /** New connections get this certificate from now on. */
  updateTls(credentials: ServerCredentials): void {
    try {
      this.#tls.setSecureContext(this.#secureContext(credentials));
      this.#credentials = credentials;
    } catch (error) {
      throw cannot(`Cannot use serving certificate: ${messageOf(error)}`, error);
    }
  }

  /** New connections are told these subjects from now on. */
  updateClientCas(clientCas: readonly string[]): void {
    this.#clientCas = clientCas;
    this.updateTls(this.#credentials);
  }

  /** Takes in nobody any more; resolves when every connection is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#tcp.close(() => resolve());
      this.#gate.close();
      clearTimeout(this.#looking);
    });
  }

  #secureContext({ key, cert }: ServerCredentials): tls.SecureContextOptions {
    const clientCas = this.#clientCas;
    return { key, cert, minVersion: 'TLSv1.2', ...(clientCas.length === 0 ? {} : { ca: [...clientCas] }) };
  }

  #createTls(): tls.Server {
    const { tls: credentials, limits, logger, onConnection } = this.#options;
    let server: tls.Server;
    try {
      server = tls.createServer({
        ...this.#secureContext(credentials),
        ALPNProtocols: ['h2', 'http/1.1'],
        requestCert: true,
        rejectUnauthorized: false,
        // a client is who it was when it came
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        handshakeTimeout: limits.headerTimeoutMs,
      });
    } catch (error) {
      throw cannot(`Cannot use serving certificate: ${messageOf(error)}`, error);
    }
    server.on('secureConnection', (socket) => {
      this.#ended(nameOf(socket));
      onConnection(socket);
    });
    server.on('tlsClientError', (error, socket) => {
      logger.debug('Failed TLS handshake', { error: messageOf(error) });
      socket.destroy(); // Node leaves one open that has taken too long
    });
    return server;
  }

  #arrived(socket: net.Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) {
      socket.destroy(); // gone already
      return;
    }
    const name = nameOf(socket);
    const count = (this.#byAddress.get(address) ?? 0) + 1;
    this.#byAddress.set(address, count);
    socket.on('error', ignore); // whoever uses it says so
    socket.once('close', () => {
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
      this.#beginning.delete(name);
      this.#gate.done(socket);
    });
    if (count > this.#options.limits.maxConnectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#beginning.set(name, socket);
    this.#gate.arrive(socket);
    this.#lookAgain();
  }

  /** While connections wait, who keeps them out is looked for. */
  #lookAgain(): void {
    if (this.#gate.waiting === 0 || this.#looking !== undefined) return;
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      this.#gate.serve();
      this.#lookAgain();
    }, LOOK_AGAIN_MS);
  }

  #ended(name: string): void {
    const socket = this.#beginning.get(name);
    if (socket === undefined) return;
    this.#beginning.delete(name);
    this.#gate.done(socket);
  }
}

function nameOf(socket: net.Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}`;
}

function ignore(): void {
  // nothing: whoever uses the connection hears of it, too
}

function cannot(message: string, cause: unknown): CountersignError {
  return new CountersignError('CONFIG_INVALID', message, { cause });
}
