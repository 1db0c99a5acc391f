import { concatBytes } from '../base/bytes.js';

const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. */
export interface LineSplitter {
  /** Takes the next bytes and answers the lines that they complete, without their newline. Empty lines are dropped. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** Bytes of an unfinished line. */
  readonly pending: number;
}

/**
 * A line splitter that looks at each byte once: the pieces of a long line are kept apart until its end is there, so
 * that many small chunks cost no more than one large one. A line longer than `maxLineBytes` makes `push` answer with
 * `onTooLong()` thrown.
 */
export function createLineSplitter(maxLineBytes: number, onTooLong: () => Error): LineSplitter {
  let pieces: Uint8Array[] = [];
  let pending = 0;
  return {
    get pending() {
      return pending;
    },
    push: (chunk) => {
      const lines: Uint8Array[] = [];
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(NEWLINE, start);
        const rest = chunk.subarray(start, end < 0 ? chunk.length : end);
        if (pending + rest.length > maxLineBytes) throw onTooLong();
        if (end < 0) {
          if (rest.length > 0) {
            // A copy where only a tail of the chunk is kept, so that the chunk itself is not.
            pieces.push(start === 0 ? rest : rest.slice());
            pending += rest.length;
          }
          return lines;
        }
        const line = pending === 0 ? rest : concatBytes([...pieces, rest]);
        if (line.length > 0) lines.push(line);
        pieces = [];
        pending = 0;
        start = end + 1;
      }
    },
  };
}
