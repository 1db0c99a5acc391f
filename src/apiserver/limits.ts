/** How much one server takes on. Sizes in bytes, times in milliseconds. */
export interface ApiLimits {
  /** Largest request body; over it 413. */
  readonly maxBodyBytes: number;
  /** Deadline of a request that is no watch; `timeout=` lowers it. Over it 504. */
  readonly requestTimeoutMs: number;
  /** Seats for reads: one for each 32 KiB of answer. Who finds none waits; superusers have as many of their own. */
  readonly maxReadsInFlight: number;
  /** Seats for writes: one for each 32 KiB of body. */
  readonly maxWritesInFlight: number;
  /** Requests that wait for a seat, reads and writes each; over it 429. */
  readonly maxQueued: number;
  /** Of them, those of one user; over it 429. */
  readonly maxQueuedPerUser: number;
  /** Longest wait for a seat; over it 429. */
  readonly maxQueueWaitMs: number;
  /** Bytes of bodies and of answers that have not gone, of one user: over it, bodies are 429 and the rest waits. */
  readonly maxHeldBytesPerUser: number;
  /** The same, of all users; one who holds nothing may always begin. */
  readonly maxHeldBytes: number;
  /** Watches at once over connections; over it 429. Watches of the server's own process do not count. */
  readonly maxWatches: number;
  /** Of them, those of one user; over it 429. */
  readonly maxWatchesPerUser: number;
  /** Live events that wait for a slow watcher before it is cut off. */
  readonly watchBufferEvents: number;
  /** Encoded bytes that wait for a slow watcher before it is cut off. */
  readonly watchBufferBytes: number;
  /** Time between bookmarks. */
  readonly bookmarkIntervalMs: number;
  /** Response bodies above this are compressed for clients that take gzip. */
  readonly gzipAboveBytes: number;
}

/** The API server's own values where it has them. */
export const DEFAULT_LIMITS: ApiLimits = {
  maxBodyBytes: 3 * 1024 * 1024,
  requestTimeoutMs: 60_000,
  maxReadsInFlight: 400,
  maxWritesInFlight: 200,
  maxQueued: 4000,
  maxQueuedPerUser: 400,
  maxQueueWaitMs: 15_000,
  maxHeldBytesPerUser: 32 * 1024 * 1024,
  maxHeldBytes: 128 * 1024 * 1024,
  maxWatches: 10_000,
  maxWatchesPerUser: 5000,
  watchBufferEvents: 1000,
  watchBufferBytes: 8 * 1024 * 1024,
  bookmarkIntervalMs: 60_000,
  gzipAboveBytes: 131_072,
};
