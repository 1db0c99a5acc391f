import { assertKey } from '../key.js';
import {
  alreadyExists,
  assertLimit,
  assertRevision,
  compacted,
  conflict,
  notFound,
  storeClosed,
  valueTooLarge,
} from '../refusals.js';
import type { Entry, ListOptions, Page, Revision, Watch, Watcher } from '../store.js';
import type { ObservedRequest } from './etcd-store-options.js';
import { EtcdFailure } from './failure.js';
import type { KeySpace } from './key-space.js';
import { KeyTurns } from './key-turns.js';
import { LiveWatches } from './live-watches.js';
import type { Members } from './members.js';
import { CHANGE, COMPACT, RANGE } from './methods.js';
import { readPage } from './read-page.js';
import { readUsage } from './read-usage.js';
import type { RecentLimits } from '../recent-changes.js';
import { refusalOf } from './refusal-of.js';
import type { Asked } from './refusal-of.js';
import { encodeChange, encodeCompaction, encodeNewest, encodeRange } from './requests.js';
import type { KeyChange } from './requests.js';
import type { ChangeResponse } from './responses.js';
import { ResumingWatch } from './resuming-watch.js';
import { SharedRead } from './shared-read.js';
import type { EtcdUsage, StoreInEtcd } from './store-in-etcd.js';

/** What a store in etcd is made of. */
export interface EtcdStoreParts {
  readonly members: Members;
  readonly space: KeySpace;
  readonly maxValueBytes: number;
  readonly recent: RecentLimits;
  /** Between two looks whether watches know less than reads do. */
  readonly progressMs: number;
  readonly observe: (request: ObservedRequest) => void;
  /** etcd's newest revision, just read. */
  readonly revision: Revision;
}

/** How long a compaction waits for the watches of this process, so that it takes nothing from under them. */
const COMPACTION_PATIENCE_MS = 1000;

/** Between two attempts to learn what must be known before anything goes on. */
const RETRY_MS = 500;

/** So long etcd has to answer when it is asked whether it works. */
const CHECK_MS = 2000;

/** The store over connections that are open already. */
export class EtcdStore implements StoreInEtcd {
  readonly #members: Members;
  readonly #space: KeySpace;
  readonly #maxValueBytes: number;
  readonly #live: LiveWatches;
  readonly #observe: (request: ObservedRequest) => void;
  readonly #newestRead = new SharedRead(() => this.#readNewest());
  /** The newest revision that any answer has shown. */
  #known: Revision;
  /** History before this is refused; other processes may have compacted more. */
  #floor: Revision = 0;
  readonly #compacting = new Map<Promise<void>, Revision>();
  /** What comes of two writes of one process to one key does not depend on which of them etcd sees first. */
  readonly #turns = new KeyTurns();
  /** Writes that have been accepted and not answered. */
  #writing = 0;
  #written: () => void = () => undefined;
  #closing: Promise<void> | undefined;

  constructor({ members, space, maxValueBytes, recent, progressMs, observe, revision }: EtcdStoreParts) {
    this.#members = members;
    this.#space = space;
    this.#maxValueBytes = maxValueBytes;
    this.#known = revision;
    this.#observe = observe;
    this.#live = new LiveWatches(
      (after, receiver) => new ResumingWatch(members, space, after, receiver),
      recent,
      revision,
      () => this.#newestAtLast(),
    );
    void this.#keepInStep(progressMs);
  }

  /** Resolves when watches are live; rejects when etcd refuses to have any. */
  async started(): Promise<void> {
    await this.#live.started();
  }

  async currentRevision(): Promise<Revision> {
    this.#assertOpen();
    return this.#asking({ operation: 'revision' }, () => this.#newest());
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#assertOpen();
    assertKey(key);
    return this.#asking({ operation: 'get', key }, async () => {
      const { entries, revision } = await this.#members.read(RANGE, encodeRange({ key: this.#space.keyOf(key) }));
      this.#seen(revision);
      const found = entries[0];
      return found === undefined ? undefined : { key, value: found.value, revision: found.modRevision };
    });
  }

  async list(prefix: string, options: ListOptions = {}): Promise<Page> {
    this.#assertOpen();
    assertLimit(options.limit);
    const { revision } = options;
    if (revision !== undefined) await this.#settled(revision);
    if (revision === 0) {
      await this.#assertReadable(revision);
      return { entries: [], revision, more: false, ...(options.count === true ? { remaining: 0 } : {}) };
    }
    const asked: Asked = { operation: 'list', key: prefix, ...(revision === undefined ? {} : { revision }) };
    return this.#asking(asked, async () => {
      const read = (request: Buffer) => this.#members.read(RANGE, request);
      const { page, newest } = await readPage(read, this.#space, prefix, options);
      this.#seen(newest);
      return page;
    });
  }

  async create(key: string, value: Uint8Array): Promise<Revision> {
    this.#assertWritable(key, value);
    const { succeeded, revision } = await this.#change('create', key, { kind: 'put', value }, 0);
    if (!succeeded) throw alreadyExists(key);
    return revision;
  }

  async update(key: string, value: Uint8Array, expected: Revision): Promise<Revision> {
    this.#assertWritable(key, value);
    return this.#replace('update', key, { kind: 'put', value }, expected);
  }

  async delete(key: string, expected: Revision): Promise<Revision> {
    this.#assertOpen();
    assertKey(key);
    return this.#replace('delete', key, { kind: 'delete' }, expected);
  }

  async watch(prefix: string, after: Revision, watcher: Watcher): Promise<Watch> {
    this.#assertOpen();
    await this.#settled(after);
    if (after > this.#known || after < this.#live.remembered) await this.#assertReadable(after);
    this.#assertOpen();
    return this.#live.watch(prefix, after, watcher);
  }

  async compact(revision: Revision): Promise<void> {
    this.#assertOpen();
    assertRevision(revision);
    if (revision <= this.#floor) return;
    const compacting = this.#asking({ operation: 'compact', revision }, () => this.#compact(revision));
    this.#compacting.set(compacting, revision);
    try {
      await compacting;
    } finally {
      this.#compacting.delete(compacting);
    }
  }

  async check(): Promise<void> {
    this.#assertOpen();
    await this.#asking({ operation: 'check' }, async () => {
      const late = this.#members.pause(CHECK_MS).then(() => {
        throw new EtcdFailure('not-now', `etcd has not answered within ${CHECK_MS} ms`);
      });
      await Promise.race([this.#newest(), late]);
    });
  }

  async usage(): Promise<EtcdUsage> {
    this.#assertOpen();
    return readUsage(this.#members);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#writing > 0) await new Promise<void>((resolve) => (this.#written = resolve));
    this.#live.close();
    this.#members.close();
  }

  async #replace(verb: 'update' | 'delete', key: string, change: KeyChange, expected: Revision): Promise<Revision> {
    assertRevision(expected);
    if (expected === 0) {
      // to etcd, zero is the revision of a key that is not there
      const found = await this.get(key);
      throw found === undefined ? notFound(verb, key) : conflict(verb, key, expected, found.revision);
    }
    const { succeeded, revision, actual } = await this.#change(verb, key, change, expected);
    if (succeeded) return revision;
    throw actual === 0 ? notFound(verb, key) : conflict(verb, key, expected, actual);
  }

  async #change(
    operation: 'create' | 'update' | 'delete',
    key: string,
    change: KeyChange,
    expected: Revision,
  ): Promise<ChangeResponse> {
    this.#writing++;
    try {
      return await this.#asking({ operation, key }, async () => {
        const request = encodeChange(this.#space.keyOf(key), change, expected);
        const since = Date.now();
        const response = await this.#turns.take(key, () => this.#members.write(CHANGE, request, since));
        this.#seen(response.revision);
        return response;
      });
    } finally {
      this.#writing--;
      if (this.#writing === 0) this.#written();
    }
  }

  async #compact(revision: Revision): Promise<void> {
    if (revision <= this.#known && revision > this.#live.through) {
      await Promise.race([this.#live.reached(revision), this.#members.pause(COMPACTION_PATIENCE_MS)]);
    }
    try {
      this.#seen(await this.#members.read(COMPACT, encodeCompaction(revision)));
    } catch (error) {
      // somebody else has compacted at this revision or a later one
      if (!(error instanceof EtcdFailure && error.kind === 'compacted')) throw error;
    }
    this.#floor = Math.max(this.#floor, revision);
  }

  #newest(): Promise<Revision> {
    return this.#newestRead.ask();
  }

  async #readNewest(): Promise<Revision> {
    const { revision } = await this.#members.read(RANGE, encodeNewest());
    return this.#seen(revision);
  }

  /** The newest revision, however long it takes to learn it; any when the store closes meanwhile. */
  async #newestAtLast(): Promise<Revision> {
    for (;;) {
      try {
        return await this.#newest();
      } catch (error) {
        if (this.#closing !== undefined) return this.#known;
        if (!(error instanceof EtcdFailure)) throw error;
        await this.#members.pause(RETRY_MS);
      }
    }
  }

  /** Others may write what is no key of ours: then only etcd can tell how far our watches are complete. */
  async #keepInStep(everyMs: number): Promise<void> {
    while (this.#closing === undefined) {
      await this.#members.pause(everyMs);
      if (this.#known > this.#live.complete) await this.#live.askProgress();
    }
  }

  /** Waits for compactions under way that decide whether a revision is readable; refuses what is known to be gone. */
  async #settled(revision: Revision): Promise<void> {
    assertRevision(revision);
    for (const [compacting, at] of this.#compacting) {
      if (revision < at) await compacting.catch(() => undefined); // whoever asked for it is told
    }
    if (revision < this.#floor) throw compacted(revision, this.#floor);
  }

  /** Refuses a revision that etcd has not reached or no longer has. */
  async #assertReadable(revision: Revision): Promise<void> {
    await this.#asking({ operation: 'watch', revision }, async () => {
      // an empty etcd is at revision one
      const request = encodeNewest(Math.max(revision, 1));
      this.#seen((await this.#members.read(RANGE, request)).revision);
    });
  }

  async #asking<T>(asked: Asked, ask: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await ask();
    } catch (error) {
      // a write that was accepted has its outcome before the connections are closed
      if (this.#closing !== undefined && this.#writing === 0 && error instanceof EtcdFailure) throw storeClosed();
      throw refusalOf(error, asked, this.#known);
    } finally {
      const { operation, key = '' } = asked;
      this.#observe({ operation, key, seconds: (performance.now() - begun) / 1000 });
    }
  }

  #seen(revision: Revision): Revision {
    if (revision > this.#known) this.#known = revision;
    return revision;
  }

  #assertWritable(key: string, value: Uint8Array): void {
    this.#assertOpen();
    assertKey(key);
    if (value.length > this.#maxValueBytes) throw valueTooLarge(key, value.length, this.#maxValueBytes);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw storeClosed();
  }
}
