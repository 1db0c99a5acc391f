/** A server's certificate chain and private key, PEM. */
export interface ServerCredentials {
  readonly key: string;
  readonly cert: string;
}

/** How much one listener takes on. Sizes in bytes, times in milliseconds. */
export interface ListenLimits {
  /** From the start of a connection to the end of its handshake, and of a request to the end of its headers. */
  readonly headerTimeoutMs: number;
  /** From the first byte of a request to the end of its body, and from the answer to its last byte. */
  readonly requestTimeoutMs: number;
  /** A connection without a request is closed after this; one that never had any, after `headerTimeoutMs`. */
  readonly idleTimeoutMs: number;
  readonly maxHeaderBytes: number;
  /** HTTP/2 streams at once on one connection. */
  readonly maxConcurrentStreams: number;
  readonly maxConnections: number;
  /** Connections of one address. */
  readonly maxConnectionsPerAddress: number;
  /** Connections that are in their handshakes; more wait. */
  readonly maxHandshakes: number;
}

/** The API server's own times. client-go opens dozens of watches on one connection. */
export const DEFAULT_LISTEN_LIMITS: ListenLimits = {
  headerTimeoutMs: 32_000,
  requestTimeoutMs: 75_000,
  idleTimeoutMs: 90_000,
  maxHeaderBytes: 256 * 1024,
  maxConcurrentStreams: 250,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 10_000,
  maxHandshakes: 64,
};
