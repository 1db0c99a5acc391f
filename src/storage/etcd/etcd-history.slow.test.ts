import { test } from 'node:test';

import { storesInOneEtcd } from '../../../test/storage/stores-in-one-etcd.js';
import { isInstalled, requireTool } from '../../../test/tools.js';
import { runStoreContract } from '../testing/contract.js';

if (isInstalled('etcd') && isInstalled('etcdctl')) {
  // with next to nothing in memory, so that all history comes from etcd
  runStoreContract('the etcd store that remembers two changes', 'durable', storesInOneEtcd({ recentEvents: 2 }));
} else {
  test('the etcd store that remembers two changes keeps the contract of a store', (t) => {
    requireTool(t, 'etcd');
    requireTool(t, 'etcdctl');
  });
}
