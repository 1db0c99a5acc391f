import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRequest, ApiResponse, Headers, Peer, RequestBody } from '../../kube/exchange.js';
import { readAll } from './body-reader.js';
import { exactHeaders } from './request-headers.js';
import { WritableSink } from './writable-sink.js';
import { writeAndEnd } from './write-bytes.js';

/** An HTTP/1.1 request as the server wants it. What costs something is made when it is asked for. */
export class Http1Request implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly peer: Peer;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  #headers: Headers | undefined;
  #abort: AbortController | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, peer: Peer) {
    this.method = incoming.method ?? 'GET';
    this.target = incoming.url ?? '/';
    this.peer = peer;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get headers(): Headers {
    this.#headers ??= exactHeaders(this.#incoming.headers, this.#incoming.rawHeaders);
    return this.#headers;
  }

  get body(): RequestBody {
    const { headers } = this.#incoming;
    const length = headers['content-length'];
    if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return { kind: 'none' };
    return {
      kind: 'stream',
      read: (maxBytes) =>
        length !== undefined && Number(length) > maxBytes
          ? Promise.resolve(undefined)
          : readAll(this.#incoming, maxBytes),
    };
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      const outgoing = this.#outgoing;
      if (outgoing.destroyed) abort.abort();
      else {
        outgoing.once('close', () => {
          if (!outgoing.writableFinished) abort.abort();
        });
      }
    }
    return this.#abort.signal;
  }
}

/** How an answer is carried. */
export interface Carried {
  /** The connection closes behind it. */
  readonly last: boolean;
  /** A stream has ended: nothing more will be written. */
  readonly onEnded: () => void;
}

/** Writes an answer. */
export function answerHttp1(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers, body, onGone }: ApiResponse,
  { last, onEnded }: Carried,
): void {
  if (outgoing.destroyed) {
    if (body.kind === 'stream') body.stream.stop();
    onGone?.();
    return;
  }
  if (onGone !== undefined) outgoing.once('close', onGone);
  const fields: Record<string, string | number | readonly string[] | undefined> = { ...headers };
  // a body that nobody read would have to be read to reach the next request
  if (last || !incoming.complete) fields['connection'] = 'close';
  switch (body.kind) {
    case 'bytes':
      fields['content-length'] = body.bytes.length;
      outgoing.writeHead(status, fields as Record<string, string>); // Node takes numbers and lists as well
      writeAndEnd(outgoing, body.bytes);
      return;
    case 'stream': {
      const { stream } = body;
      outgoing.writeHead(status, fields as Record<string, string>);
      outgoing.flushHeaders();
      outgoing.once('close', () => {
        stream.stop();
      });
      stream.start(new WritableSink(outgoing, onEnded));
      return;
    }
    case 'none':
    case 'object':
    case 'events':
      // objects and events are for callers in this process, which have no socket
      outgoing.writeHead(status, fields as Record<string, string>);
      outgoing.end();
  }
}
