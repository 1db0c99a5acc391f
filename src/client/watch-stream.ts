import { parseUtf8, utf8 } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import type { ApiResponse, SourceStream } from '../kube/exchange.js';
import type { KubeObject, WatchEvent } from '../kube/object-meta.js';
import { isRecord, watchErrorOf } from './api-failure.js';
import { createLineSplitter } from './line-splitter.js';

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

/** Larger than any object of a real API server, whose store refuses more than 1.5 MiB. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/**
 * Passes the events of a watch's answer to `receive` until the stream ends or `signal` aborts. Rejects with what an
 * ERROR event says, with CLIENT_PROTOCOL for what is no event, and with what `receive` throws; the stream is stopped
 * in every case.
 */
export function followWatch<T extends KubeObject>(
  response: ApiResponse,
  what: string,
  receive: (event: WatchEvent<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  const deliver = (event: WatchEvent): void => {
    if (event.type === 'ERROR') throw watchErrorOf(event.object);
    // The server serves the resource that was asked for: its objects are of T as far as the API's own schema goes.
    receive(event as WatchEvent<T>);
  };
  switch (response.body.kind) {
    case 'events':
      return drain(response.body.stream, deliver, signal);
    case 'stream': {
      const splitter = createLineSplitter(MAX_EVENT_BYTES, () => protocolError(what, 'an event is larger than 16 MiB'));
      const deliverChunk = (chunk: Uint8Array | string): void => {
        for (const line of splitter.push(typeof chunk === 'string' ? utf8(chunk) : chunk)) {
          deliver(parseWatchEvent(line, what));
        }
      };
      return drain(response.body.stream, deliverChunk, signal);
    }
    default:
      return Promise.reject(protocolError(what, 'the answer to a watch is no stream'));
  }
}

/** Reads one line of a watch. CLIENT_PROTOCOL for what is no event. */
export function parseWatchEvent(line: Uint8Array, what: string): WatchEvent {
  const text = parseUtf8(line);
  if (text === undefined) throw protocolError(what, 'an event is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw protocolError(what, 'an event is no JSON', cause);
  }
  if (!isRecord(value) || !TYPES.has(value['type'])) throw protocolError(what, 'an event has no known type');
  const object = value['object'];
  if (!isRecord(object) || (value['type'] !== 'ERROR' && !isRecord(object['metadata']))) {
    throw protocolError(what, 'an event has no object with metadata');
  }
  return value as unknown as WatchEvent; // type and object were looked at just above
}

function drain<Item>(stream: SourceStream<Item>, deliver: (item: Item) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const finish = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      signal.removeEventListener('abort', onAbort);
      stream.stop();
      settle();
    };
    const onAbort = (): void => finish(resolve);
    if (signal.aborted) {
      finish(resolve);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    stream.start({
      write: (item) => {
        if (ended) return true;
        try {
          deliver(item);
        } catch (error) {
          finish(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        }
        return true;
      },
      drained: () => Promise.resolve(),
      end: () => finish(resolve),
    });
  });
}

function protocolError(what: string, detail: string, cause?: unknown): CountersignError<'CLIENT_PROTOCOL'> {
  return new CountersignError('CLIENT_PROTOCOL', `Cannot ${what}: ${detail}`, cause === undefined ? {} : { cause });
}
