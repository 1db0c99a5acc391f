import { DerError } from './der-error.js';

/** Arcs above this are refused, as Go refuses them. */
const MAX_ARC = 0x7fffffff;

/**
 * Dotted text of the content octets of an OBJECT IDENTIFIER (X.690 §8.19), which are those of `bytes` from `start` to before
 * `end`. Refuses (DerError) no octets, an arc that starts with 80, an arc that is cut off, and arcs of 2^31 or more.
 */
export function decodeOid(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const known = knownOid(bytes, start, end);
  if (known !== undefined) return known;
  checkOid(bytes, start, end);
  let text = '';
  let arc = 0;
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    text += text === '' ? firstTwoArcs(arc) : `.${arc}`;
    arc = 0;
  }
  return text;
}

/** Refuses (DerError) what decodeOid refuses, without making text. */
export function checkOid(bytes: Uint8Array, start: number, end: number): void {
  if (start === end) throw new DerError('oid-empty', start);
  let arc = 0;
  let octets = 0;
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    if (octets === 0 && octet === 0x80) throw new DerError('oid-not-minimal', i);
    if (octets === 5) throw new DerError('oid-too-large', i);
    arc = arc * 128 + (octet & 0x7f);
    octets++;
    if (octet >= 0x80) continue;
    if (arc > MAX_ARC) throw new DerError('oid-too-large', i);
    arc = 0;
    octets = 0;
  }
  if (octets !== 0) throw new DerError('oid-truncated', end);
}

/** The first number of an encoding holds two arcs: 40 times the first plus the second, where the first is 0, 1 or 2. */
function firstTwoArcs(value: number): string {
  if (value < 40) return `0.${value}`;
  if (value < 80) return `1.${value - 40}`;
  return `2.${value - 80}`;
}

/**
 * OIDs that nearly every certificate holds, by a number made of their octets: their text need not be made anew. Two of one
 * number would be compared octet by octet, so a stranger cannot pass for one of them.
 */
const KNOWN: ReadonlyMap<number, readonly { readonly octets: Uint8Array; readonly text: string }[]> = tabulate([
  ...['3', '5', '6', '7', '8', '9', '10', '11', '17'].map((arc) => `2.5.4.${arc}`),
  ...['14', '15', '17', '19', '30', '31', '32', '35', '37'].map((arc) => `2.5.29.${arc}`),
  ...['1', '2'].map((arc) => `1.3.6.1.5.5.7.3.${arc}`),
  ...['1', '5', '11', '12', '13'].map((arc) => `1.2.840.113549.1.1.${arc}`),
  '1.2.840.113549.1.9.14',
  '1.2.840.10045.2.1',
  '1.2.840.10045.3.1.7',
  ...['2', '3', '4'].map((arc) => `1.2.840.10045.4.3.${arc}`),
  '1.3.132.0.34',
  '1.3.132.0.35',
  '1.3.101.112',
]);

function tabulate(texts: readonly string[]): Map<number, { octets: Uint8Array; text: string }[]> {
  const table = new Map<number, { octets: Uint8Array; text: string }[]>();
  for (const text of texts) {
    const octets = encodeOid(text) ?? new Uint8Array();
    const number = numberOf(octets, 0, octets.length);
    table.set(number, [...(table.get(number) ?? []), { octets, text }]);
  }
  return table;
}

function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let number = end - start;
  for (let i = start; i < end; i++) number = (number * 31 + (bytes[i] ?? 0)) | 0;
  return number;
}

function knownOid(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > 10) return undefined;
  for (const { octets, text } of KNOWN.get(numberOf(bytes, start, end)) ?? []) {
    if (octets.length !== end - start) continue;
    let same = true;
    for (let i = 0; i < octets.length && same; i++) same = octets[i] === bytes[start + i];
    if (same) return text;
  }
  return undefined;
}

/** Content octets of an OBJECT IDENTIFIER; undefined where `text` is not dotted decimal of a possible one. */
export function encodeOid(text: string): Uint8Array | undefined {
  const arcs = text.split('.');
  const numbers: number[] = [];
  for (const arc of arcs) {
    if (!/^(?:0|[1-9][0-9]{0,9})$/.test(arc)) return undefined;
    const number = Number(arc);
    if (number > MAX_ARC) return undefined;
    numbers.push(number);
  }
  const [first, second, ...rest] = numbers;
  if (first === undefined || second === undefined || first > 2 || (first < 2 && second > 39)) return undefined;
  const head = first * 40 + second;
  if (head > MAX_ARC) return undefined;
  const octets: number[] = [];
  for (const number of [head, ...rest]) appendArc(octets, number);
  return Uint8Array.from(octets);
}

function appendArc(octets: number[], arc: number): void {
  const digits: number[] = [];
  let rest = arc;
  do {
    digits.push(rest % 128);
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  for (let i = digits.length - 1; i >= 0; i--) octets.push((digits[i] ?? 0) | (i === 0 ? 0 : 0x80));
}

/** Whether `text` is the dotted decimal form of an OBJECT IDENTIFIER that can be written. */
export function isOid(text: string): boolean {
  return encodeOid(text) !== undefined;
}
