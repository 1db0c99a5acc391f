import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamSink } from '../../kube/exchange.js';
import type { WatchEvent } from '../../kube/object-meta.js';
import { type Framing, WatchStream } from './watch-stream.js';

const TEXT: Framing<string> = {
  encode: (event, first) => `${first ? '^' : ''}${event.type[0] ?? ''}${event.object.metadata.name ?? ''} `,
  sizeOf: (out) => out.length,
  join: (outs) => outs.join(''),
};

function event(name: string, type: WatchEvent['type'] = 'ADDED'): WatchEvent {
  return { type, object: { metadata: { name } } };
}

function events(count: number, from = 0): readonly WatchEvent[] {
  return Array.from({ length: count }, (_, i) => event(String(from + i)));
}

/** A receiver that takes `room` writes before it wants a rest. */
class SlowSink implements StreamSink<string> {
  readonly writes: string[] = [];
  ended = false;
  room: number;
  #resume: (() => void) | undefined;

  constructor(room: number) {
    this.room = room;
  }

  write(item: string): boolean {
    assert.equal(this.ended, false, 'nothing is written after the end');
    this.writes.push(item);
    this.room--;
    return this.room > 0;
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  end(): void {
    this.ended = true;
  }

  async resume(room: number): Promise<void> {
    this.room = room;
    this.#resume?.();
    await Promise.resolve();
    await Promise.resolve();
  }

  get text(): string {
    return this.writes.join('');
  }
}

interface Made {
  readonly stream: WatchStream<string>;
  readonly ends: boolean[];
}

function made(maxEvents = 3, maxBytes = 1000): Made {
  const ends: boolean[] = [];
  return { ends, stream: new WatchStream(TEXT, { maxEvents, maxBytes }, (cutOff) => ends.push(cutOff)) };
}

test('cuts off a receiver that leaves more events lying than it may', () => {
  const { stream, ends } = made(3);
  const sink = new SlowSink(1);
  stream.goLive();
  stream.start(sink);
  void stream.receive([event('a')]);
  void stream.receive([event('b')]);
  void stream.receive(events(3));
  assert.equal(sink.ended, false);
  void stream.receive([event('z')]);
  assert.equal(sink.ended, true);
  assert.deepEqual(ends, [true]);
  assert.equal(sink.text, '^Aa ', 'and nothing of what waited is written');
});

test('cuts off a receiver that leaves more bytes lying than it may', () => {
  const { stream, ends } = made(1000, 20);
  const sink = new SlowSink(1);
  stream.goLive();
  stream.start(sink);
  void stream.receive([event('a')]);
  void stream.receive([event('b'.repeat(500))]);
  void stream.receive([event('c'.repeat(16))]);
  assert.deepEqual(ends, [], 'one batch may wait, however large, and little behind it');
  void stream.receive([event('d')]);
  assert.deepEqual(ends, [true]);
});

test('what is there at the start may be any number of events, and is held back while the receiver is full', async () => {
  const { stream, ends } = made(10, 50);
  assert.equal(stream.receive(events(5)), undefined, 'a few may wait');
  const held = stream.receive(events(5, 5));
  assert.ok(held instanceof Promise, 'more are held back');
  stream.goLive();
  const sink = new SlowSink(1);
  stream.start(sink);
  await held;
  let from = 10;
  while (from < 1000) {
    const more = stream.receive(events(10, from));
    from += 10;
    await sink.resume(1);
    await more;
  }
  assert.deepEqual(ends, []);
  assert.equal(sink.text.trim().split(' ').length, 1000);
  assert.ok(sink.writes.length <= 200, 'and is written in few pieces');
});

test('what is held back is let go when the receiver leaves', async () => {
  const { stream } = made(2);
  const held = stream.receive(events(5));
  stream.stop();
  await held;
  assert.equal(stream.receive(events(5)), undefined);
});

test('order is kept over waiting and resuming, and only the first event is the first', async () => {
  const { stream } = made(10);
  void stream.receive(events(2));
  stream.goLive();
  const sink = new SlowSink(1);
  stream.start(sink);
  void stream.receive(events(2, 2));
  void stream.receive(events(1, 4));
  await sink.resume(5);
  void stream.receive(events(1, 5));
  assert.equal(sink.text, '^A0 A1 A2 A3 A4 A5 ');
});

test('an ERROR event is the last one', () => {
  const { stream, ends } = made();
  const sink = new SlowSink(9);
  stream.goLive();
  stream.start(sink);
  void stream.receive([event('a'), event('x', 'ERROR'), event('b')]);
  void stream.receive([event('c')]);
  assert.equal(sink.text, '^Aa Ex ');
  assert.equal(sink.ended, true);
  assert.deepEqual(ends, [false]);
});

test('an end from the server waits for what was there before', async () => {
  const { stream, ends } = made();
  const sink = new SlowSink(1);
  stream.goLive();
  stream.start(sink);
  void stream.receive([event('a')]);
  void stream.receive([event('b')]);
  stream.end();
  void stream.receive([event('c')]);
  assert.equal(sink.ended, false);
  await sink.resume(9);
  assert.equal(sink.text, '^Aa Ab ');
  assert.equal(sink.ended, true);
  assert.deepEqual(ends, [false]);
});

test('stopping is silent, and may be done twice', () => {
  const { stream, ends } = made();
  const sink = new SlowSink(9);
  stream.goLive();
  stream.start(sink);
  stream.stop();
  stream.stop();
  void stream.receive([event('a')]);
  assert.deepEqual(ends, [false]);
  assert.equal(sink.text, '');
});

test('a stream that ended before it was asked for ends at once', () => {
  const { stream, ends } = made();
  stream.end();
  const sink = new SlowSink(9);
  stream.start(sink);
  assert.equal(sink.ended, true);
  assert.deepEqual(ends, [false]);
});
