import type { EtcdOperation } from './refusal-of.js';

/** What members and store show each other over TLS; PEM texts. */
export interface EtcdTls {
  /** Authorities that members' certificates come from; the system's when absent. */
  readonly ca?: string;
  /** The client certificate with its chain, and its key; both or neither. */
  readonly certificate?: string;
  readonly key?: string;
}

/** An operation that was answered by etcd, one way or the other. */
export interface ObservedRequest {
  readonly operation: EtcdOperation;
  /** The key or the prefix that it was about; empty where it was about none. */
  readonly key: string;
  /** From when it was asked for, repetitions included. */
  readonly seconds: number;
}

/** Settings of a store in etcd. */
export interface EtcdStoreOptions {
  /** As `parseEtcdAddress` takes it: `etcd://HOST:PORT,…/PREFIX`, or `etcds://…`. */
  readonly address: string;
  /** Only with `etcds://`. */
  readonly tls?: EtcdTls;
  /** Largest value; `DEFAULT_MAX_VALUE_BYTES` when absent. etcd has a limit of its own for a whole request. */
  readonly maxValueBytes?: number;
  /** How long an operation takes at most before it fails; ten seconds when absent. */
  readonly timeoutMs?: number;
  /** Between two looks whether reads know more than watches, which then ask etcd; five seconds when absent. */
  readonly progressMs?: number;
  /** How many of the newest changes stay in memory for watches that resume; 4096 when absent. */
  readonly recentEvents?: number;
  /** How many bytes of values these may hold; 8 MiB when absent. */
  readonly recentBytes?: number;
  /** Told of every operation; must not throw. */
  readonly observe?: (request: ObservedRequest) => void;
}
