import { suite } from 'node:test';

import { compactionContract } from './compaction-contract.js';
import { modelContract } from './model-contract.js';
import { readContract } from './read-contract.js';
import { closingContract, restartContract } from './restart-contract.js';
import type { OpenStore } from './store-under-test.js';
import { watchContract } from './watch-contract.js';
import { writeContract } from './write-contract.js';

/**
 * The behavioural suite of the storage port: every promise of `storage/store.ts` as tests of node:test. An adapter
 * calls it once for each way of opening it; `open` makes a fresh, empty store for each test. A durable store must be
 * able to be opened again.
 */
export function runStoreContract(name: string, lifetime: 'durable' | 'volatile', open: OpenStore): void {
  void suite(`${name} keeps the contract of a store`, () => {
    void suite('writes', () => writeContract(open));
    void suite('reads', () => readContract(open));
    void suite('watches', () => watchContract(open));
    void suite('compaction', () => compactionContract(open));
    void suite('closing', () => closingContract(open));
    if (lifetime === 'durable') void suite('opening again', () => restartContract(open));
    void suite('against a model', () => modelContract(open));
  });
}
