import type { Store } from '../store.js';
import type { Alarm } from './responses.js';

/** A store in an etcd, and what can be asked about that etcd. */
export interface StoreInEtcd extends Store {
  /** Resolves when etcd answers a read that needs its quorum; rejects (STORE_UNAVAILABLE) when it has not in time. */
  check(): Promise<void>;
  /** How full the members are, and what is wrong with them. Never rejects for a member that does not answer. */
  usage(): Promise<EtcdUsage>;
}

/** How an etcd is. */
export interface EtcdUsage {
  /** In the order of the address. */
  readonly members: readonly MemberUsage[];
  /** Raised by any member: NOSPACE when its quota is used up, CORRUPT when members disagree about their data. */
  readonly alarms: readonly Alarm[];
}

/** How one member is, or why that is not known. */
export type MemberUsage =
  | { readonly endpoint: string; readonly problem: string }
  | {
      readonly endpoint: string;
      readonly version: string;
      /** Size of the data file, which the quota limits. */
      readonly fileBytes: number;
      /** What a defragmentation would leave of it. */
      readonly usedBytes: number;
    };
