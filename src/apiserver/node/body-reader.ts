import type { Readable } from 'node:stream';
import { CountersignError } from '../../base/error.js';

/**
 * Reads all of a stream; undefined, with the rest left unread, once it holds more than `maxBytes`. Rejects with
 * ABORTED when the stream breaks off.
 */
export function readAll(stream: Readable, maxBytes: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('error', onBroken);
      stream.off('close', onBroken);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > maxBytes) {
        settle();
        stream.pause();
        resolve(undefined);
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      settle();
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length));
    };
    const onBroken = (error?: Error): void => {
      settle();
      reject(new CountersignError('ABORTED', 'Cannot read request body: the client went away', { cause: error }));
    };
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onBroken);
    stream.on('close', onBroken);
  });
}
