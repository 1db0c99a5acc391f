import { compareKeys } from '../key.js';

/** Chunks are split in two at this size: insertion moves little, and the list of chunks stays short. */
const CHUNK_KEYS = 512;

/** A set of keys in the order of their UTF-8 bytes. Insertion and removal cost about the square root of the size. */
export class SortedKeys {
  readonly #chunks: string[][] = [[]];

  /** Adds a key that is not there. */
  add(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunk(at);
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > CHUNK_KEYS) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
  }

  /** Removes a key; nothing happens when it is not there. */
  remove(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunk(at);
    const index = lowerBound(chunk, key);
    if (chunk[index] !== key) return;
    chunk.splice(index, 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(at, 1);
  }

  /** Keys at or after `from`, in order. The set must not be changed meanwhile. */
  *from(from: string): Generator<string, void, undefined> {
    let at = this.#chunkOf(from);
    let index = lowerBound(this.#chunk(at), from);
    for (; at < this.#chunks.length; at++, index = 0) {
      const chunk = this.#chunk(at);
      for (; index < chunk.length; index++) yield chunk[index] ?? '';
    }
  }

  /** Index of the last chunk that starts at or before `key`, or of the first. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#chunk(middle)[0] ?? '', key) <= 0) low = middle;
      else high = middle;
    }
    return low;
  }

  #chunk(at: number): string[] {
    return this.#chunks[at] ?? [];
  }
}

/** Index of the first key at or after `key`. */
function lowerBound(chunk: readonly string[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(chunk[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
