import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { KubeObject } from '../kube/object-meta.js';
import type { Client } from './client.js';
import type { ResourceType } from './resource-type.js';

/** What changed in a cache: `current` is absent after a delete, `previous` before the first sight. */
export interface CacheChange<Kept> {
  /** `namespace/name`, or `name` where there is no namespace. */
  readonly key: string;
  readonly current?: Kept;
  readonly previous?: Kept;
}

/** What an informer is made with. */
export interface InformerOptions<T extends KubeObject, Kept> {
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** What of an object stays in memory; undefined: nothing, as if it did not exist. */
  readonly keep: (object: T) => Kept | undefined;
  /** Named ways to find objects: the values under which one is found. */
  readonly indexes?: Readonly<Record<string, (kept: Kept) => readonly string[]>>;
  /** Told of failures that are being retried, and of recovery. */
  readonly onState?: (state: InformerState) => void;
}

/** What an informer is doing. */
export type InformerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'listing' }
  | { readonly kind: 'watching'; readonly resourceVersion: string }
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly because: unknown }
  | { readonly kind: 'stopped' };

/** A cache of one resource that follows the server. It may lag behind, and never goes back. */
export interface Informer<Kept> {
  readonly state: InformerState;
  /** Resolves when the cache has held everything once. */
  readonly synced: Promise<void>;
  get(key: string): Kept | undefined;
  keys(): IterableIterator<string>;
  values(): IterableIterator<Kept>;
  readonly size: number;
  /** The keys of the objects that `index` files under `value`. */
  keysBy(index: string, value: string): readonly string[];
  /** Calls `listener` for every change from now on; the answer ends that. */
  onChange(listener: (change: CacheChange<Kept>) => void): () => void;
  /** Follows the server until `signal` aborts. Called once. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** An informer over list and watch. Nothing happens until `run`. */
export function createInformer<T extends KubeObject, Kept>(
  _client: Client,
  _resource: ResourceType<T>,
  _options: InformerOptions<T, Kept>,
): Informer<Kept> {
  throw new Error('not yet');
}
