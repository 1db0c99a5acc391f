import type { Writable } from 'node:stream';

/** Bytes that are handed on at once: what is encrypted is copied, and takes its time. */
const MAX_CHUNK = 128 * 1024;

/** Writes bytes and ends, at the pace of the client where there are many of them. */
export function writeAndEnd(writable: Writable, bytes: Uint8Array): void {
  if (bytes.length <= 2 * MAX_CHUNK) {
    writable.end(bytes);
    return;
  }
  let at = 0;
  const next = (): void => {
    while (!writable.destroyed) {
      const chunk = bytes.subarray(at, at + MAX_CHUNK);
      at += MAX_CHUNK;
      if (at >= bytes.length) {
        writable.off('drain', next);
        writable.end(chunk);
        return;
      }
      if (!writable.write(chunk)) return;
    }
  };
  writable.on('drain', next);
  next();
}
