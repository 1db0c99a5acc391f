import type { Revision, StoreEvent } from '../store.js';
import { EtcdFailure } from './failure.js';
import type { FailureKind } from './failure.js';
import type { KeySpace } from './key-space.js';
import type { Members, MessageStream } from './members.js';
import { RANGE, STATUS, WATCH } from './methods.js';
import { answersProgress } from './progress-versions.js';
import { encodeEmpty, encodeNewest, encodeProgressRequest, encodeWatchCreate } from './requests.js';
import type { EtcdEvent, WatchResponse } from './responses.js';

/** Who is told what a watch sees. */
export interface WatchReceiver {
  /** Changes in order, possibly none, and the revision up to which everything has been told now. */
  onChanges(events: readonly StoreEvent[], through: Revision): void;
  /** The watch is over: what it should go on from is forgotten, or etcd's history is another one. */
  onLost(floor: Revision): void;
}

/** Between two attempts to open it; doubles up to the second. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1000;
/** So long a member has to say which version it is. */
const VERSION_MS = 2000;

/**
 * A watch of everything in a key space that outlives connections and members: it goes on, elsewhere if need be, after
 * the last revision it has told, so that nothing is lost or told twice.
 */
export class ResumingWatch {
  readonly #members: Members;
  readonly #space: KeySpace;
  readonly #receiver: WatchReceiver;
  /** Everything up to here has been told. */
  #through: Revision;
  #stream: MessageStream | undefined;
  #stopped = false;
  #opened: () => void = () => undefined;
  /** Events of a batch that comes in several messages. */
  #fragments: EtcdEvent[] = [];

  constructor(members: Members, space: KeySpace, after: Revision, receiver: WatchReceiver) {
    this.#members = members;
    this.#space = space;
    this.#through = after;
    this.#receiver = receiver;
  }

  /** Failures to reach etcd are not told, it is tried again. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened = resolve;
      this.#run().then(resolve, reject);
    });
  }

  /** Asks etcd how far this is complete; a member answers when it can, and is not asked when its answer may be wrong. */
  async askProgress(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    const version = await this.#versionOf(stream.endpoint);
    if (stream === this.#stream && answersProgress(version)) stream.send(encodeProgressRequest());
  }

  /** Nothing is told after this. */
  stop(): void {
    this.#stopped = true;
    this.#stream?.cancel();
    this.#stream = undefined;
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempt = 0; !this.#isStopped(); attempt++) {
      const before = this.#through;
      try {
        if (attempt > 0) await this.#assertSameHistory();
        await this.#follow();
      } catch (error) {
        if (this.#isStopped()) return;
        if (!(error instanceof EtcdFailure) || (attempt === 0 && error.kind === 'denied')) throw error;
        if (error.kind === 'compacted') {
          this.stop();
          this.#receiver.onLost(this.#through);
          return;
        }
      }
      pauseMs = this.#through > before ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LAST_PAUSE_MS);
      await this.#members.pause(pauseMs);
    }
  }

  /** Revisions that went back mean another history, such as that of a backup: what was told is not in it. */
  async #assertSameHistory(): Promise<void> {
    const { revision } = await this.#members.read(RANGE, encodeNewest());
    if (revision < this.#through) throw new EtcdFailure('compacted', 'the revisions of etcd went back');
  }

  async #versionOf(endpoint: string): Promise<string> {
    try {
      return (await this.#members.ask(endpoint, STATUS, encodeEmpty(), VERSION_MS)).version;
    } catch (error) {
      if (error instanceof EtcdFailure) return '';
      throw error;
    }
  }

  /** One stream, from the last revision told until it ends, which is always by a failure. */
  async #follow(): Promise<void> {
    this.#fragments = [];
    let fail: (failure: EtcdFailure) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
    });
    ended.catch(() => undefined); // it may fail before the stream has been opened
    const stream = await this.#members.stream(WATCH, {
      onMessage: (message) => {
        const failure = this.#isStopped() ? undefined : this.#take(message);
        if (failure === undefined) return;
        stream.cancel();
        fail(failure);
      },
      onEnd: fail,
    });
    if (this.#isStopped()) {
      stream.cancel();
      return;
    }
    this.#stream = stream;
    stream.send(encodeWatchCreate(this.#space.rangeOf(''), this.#through + 1));
    try {
      await ended;
    } finally {
      this.#stream = undefined;
    }
  }

  /** Tells what a message tells; the answer is why the stream cannot go on. */
  #take(message: WatchResponse): EtcdFailure | undefined {
    if (message.canceled) {
      return new EtcdFailure(cancellationOf(message), `etcd canceled the watch: ${message.cancelReason}`);
    }
    if (message.created) {
      this.#opened();
      return undefined;
    }
    if (message.fragment || this.#fragments.length > 0) this.#fragments.push(...message.events);
    if (message.fragment) return undefined;
    const raw = this.#fragments.length > 0 ? this.#fragments : message.events;
    this.#fragments = [];
    if (raw.length === 0) {
      // a progress notification; a member that lags behind the one before it may be below what was told
      if (message.revision <= this.#through) return undefined;
      this.#tell([], message.revision);
      return undefined;
    }
    const events: StoreEvent[] = [];
    for (const event of raw) {
      if (event.current.modRevision <= this.#through) continue;
      const read = this.#read(event);
      if (read === undefined) return new EtcdFailure('compacted', 'what was replaced has been compacted');
      events.push(read);
    }
    const last = events.at(-1);
    if (last !== undefined) this.#tell(events, last.revision);
    return undefined;
  }

  #tell(events: readonly StoreEvent[], through: Revision): void {
    this.#through = through;
    this.#receiver.onChanges(events, through);
  }

  /** Undefined when what the change replaced is no longer known. */
  #read({ kind, current, previous }: EtcdEvent): StoreEvent | undefined {
    const key = this.#space.nameOf(current.key);
    const revision = current.modRevision;
    if (kind === 'put' && current.version === 1) return { kind, key, revision, value: current.value };
    if (previous === undefined) return undefined;
    const entry = { key, value: previous.value, revision: previous.modRevision };
    return kind === 'put'
      ? { kind, key, revision, value: current.value, previous: entry }
      : { kind, key, revision, previous: entry };
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}

function cancellationOf({ compactRevision, cancelReason }: WatchResponse): FailureKind {
  if (compactRevision > 0 || cancelReason.includes('compacted')) return 'compacted';
  return cancelReason.includes('permission denied') ? 'denied' : 'unknown';
}
