import type { Store } from '../store.js';

/** Settings of an LMDB store. */
export interface LmdbStoreOptions {
  /** Where it lives; made with mode 0700 when it is not there. */
  readonly folder: string;
  /** Largest value; `DEFAULT_MAX_VALUE_BYTES` when absent. */
  readonly maxValueBytes?: number;
}

/**
 * Opens a durable store in a folder, for this process alone. Refuses a folder that another process holds
 * (STORE_LOCKED) and files that are not a store of ours (STORE_CORRUPT).
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  throw new Error(`not yet: ${options.folder}`);
}
