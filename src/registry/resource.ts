import type { UnixSeconds } from '../base/clock.js';
import type { FieldError } from '../kube/field-error.js';
import type { KubeObject, UserInfo } from '../kube/object-meta.js';
import type { MessageSchema } from '../kube/schema.js';

/** Who asks, when, and how: what strategies may know of a request. */
export interface RequestContext {
  readonly user: UserInfo;
  readonly now: UnixSeconds;
  /** Everything but the write happens. */
  readonly dryRun: boolean;
  /** The verified field manager of the request; where it is empty, nobody is made owner of fields. */
  readonly fieldManager: string;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What must be true of an object that is deleted. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Errors now, or later. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * What is particular to one resource: defaults, what a writer may set, what is valid. The generic store calls it in
 * the order of the real API server: create = prepareForCreate, validate, admission, store; update = resourceVersion
 * check, prepareForUpdate, validateUpdate, admission, store. Objects are never changed in place.
 */
export interface Strategy<T extends KubeObject> {
  /** Problems of a name, as the API words them; `prefix` when it is a generateName. Empty when it is fine. */
  readonly nameProblems: (name: string, prefix: boolean) => readonly string[];
  /** A PUT to a name that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** A PUT without resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean;
  /**
   * `metadata.generation` is 1 at first, and one more with each write that changes anything but metadata and status, as
   * it is for custom resources; `with-labels`: or its labels.
   */
  readonly countsGenerations?: true | 'with-labels';
  /**
   * Paths that a writer of the object itself can never own, since they are never taken from one: `status.conditions`.
   * `status` where there is such a subresource, when absent.
   */
  readonly resetFields?: readonly string[];
  /** Defaults that the API fills in on every write, before prepare. */
  readonly setDefaults?: (object: T) => T;
  readonly prepareForCreate: (object: T, context: RequestContext) => T;
  readonly validate: (object: T, context: RequestContext) => MaybePromise<readonly FieldError[]>;
  readonly prepareForUpdate: (next: T, previous: T, context: RequestContext) => T;
  readonly validateUpdate: (next: T, previous: T, context: RequestContext) => MaybePromise<readonly FieldError[]>;
  /** Warning headers for a write that is otherwise fine. */
  readonly warningsFor?: (object: T, previous: T | undefined, context: RequestContext) => readonly string[];
  /**
   * The form in which an object is stored, after admission: what admission must still see, but nobody else, goes here.
   */
  readonly canonicalize?: (object: T) => T;
  /**
   * Throws the refusal of a delete that must not happen, such as 403 for namespace `default`, or what it says of wrong
   * preconditions in words of its own; the generic store looks at them again.
   */
  readonly refuseDelete?: (object: T, preconditions: Preconditions) => void;
  /** Its objects own nothing: the policy of a delete is not looked at. */
  readonly ownsNothing?: true;
  /**
   * What a delete does first. `undefined` = remove at once (finalizers are handled by the generic store); an object =
   * store this instead and keep it (a Namespace goes to Terminating, a Pod gets its grace); the same object = its end
   * has begun already, and this delete changes nothing. `object` carries the finalizers that the policy of the delete
   * wants. `gracePeriodSeconds` is what the caller wishes.
   */
  readonly beginDelete?: (
    object: T,
    context: RequestContext,
    gracePeriodSeconds: number | undefined,
  ) => MaybePromise<T | undefined>;
  /** Whether an object whose deletion is pending (deletionTimestamp set) may now be removed by this update. */
  readonly readyToRemove?: (object: T) => boolean;
}

/** A subresource that shows and updates the whole object, such as `status` and `approval`. */
export interface UpdateSubresource<T extends KubeObject> {
  readonly kind: 'update';
  /** Whether GET may answer with a Table; `approval` may not. */
  readonly table: boolean;
  /** Verbs in discovery. */
  readonly verbs: readonly ('get' | 'patch' | 'update')[];
  readonly unconditionalUpdate: boolean;
  /** As for the strategy; when absent `spec` for `status`, and `status` for others. */
  readonly resetFields?: readonly string[];
  readonly prepareForUpdate: Strategy<T>['prepareForUpdate'];
  readonly validateUpdate: Strategy<T>['validateUpdate'];
}

/** A subresource that takes a POST of another kind, such as `serviceaccounts/token`. */
export interface CreateSubresource<T extends KubeObject> {
  readonly kind: 'create';
  readonly group: string;
  readonly version: string;
  readonly requestKind: string;
  readonly schema: MessageSchema;
  readonly create: (owner: T, body: KubeObject, context: RequestContext) => Promise<KubeObject>;
}

export type Subresource<T extends KubeObject> = UpdateSubresource<T> | CreateSubresource<T>;

/** What a write took from a pool, until it is known how it went. */
export interface Allocation<T> {
  /** The object with what it was given. */
  readonly object: T;
  /**
   * Says how the write went: gives back what it no longer needs, or what it was given in vain. Of a write that may have
   * happened or not, nothing is given back.
   */
  readonly settle: (outcome: 'written' | 'refused' | 'unknown') => Promise<void>;
}

/**
 * Gives objects what no two of them may share, such as cluster IPs. Each replica of the server may hand out at any time:
 * what is given is held in the store, under keys of its own.
 */
export interface Allocator<T extends KubeObject> {
  /** Right before a write, after admission. Throws the refusal. A dry run takes nothing. */
  readonly allocate: (next: T, previous: T | undefined, context: RequestContext) => Promise<Allocation<T>>;
  /** After an object has been removed. */
  readonly release: (removed: T) => Promise<void>;
}

/** One column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly format: '' | 'name';
  readonly description: string;
  /** 0 always, 1 with `-o wide`. */
  readonly priority: 0 | 1;
}

export type Cell = string | number | boolean | null;

/** What a row of a table says besides its cells: that its object has come to its end. */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/**
 * A resource: everything the server needs to serve it. To add one, copy the folder of the smallest (leases), change
 * the words, and add it to `resources.ts`.
 */
export interface Resource<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Value for discovery, where it is known. */
  readonly storageVersionHash?: string;
  /** Whether `deletecollection` is served; namespaces have none. */
  readonly deleteCollection?: false;
  readonly schema: MessageSchema;
  /** Start of its keys, such as `/registry/configmaps/`; then `namespace/` where namespaced, then the name. */
  readonly keyPrefix: string;
  readonly strategy: Strategy<T>;
  readonly allocator?: Allocator<T>;
  readonly subresources?: Readonly<Record<string, Subresource<T>>>;
  /** Selectable fields besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  /**
   * The words of the refusal of an unknown field: `plain` = "field label not supported: X", `known` = the list of the
   * known ones. Resources with selectable fields of their own are `plain`.
   */
  readonly unknownFieldText: 'plain' | 'known';
  readonly columns: readonly Column[];
  readonly cells: (object: T, now: UnixSeconds) => readonly Cell[];
  readonly rowCondition?: (object: T) => RowCondition | undefined;
  /** What DELETE answers when the object is gone at once. */
  readonly deleteAnswer: 'status' | 'object';
  /** For a second view of another resource's objects (events.k8s.io over core events). */
  readonly view?: { readonly fromStored: (stored: KubeObject) => T; readonly toStored: (object: T) => KubeObject };
  /** Deprecation warning sent with every answer. */
  readonly deprecation?: string;
  /** Seconds after its last write at which the server removes an object, such as events after one hour. */
  readonly ttlSeconds?: number;
  /** With `ttlSeconds`: times at which the object was written besides its creation, where it says so (RFC 3339). */
  readonly writtenAt?: (object: T) => readonly (string | null | undefined)[];
}
