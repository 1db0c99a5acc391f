import type { SourceStream, StreamSink } from '../../kube/exchange.js';
import type { WatchEvent } from '../../kube/object-meta.js';

/** How events become what a sink takes. */
export interface Framing<Out> {
  /** `first`: nothing went before it on this stream. */
  encode(event: WatchEvent, first: boolean): Out;
  /** Bytes that it will take up while it waits; 0 where it is only a reference. */
  sizeOf(out: Out): number;
  /** Several as one; undefined where each is written by itself. */
  readonly join?: (outs: readonly Out[]) => Out;
}

/** What a slow receiver may leave lying. */
export interface StreamLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface Waiting<Out> {
  readonly event: WatchEvent;
  readonly first: boolean;
  readonly out: Out | undefined;
}

/** Frames joined into one write, at most. */
const MAX_WRITE_BYTES = 64 * 1024;

/** What a stream is doing: not yet asked for, running, held up by its receiver, or over. */
type State<Out> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'open'; readonly sink: StreamSink<Out> }
  | { readonly kind: 'blocked'; readonly sink: StreamSink<Out> }
  | { readonly kind: 'over' };

/**
 * Carries the events of one watch to one receiver, at the receiver's pace. What the store has when the watch starts may
 * be any number of events: the store is asked to hold them back while the receiver is full. Live events wait for
 * nobody: at most `maxEvents` and `maxBytes` of them wait behind what is already on its way; a receiver that is slower
 * is cut off without an ERROR, and resumes from the last version it saw. An ERROR event is the last one.
 */
export class WatchStream<Out> implements SourceStream<Out> {
  readonly #framing: Framing<Out>;
  readonly #limits: StreamLimits;
  readonly #onEnd: (cutOff: boolean) => void;
  #state: State<Out> = { kind: 'idle' };
  #queue: Waiting<Out>[] = [];
  #liveWaiting = 0;
  #bytesWaiting = 0;
  #held: Promise<void> | undefined;
  #release: (() => void) | undefined;
  #started = false;
  #live = false;
  #ending = false;

  /** `onEnd` is called once, when the stream is over for whatever reason. */
  constructor(framing: Framing<Out>, limits: StreamLimits, onEnd: (cutOff: boolean) => void) {
    this.#framing = framing;
    this.#limits = limits;
    this.#onEnd = onEnd;
  }

  /** The store has started the watch: from now on events that queue up behind others are counted. */
  goLive(): void {
    this.#live = true;
  }

  /**
   * Takes events from the store, in order. A promise in answer says that the receiver is full; it resolves when
   * everything has been written, or the stream is over.
   */
  readonly receive = (events: readonly WatchEvent[]): Promise<void> | undefined => {
    if (this.#isOver() || this.#ending) return undefined;
    if (this.#state.kind === 'open' && this.#queue.length === 0) {
      this.#writeNow(this.#state.sink, events);
    } else {
      // what comes upon an empty queue is one batch, however large; only what piles up on it is a sign of slowness
      const counted = this.#live && this.#queue.length > 0;
      for (const event of events) this.#enqueue(event, counted);
    }
    return this.#heldBack();
  };

  start(sink: StreamSink<Out>): void {
    if (this.#state.kind === 'over') {
      sink.end();
      return;
    }
    this.#state = { kind: 'open', sink };
    this.#pump();
  }

  stop(): void {
    this.#finish(false);
  }

  /** Ends the stream cleanly once what waits has been written. */
  end(): void {
    if (this.#state.kind === 'over') return;
    this.#ending = true;
    if (this.#state.kind !== 'blocked') this.#pump();
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#state.kind === 'over';
  }

  #writeNow(sink: StreamSink<Out>, events: readonly WatchEvent[]): void {
    const { join } = this.#framing;
    if (join === undefined || events.length === 1) {
      for (let i = 0; i < events.length; i++) {
        const event = events[i];
        if (event === undefined || this.#isOver()) return;
        if (this.#state.kind === 'blocked') this.#enqueue(event, false);
        else this.#write(sink, this.#framing.encode(event, this.#isFirst()), event.type === 'ERROR');
      }
      return;
    }
    for (const event of events) this.#enqueue(event, false);
    this.#pump();
  }

  /** While nothing is live yet, a page or two may wait before the store is asked to. */
  #heldBack(): Promise<void> | undefined {
    const waiting = this.#queue.length;
    if (waiting === 0 || (!this.#live && waiting <= this.#limits.maxEvents / 2)) return undefined;
    this.#held ??= new Promise((resolve) => {
      this.#release = resolve;
    });
    return this.#held;
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
    this.#held = undefined;
  }

  #enqueue(event: WatchEvent, counted: boolean): void {
    if (this.#isOver()) return;
    const first = this.#isFirst();
    if (!counted) {
      this.#queue.push({ event, first, out: undefined });
      return;
    }
    const out = this.#framing.encode(event, first);
    this.#queue.push({ event, first, out });
    this.#liveWaiting++;
    this.#bytesWaiting += this.#framing.sizeOf(out);
    if (this.#liveWaiting > this.#limits.maxEvents || this.#bytesWaiting > this.#limits.maxBytes) this.#finish(true);
  }

  /** Writes what waits until the receiver is full. */
  #pump(): void {
    const state = this.#state;
    if (state.kind !== 'open') {
      if (state.kind === 'idle' && this.#ending && this.#queue.length === 0) this.#finish(false);
      return;
    }
    let at = 0;
    while (at < this.#queue.length && this.#state.kind === 'open') at = this.#writeFrom(state.sink, at);
    if (this.#isOver()) return;
    this.#queue = at === this.#queue.length ? [] : this.#queue.slice(at);
    if (this.#queue.length > 0) return;
    this.#letGo();
    if (this.#ending) this.#finish(false);
  }

  /** Writes one event, or several joined; the answer is where to go on. */
  #writeFrom(sink: StreamSink<Out>, start: number): number {
    const { join } = this.#framing;
    const outs: Out[] = [];
    let bytes = 0;
    let at = start;
    let last = false;
    while (at < this.#queue.length && !last && (outs.length === 0 || (join !== undefined && bytes < MAX_WRITE_BYTES))) {
      const waiting = this.#queue[at++];
      if (waiting === undefined) break;
      const out = waiting.out ?? this.#framing.encode(waiting.event, waiting.first);
      if (waiting.out !== undefined) {
        this.#liveWaiting--;
        this.#bytesWaiting -= this.#framing.sizeOf(out);
      }
      bytes += this.#framing.sizeOf(out);
      outs.push(out);
      last = waiting.event.type === 'ERROR';
    }
    const [only] = outs;
    if (only !== undefined) this.#write(sink, outs.length === 1 || join === undefined ? only : join(outs), last);
    return at;
  }

  #write(sink: StreamSink<Out>, out: Out, last: boolean): void {
    const more = sink.write(out);
    if (last) this.#finish(false);
    else if (!more && !this.#isOver()) this.#block(sink);
  }

  #block(sink: StreamSink<Out>): void {
    this.#state = { kind: 'blocked', sink };
    void sink.drained().then(() => {
      if (this.#state.kind !== 'blocked') return;
      this.#state = { kind: 'open', sink };
      this.#pump();
    });
  }

  /** The first event that comes in is the first that goes out. */
  #isFirst(): boolean {
    if (this.#started) return false;
    this.#started = true;
    return true;
  }

  #isOver(): boolean {
    return this.#state.kind === 'over';
  }

  #finish(cutOff: boolean): void {
    const state = this.#state;
    if (state.kind === 'over') return;
    this.#state = { kind: 'over' };
    this.#queue = [];
    this.#letGo();
    if (state.kind !== 'idle') state.sink.end();
    this.#onEnd(cutOff);
  }
}
