import { utf8 } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { civilTimeOf } from './der-time.js';
import { encodeOid } from './oid.js';
import { contextConstructedTag, contextTag, TAG } from './tag.js';

/** One element: identifier octet, length in the fewest octets, the contents one after another. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  return encodeParts(tag, contents);
}

function encodeParts(tag: number, contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const content of contents) length += content.length;
  const lengthOctets = length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;
  const der = new Uint8Array(1 + lengthOctets + length);
  der[0] = tag;
  if (lengthOctets === 1) der[1] = length;
  else {
    der[1] = 0x80 | (lengthOctets - 1);
    let rest = length;
    for (let i = lengthOctets; i >= 2; i--) {
      der[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
  let at = 1 + lengthOctets;
  for (const content of contents) {
    der.set(content, at);
    at += content.length;
  }
  return der;
}

/** SEQUENCE of elements in the order given. */
export function encodeSequence(...elements: readonly Uint8Array[]): Uint8Array {
  return encodeParts(TAG.sequence, elements);
}

/** SEQUENCE OF: as many elements as there are, in the order given. */
export function encodeSequenceOf(elements: readonly Uint8Array[]): Uint8Array {
  return encodeParts(TAG.sequence, elements);
}

/** SET OF: elements in ascending order of their encoding (X.690 §11.6). */
export function encodeSetOf(elements: readonly Uint8Array[]): Uint8Array {
  return encodeParts(TAG.set, elements.length < 2 ? elements : [...elements].sort(compareDer));
}

/** Order of SET OF: octet by octet, the shorter first where one begins the other. */
export function compareDer(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** INTEGER from a whole number of at least 0. */
export function encodeSmallInteger(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not a whole number of at least 0: ${value}`);
  if (value < 0x80) return Uint8Array.of(TAG.integer, 1, value);
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return encodeUnsignedInteger(Uint8Array.from(octets));
}

/** INTEGER from a magnitude, big-endian: leading zeros are dropped, and one is put where the sign needs it. */
export function encodeUnsignedInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const minimal = magnitude.length === 0 ? new Uint8Array(1) : magnitude.subarray(start);
  return (minimal[0] ?? 0) >= 0x80
    ? encodeElement(TAG.integer, new Uint8Array(1), minimal)
    : encodeElement(TAG.integer, minimal);
}

/** BOOLEAN. */
export function encodeBoolean(value: boolean): Uint8Array {
  return Uint8Array.of(TAG.boolean, 1, value ? 0xff : 0);
}

/** NULL. */
export function encodeNull(): Uint8Array {
  return Uint8Array.of(TAG.null, 0);
}

/** OCTET STRING. */
export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeElement(TAG.octetString, bytes);
}

/** BIT STRING. `unusedBits` of the last octet (0 to 7) do not count and must be zero. */
export function encodeBitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return encodeElement(TAG.bitString, Uint8Array.of(unusedBits), bytes);
}

/** BIT STRING of named bits, in bit order, without trailing zeros (X.690 §11.2.2). */
export function encodeNamedBits(bits: readonly boolean[]): Uint8Array {
  const count = bits.lastIndexOf(true) + 1;
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    if (bits[i] === true) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (0x80 >> (i & 7));
  }
  return encodeBitString(bytes, bytes.length * 8 - count);
}

/** Elements of OIDs written before. What we write holds the same few again and again. */
const oidElements = new Map<string, Uint8Array>();
const MAX_OID_ELEMENTS = 256;

/** OBJECT IDENTIFIER from dotted decimal. Refuses (DER_UNEXPECTED) text that is none. */
export function encodeOidElement(text: string): Uint8Array {
  const known = oidElements.get(text);
  if (known !== undefined) return known;
  const content = encodeOid(text);
  if (content === undefined) {
    throw new CountersignError('DER_UNEXPECTED', `Cannot write DER: OBJECT IDENTIFIER: "${text}" is not one`);
  }
  const element = encodeElement(TAG.oid, content);
  if (oidElements.size < MAX_OID_ELEMENTS) oidElements.set(text, element);
  return element;
}

/** UTF8String. */
export function encodeUtf8String(text: string): Uint8Array {
  return encodeElement(TAG.utf8String, utf8(text));
}

/** Octets of text whose characters are all below 128, for the caller to tag. Refuses (DER_UNEXPECTED) any other. */
export function asciiOctets(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      throw new CountersignError('DER_UNEXPECTED', `Cannot write DER: "${text}": character ${i} is not ASCII`);
    }
    octets[i] = code;
  }
  return octets;
}

/** Time as RFC 5280 §4.1.2.5 wants it: UTCTime for the years 1950 to 2049, else GeneralizedTime. Refuses years past 9999. */
export function encodeTime(seconds: UnixSeconds): Uint8Array {
  const { year, month, day, hour, minute, second } = civilTimeOf(seconds);
  if (year < 0 || year > 9999) throw new CountersignError('DER_UNEXPECTED', `Cannot write DER: year ${year}`);
  const isUtc = year >= 1950 && year < 2050;
  const der = new Uint8Array(isUtc ? 15 : 17);
  der[0] = isUtc ? TAG.utcTime : TAG.generalizedTime;
  der[1] = der.length - 2;
  let at = 2;
  if (!isUtc) at = putTwoDigits(der, at, Math.floor(year / 100));
  at = putTwoDigits(der, at, year % 100);
  at = putTwoDigits(der, at, month);
  at = putTwoDigits(der, at, day);
  at = putTwoDigits(der, at, hour);
  at = putTwoDigits(der, at, minute);
  at = putTwoDigits(der, at, second);
  der[at] = 0x5a; // Z
  return der;
}

function putTwoDigits(der: Uint8Array, at: number, value: number): number {
  der[at] = 0x30 + Math.floor(value / 10);
  der[at + 1] = 0x30 + (value % 10);
  return at + 2;
}

/** Explicit context tag around elements. */
export function encodeExplicit(number: number, ...elements: readonly Uint8Array[]): Uint8Array {
  return encodeParts(contextConstructedTag(number), elements);
}

/** Implicit context tag of a primitive type, over its content octets. */
export function encodeImplicit(number: number, content: Uint8Array): Uint8Array {
  return encodeElement(contextTag(number), content);
}
