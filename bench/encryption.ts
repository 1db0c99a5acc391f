// What encryption at rest costs a Secret.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEnvelope } from '../src/crypto/envelope.js';
import { createPooledRandom } from '../src/crypto/pooled-random.js';
import { encryptedStore, MAX_SEALED_VALUE_BYTES, SECRETS_PREFIX } from '../src/main/sealed-storage.js';
import { openLmdbStore } from '../src/storage/lmdb/lmdb-store.js';
import { createMemoryStore } from '../src/storage/memory/memory-store.js';
import type { Store } from '../src/storage/store.js';

/** One operation, plain beside sealed: microseconds of CPU. */
export interface EncryptionRow {
  readonly name: string;
  readonly plain: number;
  readonly sealed: number;
}

/** A Secret with a certificate and its key is about as long. */
const VALUE_BYTES = 4096;
const ROUNDS = 5000;
/** Writes that share a flush, as those of many clients do. */
const AT_ONCE = 32;

/** Creates, reads and lists Secrets in stores with and without encryption. */
export async function benchEncryption(): Promise<readonly EncryptionRow[]> {
  const random = createPooledRandom();
  const envelope = createEnvelope([{ name: '2026-11-26-abcdef', bytes: random(32) }], random);
  const rows: EncryptionRow[] = [];
  for (const { name, open } of STORES) {
    const plain = await measured(open, (store) => encryptedStore(store, undefined));
    const sealed = await measured(open, (store) => encryptedStore(store, envelope));
    for (const operation of ['create', 'get', 'list'] as const) {
      rows.push({ name: `${name} ${operation}`, plain: plain[operation], sealed: sealed[operation] });
    }
  }
  return rows;
}

interface OpenedStore {
  readonly store: Store;
  readonly remove: () => void;
}

const STORES: readonly { readonly name: string; readonly open: () => Promise<OpenedStore> }[] = [
  {
    name: 'memory',
    open: async () => ({
      store: createMemoryStore({ maxValueBytes: MAX_SEALED_VALUE_BYTES }),
      remove: () => undefined,
    }),
  },
  {
    name: 'LMDB',
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
      const store = await openLmdbStore({ folder: join(folder, 'store'), maxValueBytes: MAX_SEALED_VALUE_BYTES });
      return { store, remove: () => rmSync(folder, { recursive: true }) };
    },
  },
];

type Costs = Readonly<Record<'create' | 'get' | 'list', number>>;

async function measured(open: () => Promise<OpenedStore>, wrap: (store: Store) => Store): Promise<Costs> {
  const { store: below, remove } = await open();
  const store = wrap(below);
  const value = Buffer.alloc(VALUE_BYTES, '{"data":');
  const keys = Array.from({ length: ROUNDS }, (_, i) => `${SECRETS_PREFIX}default/s${i}`);
  const create = async (from: readonly string[]): Promise<void> => {
    for (let at = 0; at < from.length; at += AT_ONCE) {
      await Promise.all(from.slice(at, at + AT_ONCE).map((key) => store.create(key, value)));
    }
  };
  const get = async (): Promise<void> => {
    for (const key of keys) await store.get(key);
  };
  await create(keys.map((key) => `${key}-warm`));
  await get();
  const costs = {
    create: await cpuMicroseconds(() => create(keys)),
    get: await cpuMicroseconds(get),
    list: (await cpuMicroseconds(() => store.list(SECRETS_PREFIX))) / 2, // the warm ones are listed, too
  };
  await store.close();
  remove();
  return costs;
}

/** CPU of one of `ROUNDS` operations. */
async function cpuMicroseconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / ROUNDS;
}
