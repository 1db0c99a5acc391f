import type { Revision } from '../store.js';

/** A write that somebody waits for. */
export interface RequestedWrite {
  readonly verb: 'create' | 'update' | 'delete';
  readonly key: string;
  /** Empty for a delete. */
  readonly value: Uint8Array;
  /** Zero for a create. */
  readonly expected: Revision;
}

/** What came of one write of a batch, once the batch is on the disk. */
export type Outcome =
  { readonly kind: 'written'; readonly revision: Revision } | { readonly kind: 'refused'; readonly error: Error };

/** Decides, commits and publishes a batch; the outcomes are in the order of the writes. */
export type CommitBatch = (writes: readonly RequestedWrite[]) => Promise<readonly Outcome[]>;

/** Most writes that share one flush. */
const MAX_BATCH_WRITES = 1000;

/**
 * Group commit: one batch at a time; what arrives while a batch is being flushed forms the next one. A batch starts at
 * the end of the event loop's turn, so that all requests read from sockets in one turn share a flush.
 */
export class GroupCommit {
  readonly #commit: CommitBatch;
  #queue: Waiting[] = [];
  readonly #turns: (() => Promise<void>)[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  constructor(commit: CommitBatch) {
    this.#commit = commit;
  }

  /** Queues a write; resolves with its revision when it is on the disk, rejects with its refusal. */
  write(write: RequestedWrite): Promise<Revision> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ write, resolve, reject });
      this.#start();
    });
  }

  /** Runs something between two batches: nothing else is committed meanwhile. */
  exclusive(turn: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#turns.push(() => turn().then(resolve, reject));
      this.#start();
    });
  }

  /** Resolves when nothing is queued or running. */
  drained(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  /** Never rejects: what fails is told to those who wait. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0 || this.#turns.length > 0) {
      if (this.#queue.length > 0) await this.#commitNext();
      await this.#turns.shift()?.();
    }
    this.#running = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #commitNext(): Promise<void> {
    const batch = this.#queue;
    this.#queue = batch.length > MAX_BATCH_WRITES ? batch.splice(MAX_BATCH_WRITES) : [];
    try {
      const outcomes = await this.#commit(batch.map(({ write }) => write));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[i];
        if (outcome?.kind === 'written') resolve(outcome.revision);
        else reject(outcome?.error ?? new Error('a write has no outcome'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

interface Waiting {
  readonly write: RequestedWrite;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (error: unknown) => void;
}
