import { test } from 'node:test';

import { storesInOneEtcd } from '../../../test/storage/stores-in-one-etcd.js';
import { isInstalled, requireTool } from '../../../test/tools.js';
import { runStoreContract } from '../testing/contract.js';

if (isInstalled('etcd') && isInstalled('etcdctl')) {
  runStoreContract('the etcd store', 'durable', storesInOneEtcd({}));
} else {
  test('the etcd store keeps the contract of a store', (t) => {
    requireTool(t, 'etcd');
    requireTool(t, 'etcdctl');
  });
}
