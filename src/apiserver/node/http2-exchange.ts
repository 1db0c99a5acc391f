import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { ApiRequest, ApiResponse, Headers, Peer, RequestBody } from '../../kube/exchange.js';
import { readAll } from './body-reader.js';
import { exactHeaders } from './request-headers.js';
import { WritableSink } from './writable-sink.js';
import { writeAndEnd } from './write-bytes.js';

/** An HTTP/2 request as the server wants it. What costs something is made when it is asked for. */
export class Http2Request implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly peer: Peer;
  readonly #stream: ServerHttp2Stream;
  readonly #incoming: IncomingHttpHeaders;
  readonly #raw: readonly string[];
  #headers: Headers | undefined;
  #abort: AbortController | undefined;

  constructor(stream: ServerHttp2Stream, incoming: IncomingHttpHeaders, raw: readonly string[], peer: Peer) {
    this.method = incoming[':method'] ?? 'GET';
    this.target = incoming[':path'] ?? '/';
    this.peer = peer;
    this.#stream = stream;
    this.#incoming = incoming;
    this.#raw = raw;
  }

  get headers(): Headers {
    this.#headers ??= exactHeaders(this.#incoming, this.#raw);
    return this.#headers;
  }

  get body(): RequestBody {
    if (this.#stream.endAfterHeaders) return { kind: 'none' };
    const length = Number(this.#incoming['content-length'] ?? '0');
    return {
      kind: 'stream',
      read: (maxBytes) => (length > maxBytes ? Promise.resolve(undefined) : readAll(this.#stream, maxBytes)),
    };
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      const stream = this.#stream;
      if (stream.destroyed || stream.aborted) abort.abort();
      else {
        stream.once('close', () => {
          if (stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) abort.abort();
        });
      }
    }
    return this.#abort.signal;
  }
}

/** Writes an answer. `onEnded`: a stream has ended, nothing more will be written. */
export function answerHttp2(
  stream: ServerHttp2Stream,
  { status, headers, body, onGone }: ApiResponse,
  { onEnded }: { readonly onEnded: () => void },
): void {
  if (stream.destroyed) {
    if (body.kind === 'stream') body.stream.stop();
    onGone?.();
    return;
  }
  if (onGone !== undefined) stream.once('close', onGone);
  const fields: Record<string, string | number | readonly string[] | undefined> = { ':status': status, ...headers };
  if (fields['connection'] === 'close') {
    // HTTP/2 says it in a frame of its own (RFC 9113 §8.2.2)
    delete fields['connection'];
    stream.session?.close();
  }
  switch (body.kind) {
    case 'bytes':
      fields['content-length'] = body.bytes.length;
      respond(stream, fields);
      writeAndEnd(stream, body.bytes);
      break;
    case 'stream': {
      const source = body.stream;
      respond(stream, fields);
      stream.once('close', () => {
        source.stop();
      });
      source.start(new WritableSink(stream, onEnded));
      return;
    }
    case 'none':
    case 'object':
    case 'events':
      // objects and events are for callers in this process, which have no socket
      respond(stream, fields, true);
  }
  // a client that still sends is told to stop, once it has the answer (RFC 9113 §8.1)
  if (!stream.readableEnded && !stream.endAfterHeaders)
    stream.once('finish', () => {
      stream.close(constants.NGHTTP2_NO_ERROR);
    });
}

function respond(
  stream: ServerHttp2Stream,
  fields: Record<string, string | number | readonly string[] | undefined>,
  endStream = false,
): void {
  // Node takes lists as readonly as they are: it only reads them
  stream.respond(fields as Record<string, string>, { endStream });
}
