import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.js';
import { type ServerProcess, startServer } from '../server-process.js';

/**
 * A server that is stopped and started again: always on the same data, and on the same port unless another is asked
 * for, so that its clients find it again.
 */
export class LastingServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #args: readonly string[];
  #running: ServerProcess;
  readonly #port: string;

  private constructor(folder: string, args: readonly string[], running: ServerProcess) {
    this.#folder = folder;
    this.#args = args;
    this.#running = running;
    this.#port = portOf(running);
  }

  static async start(...args: readonly string[]): Promise<LastingServer> {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-lasting-'));
    return new LastingServer(folder, args, await startServer(args, { folder }));
  }

  /** The administrator's. */
  get kubeconfig(): string {
    return this.#running.kubeconfig;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#running.stop(signal);
  }

  /** Starts it where its clients look for it, or where none does. It must have been stopped. */
  async startAgain(where: 'same port' | 'elsewhere' = 'same port'): Promise<void> {
    const port = where === 'same port' ? this.#port : '0';
    const args = [...this.#args, '--listen', `127.0.0.1:${port}`];
    this.#running = await startServer(args, { folder: this.#folder });
  }

  /** Forgets all history, as compaction does in time: versions from before have expired. It must have been stopped. */
  async forgetHistory(): Promise<void> {
    const store = await openLmdbStore({ folder: join(this.#folder, 'store') });
    try {
      await store.compact(await store.currentRevision());
    } finally {
      await store.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function portOf(server: ServerProcess): string {
  const port = /Ready at https:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1];
  if (port === undefined) throw new Error(`The server did not say where it listens:\n${server.output()}`);
  return port;
}
