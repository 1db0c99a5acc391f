import { DerError } from './der-error.js';

/** Arcs above this are refused, as Go refuses them. */
const MAX_ARC = 0x7fffffff;

/**
 * Dotted text of the content octets of an OBJECT IDENTIFIER (X.690 §8.19). Refuses no octets, an arc that starts with
 * 80, an arc that is cut off, and arcs of 2^31 or more. `offset` is where the content lies, for the error.
 */
export function decodeOid(content: Uint8Array, offset = 0): string {
  if (content.length === 0) throw new DerError('oid-empty', offset);
  let text = '';
  let arc = 0;
  let octets = 0;
  for (let i = 0; i < content.length; i++) {
    const octet = content[i] ?? 0;
    if (octets === 0 && octet === 0x80) throw new DerError('oid-not-minimal', offset + i);
    if (octets === 5) throw new DerError('oid-too-large', offset + i);
    arc = arc * 128 + (octet & 0x7f);
    octets++;
    if (octet >= 0x80) continue;
    if (arc > MAX_ARC) throw new DerError('oid-too-large', offset + i);
    text += text === '' ? firstTwoArcs(arc) : `.${arc}`;
    arc = 0;
    octets = 0;
  }
  if (octets !== 0) throw new DerError('oid-truncated', offset + content.length);
  return text;
}

/** The first number of an encoding holds two arcs: 40 times the first plus the second, where the first is 0, 1 or 2. */
function firstTwoArcs(value: number): string {
  if (value < 40) return `0.${value}`;
  if (value < 80) return `1.${value - 40}`;
  return `2.${value - 80}`;
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
