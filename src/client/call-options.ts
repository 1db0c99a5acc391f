import type { Propagation } from '../kube/propagation.js';

/** What every call may be told. */
export interface CallOptions {
  /** Gives up on the call; it then rejects with ABORTED. */
  readonly signal?: AbortSignal;
}

/** What a call about objects of a namespace needs. */
export interface NamespacedOptions extends CallOptions {
  /** Where the object lives; left out for cluster-scoped resources and, in lists and watches, for all namespaces. */
  readonly namespace?: string;
}

/** What a read may be told. */
export interface ReadOptions extends NamespacedOptions {
  /**
   * Nothing but `metadata` is looked at: a server over the network sends nothing else, where it can; one in the same
   * process shares its whole objects.
   */
  readonly metadataOnly?: boolean;
}

/** Options of a list. Selectors are in the syntax of the query parameters. */
export interface ListOptions extends ReadOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects a page. Default 500. All pages are read. */
  readonly pageSize?: number;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** Options of a watch. */
export interface WatchOptions extends ReadOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  /** How long the server keeps the watch. */
  readonly timeoutSeconds?: number;
}

/** Options of a write. The namespace, where the object has one, is that of its metadata. */
export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  readonly dryRun?: boolean;
}

/** The media types of a patch. */
export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply';

/** Options of a patch. */
export interface PatchOptions extends WriteOptions {
  readonly namespace?: string;
  readonly subresource?: string;
  /** Default `merge`. */
  readonly kind?: PatchKind;
  /** Only for `apply`: take fields from other managers. */
  readonly force?: boolean;
}

/** Options of a delete. */
export interface DeleteOptions extends NamespacedOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: Propagation;
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

/** Options of a delete of many. */
export interface DeleteCollectionOptions extends DeleteOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}
