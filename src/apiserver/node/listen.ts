import type { Logger } from '../../base/logger.js';
import type { Transport } from '../../kube/exchange.js';

/** A server's certificate chain and private key, PEM. */
export interface ServerCredentials {
  readonly key: string;
  readonly cert: string;
}

/** How much one listener takes on. Sizes in bytes, times in milliseconds. */
export interface ListenLimits {
  /** From the first byte of a request to the end of its headers. */
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
  /** Stops accepting, waits up to `graceMs` for running requests, then closes what is left. Idempotent. */
  close(graceMs: number): Promise<void>;
}

/** Serves `handle` over TLS with HTTP/2 and HTTP/1.1. Rejects with CONFIG_INVALID when it cannot bind. */
export function listen(_options: ListenOptions): Promise<Listener> {
  return Promise.reject(new Error('Cannot listen: the adapter is not wired yet'));
}
