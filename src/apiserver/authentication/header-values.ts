import { parseUtf8 } from '../../base/bytes.js';
import type { Headers } from '../../kube/exchange.js';

/** All values of a header, as text; its name in lower case. Repeated headers must come as lists. */
export function valuesOf(headers: Headers, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return (typeof value === 'string' ? [value] : value).map(textOf);
}

/** Header values come one character a byte, and clients send UTF-8. What is none stays as it came. */
function textOf(value: string): string {
  if (!/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value;
  return parseUtf8(Uint8Array.from(value, (character) => character.charCodeAt(0))) ?? value;
}

/** A key that is part of a header's name: percent-decoded where it is percent-encoded, as it came where it is not. */
export function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.toLowerCase());
  } catch {
    return key.toLowerCase(); // a URIError for a bad escape, and nothing else
  }
}
