import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { type Client, createClient } from '../../src/client/client.js';
import { createHttpTransport, type HttpTransport } from '../../src/client/node/http-transport.js';
import { loadServerAccess } from '../../src/client/node/kubeconfig.js';
import { LEASES } from '../../src/client/resources.js';
import type { Transport } from '../../src/kube/exchange.js';
import { createSystemClock } from '../../src/main/system-clock.js';
import { countersign } from '../command.js';
import { type EtcdCluster, startEtcd } from '../etcd.js';
import { type ServerProcess, startServer } from '../server-process.js';

/** A replica as a process of its own. */
export interface ReplicaProcess {
  readonly server: ServerProcess;
  readonly transport: Transport;
  /** Acts as the administrator, over TLS. */
  readonly client: Client;
  /** `https://host:port` */
  readonly url: string;
  /** Ends the process, and the connections to it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const CLOCK = createSystemClock();

/** Replicas as processes on one etcd. A test that uses it asks for the tools `etcd` and `etcdctl`. */
export class ProcessSet implements AsyncDisposable {
  readonly etcd: EtcdCluster;
  readonly #folder: string;
  readonly #replicas: ReplicaProcess[] = [];
  #started = 0;

  private constructor(etcd: EtcdCluster, folder: string) {
    this.etcd = etcd;
    this.#folder = folder;
  }

  static async open(): Promise<ProcessSet> {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-processes-'));
    const { code, stderr } = await countersign(['store', 'genkey', join(folder, 'keys')]);
    assert.equal(code, 0, stderr);
    return new ProcessSet(await startEtcd(), folder);
  }

  get #storage(): readonly string[] {
    return ['--storage', this.etcd.address, '--encryption-key-file', join(this.#folder, 'keys')];
  }

  /** Runs a command on the store that they share. */
  countersign(...args: readonly string[]): ReturnType<typeof countersign> {
    return countersign([...args, ...this.#storage]);
  }

  /** Starts a replica; its lease is short, so that nobody waits long for one that is gone. */
  async start(...args: readonly string[]): Promise<ReplicaProcess> {
    const server = await startServer(
      [...this.#storage, '--leader-elect-lease-duration', '3s', '--log-level', 'info', ...args],
      {
        folder: join(this.#folder, `replica-${this.#started++}`),
      },
    );
    const access = await loadServerAccess({ path: server.kubeconfig, env: {} });
    const http: HttpTransport = await createHttpTransport(access, { clock: CLOCK });
    const replica: ReplicaProcess = {
      server,
      transport: http.send,
      client: createClient(http.send, { userAgent: 'test', clock: CLOCK }),
      url: access.server,
      end: async (signal) => {
        const code = await server.stop(signal);
        await http.close();
        return code;
      },
    };
    this.#replicas.push(replica);
    return replica;
  }

  /** The replica that has the duties by now, among those that run. */
  async leader(...running: readonly ReplicaProcess[]): Promise<ReplicaProcess> {
    let leader: ReplicaProcess | undefined;
    await until('a replica leads', async () => {
      const [first] = running;
      assert.ok(first !== undefined);
      const lease = await first.client.get(LEASES, 'countersign-controllers', { namespace: 'kube-system' });
      const holder = lease.spec?.holderIdentity ?? '';
      leader = running.find(({ server }) => holder !== '' && server.output().includes(`identity=${holder}`));
      return leader !== undefined && /Acquired Lease/.test(leader.server.output());
    });
    assert.ok(leader !== undefined);
    return leader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.end('SIGKILL')));
    await this.etcd.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Asks until it is so; fails after half a minute. What fails while it is asked is not so yet. */
export async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await done()) return;
    } catch (error) {
      last = error;
    }
    await passed(20);
  }
  throw new Error(`It never came to this: ${what}`, { cause: last });
}
