/** Tests for those who write a store of their own: `countersign/testing`. */
export { runStoreContract } from './contract.js';
export type { OpenStore, StoreUnderTest } from './store-under-test.js';
export { DEFAULT_MAX_VALUE_BYTES, MAX_KEY_BYTES } from '../store.js';
export type { Entry, ListOptions, Page, Revision, Store, StoreEvent, Watch, Watcher } from '../store.js';
export { createMemoryStore } from '../memory/memory-store.js';
export type { MemoryStoreOptions } from '../memory/memory-store.js';
