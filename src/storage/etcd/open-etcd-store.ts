import { CountersignError } from '../../base/error.js';
import { parseEtcdAddress } from './address.js';
import type { EtcdStoreOptions } from './etcd-store-options.js';

import type { StoreInEtcd } from './store-in-etcd.js';

export type { EtcdUsage, MemberUsage, StoreInEtcd } from './store-in-etcd.js';
export type { EtcdStoreOptions, EtcdTls, ObservedRequest } from './etcd-store-options.js';

/**
 * Opens a store in an etcd, which other processes may use at the same time: their writes are seen in its reads and
 * watches. Revisions are etcd's own, and keys stand in it as they are, after the prefix of the address. Refuses an
 * address that is none and TLS files that do not fit (USAGE), and an etcd that cannot be reached or does not let us in (STORE_UNAVAILABLE).
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<StoreInEtcd> {
  const address = parseEtcdAddress(options.address);
  if (!address.secure && options.tls !== undefined) {
    const why = 'files for TLS are given, and the address is not etcds://…';
    throw new CountersignError('USAGE', `Cannot use storage "${options.address}": ${why}`);
  }
  // loaded only here: gRPC and protobuf are of no use to a server that keeps its data itself
  const { connect } = await import('./connect.js');
  return connect(address, options);
}
