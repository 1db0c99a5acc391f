import type { Writable } from 'node:stream';
import type { StreamSink } from '../../kube/exchange.js';

/** Gives a watch a writable stream to go to, at the pace of its client. */
export class WritableSink implements StreamSink<Uint8Array | string> {
  readonly #writable: Writable;
  readonly #onEnded: () => void;

  /** `onEnded` is called when nothing more will be written. */
  constructor(writable: Writable, onEnded: () => void) {
    this.#writable = writable;
    this.#onEnded = onEnded;
  }

  write(item: Uint8Array | string): boolean {
    return this.#writable.destroyed || this.#writable.write(item);
  }

  drained(): Promise<void> {
    const writable = this.#writable;
    if (writable.destroyed || !writable.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        writable.off('drain', settle);
        writable.off('close', settle);
        resolve();
      };
      writable.on('drain', settle);
      writable.on('close', settle);
    });
  }

  end(): void {
    this.#writable.end();
    this.#onEnded();
  }
}
