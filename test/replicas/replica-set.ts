import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../src/base/fake-clock.js';
import { type Client, createClient } from '../../src/client/client.js';
import { createInProcessTransport } from '../../src/client/in-process-transport.js';
import { LEASES } from '../../src/client/resources.js';
import type { UserInfo } from '../../src/kube/object-meta.js';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/main/embedded.js';
import { memoryKeyFiles } from '../../src/main/key-files.js';
import { createMemoryStore } from '../../src/storage/memory/memory-store.js';
import { type Line, keepingLogger } from '../controllers/control-bench.js';
import { type StoreLine, storeLine } from './shared-store.js';

export const ADMIN: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
export const SIGNER = 'example.com/serving';

/** A replica in this process. */
export interface Replica {
  readonly embedded: Embedded;
  readonly line: StoreLine;
  /** Acts as the administrator, at this replica. */
  readonly client: Client;
  readonly log: readonly Line[];
  /** Whether it says that its controllers work. */
  readonly leads: () => boolean;
}

/** Replicas on one store in memory, whose clock stands still but for what `until` lets pass. */
export class ReplicaSet implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock(Date.now());
  readonly #store = createMemoryStore();
  readonly #keys = memoryKeyFiles();
  readonly #folder: string;
  readonly #replicas: Replica[] = [];
  #started = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<ReplicaSet> {
    return new ReplicaSet(await mkdtemp(join(tmpdir(), 'countersign-replicas-')));
  }

  async start(options: Partial<EmbeddedOptions> = {}): Promise<Replica> {
    const line = storeLine(this.#store);
    const log: Line[] = [];
    const number = this.#started++;
    const embedded = await startEmbedded({
      host: '127.0.0.1',
      port: 0,
      kubeconfigPath: join(this.#folder, `replica-${number}`),
      signerNames: [SIGNER],
      shared: { name: 'etcd', store: line.store, keys: this.#keys },
      clock: this.clock,
      logger: keepingLogger(log),
      ...options,
    });
    const client = createClient(createInProcessTransport(embedded.transport, ADMIN), { userAgent: 'test' });
    const count = (message: string): number => log.filter((each) => each.message === message).length;
    const leads = (): boolean => count('Started controller') > count('Stopped controller');
    const replica = { embedded, line, client, log, leads };
    this.#replicas.push(replica);
    return replica;
  }

  /** Lets time pass, a quarter of a second at a time, until it is so; fails after ten minutes of it. */
  async until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
    for (let step = 0; step < 2400; step++) {
      if (await done()) return;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      this.clock.advance(250);
    }
    throw new Error(`It never came to this: ${what}`);
  }

  /** Who holds the Lease of the controllers, as a replica sees it. */
  async holder({ client }: Replica): Promise<string> {
    const lease = await client.get(LEASES, 'countersign-controllers', { namespace: 'kube-system' });
    return lease.spec?.holderIdentity ?? '';
  }

  /** Ends a replica in order. What is cut off waits for its deadlines, so that time passes. */
  async close({ embedded }: Replica): Promise<void> {
    let isClosed = false;
    const closing = embedded.close().then(() => (isClosed = true));
    await this.until('a replica has ended', () => isClosed);
    await closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) await this.close(replica);
    await this.#store.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
