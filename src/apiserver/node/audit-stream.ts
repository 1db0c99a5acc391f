import type { Writable } from 'node:stream';
import type { AuditSink } from '../audit/audit-sink.js';
import { MAX_WAITING_BYTES } from './audit-file.js';

/** An audit log on standard output, or on any stream. The stream is not ended. */
export class AuditStream implements AuditSink {
  readonly #stream: Writable;
  readonly #onLost: (count: number, reason: string) => void;

  constructor(stream: Writable, onLost: (count: number, reason: string) => void) {
    this.#stream = stream;
    this.#onLost = onLost;
  }

  write(line: string): Promise<boolean> {
    if (this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.#onLost(1, 'the reader is too slow');
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      this.#stream.write(`${line}\n`, (error) => {
        if (error !== undefined && error !== null) this.#onLost(1, error.message);
        resolve(error === undefined || error === null);
      });
    });
  }
}
