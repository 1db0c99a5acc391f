import { once } from 'node:events';
import tls from 'node:tls';

/** Frame types of HTTP/2 (RFC 9113 §6). */
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 } as const;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** GET, https, / and an authority, in HPACK. */
export const GET_ROOT: Buffer = Buffer.from([0x82, 0x87, 0x84, 0x41, 0x01, 0x61]);
export const END_STREAM = 1;
export const END_HEADERS = 4;

/** One frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A client of HTTP/2 that keeps to no rule. */
export interface RawHttp2 {
  readonly socket: tls.TLSSocket;
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<unknown>;
  /** Sends bytes; resolves when they are on their way, or the connection is gone. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** Types of the frames that came back. */
  readonly received: () => readonly number[];
}

/** Connects and says hello. */
export async function rawHttp2(port: number): Promise<RawHttp2> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'secureConnect');
  let bytes = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    bytes = Buffer.concat([bytes, data]);
  });
  const send = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      if (socket.destroyed) resolve();
      else {
        void closed.then(() => resolve());
        socket.write(chunk, () => resolve());
      }
    });
  await send(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0)]));
  return { socket, closed, send, received: () => frameTypes(bytes) };
}

function frameTypes(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes.readUInt8(at + 3));
  return types;
}
