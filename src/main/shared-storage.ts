import type { MetricSource } from '../apiserver/metrics/metric-family.js';
import { lockFolder } from '../storage/lmdb/folder-lock.js';
import { openEtcdStore } from '../storage/etcd/open-etcd-store.js';
import type { Store } from '../storage/store.js';
import { EtcdMetrics } from './etcd-metrics.js';
import type { KeyFiles } from './key-files.js';
import { makePrivateFolder } from './private-files.js';
import { MAX_SEALED_VALUE_BYTES } from './sealed-storage.js';
import { readStorageTls, type StorageSettings } from './storage-flags.js';
import { storeKeyFiles } from './store-key-files.js';

/** A store that several replicas of the server share, and with it the keys that all of them must have. */
export interface SharedStorage {
  /** What its health check is called. */
  readonly name: string;
  readonly store: Store;
  /** As they lie in it: sealing is for whoever uses them. */
  readonly keys: KeyFiles;
  /** What is counted of it. */
  readonly metrics?: readonly MetricSource[];
}

/** What of the newest history stays in memory for watches that resume. */
const RECENT = { recentEvents: 2048, recentBytes: 4 * 1024 * 1024 };

/**
 * Opens the etcd that flags name, for a replica whose own files lie in a folder; `use` closes the store. Refuses as
 * `openEtcdStore` does, files that cannot be read (CONFIG_INVALID), and a folder that another replica uses
 * (STORE_LOCKED).
 */
export async function withSharedStorage(
  settings: StorageSettings,
  folder: string,
  use: (shared: SharedStorage) => Promise<void>,
): Promise<void> {
  const { address } = settings;
  const tls = await readStorageTls(settings);
  await makePrivateFolder(folder);
  const lock = await lockFolder(folder);
  try {
    const metrics = new EtcdMetrics();
    const options = { address, maxValueBytes: MAX_SEALED_VALUE_BYTES, observe: metrics.observe, ...RECENT };
    const store = await openEtcdStore(tls === undefined ? options : { ...options, tls });
    await metrics.follow(() => store.usage());
    await use({ name: 'etcd', store, keys: storeKeyFiles(store), metrics: [metrics] });
  } finally {
    lock.release();
  }
}

/** Opens the keys that replicas share, for a command that works on them; closes them when `use` has ended. */
export async function withSharedKeys(settings: StorageSettings, use: (keys: KeyFiles) => Promise<void>): Promise<void> {
  const { address } = settings;
  const tls = await readStorageTls(settings);
  const store = await openEtcdStore(tls === undefined ? { address } : { address, tls });
  try {
    await use(storeKeyFiles(store));
  } finally {
    await store.close();
  }
}
