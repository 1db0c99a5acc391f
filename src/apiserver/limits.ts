/** How much one server takes on. Sizes in bytes, times in milliseconds. */
export interface ApiLimits {
  /** Largest request body; over it 413. */
  readonly maxBodyBytes: number;
  /** Deadline of a request that is no watch; `timeout=` lowers it. Over it 504. */
  readonly requestTimeoutMs: number;
  /** Reads at once; over it 429. */
  readonly maxReadsInFlight: number;
  /** Writes at once; over it 429. */
  readonly maxWritesInFlight: number;
  /** Watches at once over connections; over it 429. Watches of the server's own process do not count. */
  readonly maxWatches: number;
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
  maxWatches: 10_000,
  watchBufferEvents: 1000,
  watchBufferBytes: 8 * 1024 * 1024,
  bookmarkIntervalMs: 60_000,
  gzipAboveBytes: 131_072,
};
