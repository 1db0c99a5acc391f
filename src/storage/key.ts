import { CountersignError } from '../base/error.js';
import { MAX_KEY_BYTES } from './store.js';

/** Refuses a key that no store takes: RangeError when empty or ill-formed, STORE_TOO_LARGE above `MAX_KEY_BYTES`. */
export function assertKey(key: string): void {
  if (key === '') throw new RangeError('Cannot use key: it is empty');
  const length = utf8Length(key);
  if (length === undefined) throw new RangeError(`Cannot use key: ${JSON.stringify(key)} is not well-formed`);
  if (length > MAX_KEY_BYTES) {
    throw new CountersignError(
      'STORE_TOO_LARGE',
      `Cannot use key: ${JSON.stringify(`${key.slice(0, 64)}…`)}: ${length} bytes, at most ${MAX_KEY_BYTES} are taken`,
    );
  }
}

/** Bytes of the UTF-8 form; undefined for a string with a lone surrogate, which has none. */
function utf8Length(text: string): number | undefined {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = text.charCodeAt(i + 1);
    if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined;
    i++; // a pair is two units and four bytes: 2 + 2
  }
  return bytes;
}

/** Orders keys by the bytes of their UTF-8 form: negative, zero or positive. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates (code points above U+FFFF) below U+E000 to U+FFFF; UTF-8 puts them above. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
