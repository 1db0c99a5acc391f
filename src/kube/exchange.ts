import type { UserInfo, WatchEvent } from './object-meta.js';

/**
 * The currency between server, client and transports: a small request and response of our own. A transport is any
 * function from one to the other: over TLS, or straight into the server in the same process.
 */
export type Transport = (request: ApiRequest) => Promise<ApiResponse>;

/** Header names are lower-case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a request carries. `object` is only for callers in the same process, and is never changed by the receiver. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Reads all of it; resolves undefined when it is larger than `maxBytes`. */
  | { readonly kind: 'stream'; readonly read: (maxBytes: number) => Promise<Uint8Array | undefined> }
  | { readonly kind: 'object'; readonly value: object };

/** How the caller is known before any header is read. */
export type Peer =
  /** A TLS connection, and what its client presented, unverified. */
  | {
      readonly kind: 'connection';
      /** The client's own certificate. */
      readonly certificateDer?: Uint8Array;
      /** Certificates that it presented with it, in its order; none where a session was resumed. */
      readonly intermediatesDer?: readonly Uint8Array[];
      readonly address: string;
    }
  /** A part of this process that acts as this user; no credential is looked at, every permission is. */
  | { readonly kind: 'in-process'; readonly user: UserInfo };

export interface ApiRequest {
  readonly method: string;
  /** Path and query as they came, percent-encoded. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: RequestBody;
  /** Aborts when the caller is gone or gives up. */
  readonly signal: AbortSignal;
  readonly peer: Peer;
}

/** What a response carries. */
export type ResponseBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Only to an in-process peer: the object itself, not to be changed. */
  | { readonly kind: 'object'; readonly value: object }
  /** A watch. Encoded chunks for a connection. */
  | { readonly kind: 'stream'; readonly stream: ChunkStream }
  /** A watch for an in-process peer. */
  | { readonly kind: 'events'; readonly stream: EventStream };

/** Pull-free delivery with back-pressure: the source calls `write`; false means "wait for `drained`". */
export interface StreamSink<T> {
  /** Takes one item; false when the receiver is full and the source should wait for `drained()`. */
  write(item: T): boolean;
  /** Resolves when the receiver can take more, or is gone. */
  drained(): Promise<void>;
  /** Ends the stream, cleanly. */
  end(): void;
}

/** A stream that starts when it is given a sink. `stop` is idempotent and silent; after it nothing is written. */
export interface SourceStream<T> {
  start(sink: StreamSink<T>): void;
  stop(): void;
}

export type ChunkStream = SourceStream<Uint8Array | string>;
export type EventStream = SourceStream<WatchEvent>;

export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ResponseBody;
  /** Whoever carries the answer over a connection calls it once its bytes have gone, or never will. */
  readonly onGone?: () => void;
}
