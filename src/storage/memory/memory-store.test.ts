import { runStoreContract } from '../testing/contract.js';
import { createMemoryStore } from './memory-store.js';

runStoreContract('the memory store', 'volatile', async () => ({ store: createMemoryStore() }));
