import { after } from 'node:test';

import { openEtcdStore } from '../../src/storage/etcd/open-etcd-store.js';
import type { EtcdStoreOptions } from '../../src/storage/etcd/open-etcd-store.js';
import type { OpenStore } from '../../src/storage/testing/index.js';
import { startEtcd } from '../etcd.js';
import type { EtcdCluster } from '../etcd.js';
import { shiftedStore } from './shifted-store.js';

// the largest value, its key and what is around them are more than etcd takes by default
const FLAGS = ['--max-request-bytes', '2097152'];

/** Stores in one etcd, one after the other, each with keys of its own and with revisions that count from zero. */
export function storesInOneEtcd(options: Omit<EtcdStoreOptions, 'address'>): OpenStore {
  let cluster: Promise<EtcdCluster> | undefined;
  let stores = 0;
  after(async () => (await cluster)?.close());
  return async () => {
    cluster ??= startEtcd({ flags: FLAGS });
    const address = `${(await cluster).address}/contract/${stores++}`;
    const store = await openEtcdStore({ ...options, address });
    const base = await store.currentRevision();
    return {
      store: shiftedStore(store, base),
      reopen: async () => shiftedStore(await openEtcdStore({ ...options, address }), base),
    };
  };
}
