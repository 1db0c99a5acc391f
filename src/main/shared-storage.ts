import type { Store } from '../storage/store.js';
import type { KeyFiles } from './key-files.js';

/** A store that several replicas of the server share, and with it the keys that all of them must have. */
export interface SharedStorage {
  /** What its health check is called. */
  readonly name: string;
  /** Where it is, for people. */
  readonly description: string;
  readonly store: Store;
  readonly keys: KeyFiles;
}
