import type { Store } from '../store.js';
import { parseEtcdAddress } from './address.js';
import type { EtcdStoreOptions } from './etcd-store-options.js';

export type { EtcdStoreOptions, EtcdTls } from './etcd-store-options.js';

/**
 * Opens a store in an etcd, which other processes may use at the same time: their writes are seen in its reads and
 * watches. Revisions are etcd's own, and keys stand in it as they are, after the prefix of the address. Refuses an
 * address that is none (USAGE), and an etcd that cannot be reached or does not let us in (STORE_UNAVAILABLE).
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const address = parseEtcdAddress(options.address);
  // loaded only here: gRPC and protobuf are of no use to a server that keeps its data itself
  const { connect } = await import('./connect.js');
  return connect(address, options);
}
