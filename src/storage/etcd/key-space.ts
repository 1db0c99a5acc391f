import type { KeyRange } from './requests.js';

/** The part of etcd's keys that is a store's: those that start with a prefix, which the store's own keys do not show. */
export class KeySpace {
  readonly #root: string;
  readonly #rootLength: number;

  /** `root` is put before every key; it may be empty. */
  constructor(root: string) {
    this.#root = root;
    this.#rootLength = Buffer.byteLength(root);
  }

  /** etcd's key of a key of the store. */
  keyOf(key: string): Uint8Array {
    return Buffer.from(this.#root + key, 'utf8');
  }

  /** All keys with a prefix; only those after `after`, where that is given. */
  rangeOf(prefix: string, after?: string): KeyRange {
    const start = Buffer.from(this.#root + prefix, 'utf8');
    const end = endOf(start);
    if (after === undefined) return { key: start.length === 0 ? FIRST_KEY : start, end };
    // the first key after a key is that key with a zero byte
    const next = Buffer.from(`${this.#root}${after}\0`, 'utf8');
    return { key: Buffer.compare(next, start) > 0 ? next : start.length === 0 ? FIRST_KEY : start, end };
  }

  /** The store's key of one of etcd's keys, which must be in the space. */
  nameOf(key: Uint8Array): string {
    const { buffer, byteOffset, byteLength } = key;
    return Buffer.from(buffer, byteOffset, byteLength).toString('utf8', this.#rootLength);
  }
}

/** No key is empty; a zero byte stands for "from the first key", and as an end for "to the last". */
const FIRST_KEY = new Uint8Array([0]);

/** The first key that does not start with `prefix` and comes after those that do. */
function endOf(prefix: Buffer): Uint8Array {
  // UTF-8 has no byte 0xff: the last byte can always be made one larger
  const last = prefix.at(-1);
  if (last === undefined) return FIRST_KEY;
  const end = Buffer.from(prefix);
  end[end.length - 1] = last + 1;
  return end;
}
