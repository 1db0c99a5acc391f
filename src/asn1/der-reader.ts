import type { UnixSeconds } from '../base/clock.js';
import { DerError, type DerProblem } from './der-error.js';
import { parseGeneralizedTime, parseUtcTime, type TimeForm } from './der-time.js';
import { decodeOid } from './oid.js';
import { contextConstructedTag, TAG } from './tag.js';

/** How far a reader goes. */
export interface DerLimits {
  /** Largest input in octets. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Deepest nesting of readers. Default 24. */
  readonly maxDepth?: number;
}

/** BIT STRING: the octets, and how many bits of the last one do not count. */
export interface BitString {
  readonly unusedBits: number;
  readonly bytes: Uint8Array;
}

/** The place of one element in what is read. */
export interface DerElement {
  /** Identifier octet. */
  readonly tag: number;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

const DEFAULT_MAX_BYTES = 1 << 20;
const DEFAULT_MAX_DEPTH = 24;

/**
 * Reads DER (X.690) from front to back. Takes definite lengths in the fewest octets and tag numbers up to 30; each typed
 * read takes the one canonical form of its type. Every refusal is a DerError with the offset. Nothing is copied: what is
 * answered are views of the input.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  #end: number;
  readonly #depth: number;
  #at: number;

  constructor(bytes: Uint8Array, limits: DerLimits = {}) {
    if (bytes.length > (limits.maxBytes ?? DEFAULT_MAX_BYTES)) throw new DerError('too-large', 0);
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    this.#depth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;
  }

  /** Octets from the start of the input to the next element. */
  get offset(): number {
    return this.#at;
  }

  /** Whether nothing is left. */
  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** Identifier octet of the next element; undefined at the end. */
  peekTag(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at] : undefined;
  }

  /** Refuses anything that is left. */
  end(): void {
    if (this.#at !== this.#end) throw new DerError('trailing-data', this.#at);
  }

  /** Reads the next element, whatever it is, or only with identifier octet `tag`. */
  next(tag?: number): DerElement {
    const start = this.#at;
    const bytes = this.#bytes;
    if (start >= this.#end) throw new DerError('missing', start);
    const identifier = bytes[start] ?? 0;
    if ((identifier & 0x1f) === 0x1f) throw new DerError('high-tag', start);
    if (tag !== undefined && identifier !== tag) throw new DerError('unexpected-tag', start);
    if (start + 1 >= this.#end) throw new DerError('truncated-header', start);
    const first = bytes[start + 1] ?? 0;
    let contentStart = start + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      length = this.#longLength(start, count);
      contentStart += count;
    }
    const end = contentStart + length;
    if (end > this.#end) throw new DerError('truncated-content', start);
    this.#at = end;
    return { tag: identifier, start, contentStart, end };
  }

  /** Length in `count` octets (X.690 §10.1: the fewest that hold it). Summed in doubles, which do not overflow here. */
  #longLength(start: number, count: number): number {
    if (count === 0) throw new DerError('indefinite-length', start + 1);
    let length = 0;
    for (let i = start + 2; i < start + 2 + count; i++) {
      if (i >= this.#end) throw new DerError('truncated-header', start);
      length = length * 256 + (this.#bytes[i] ?? 0);
      if (length === 0) throw new DerError('leading-zero-length', start + 1);
      if (length > 0x7fffffff) throw new DerError('length-too-large', start + 1);
    }
    if (length < 0x80) throw new DerError('non-minimal-length', start + 1);
    return length;
  }

  /** Octets of an element with its header. */
  der(element: DerElement): Uint8Array {
    return this.#bytes.subarray(element.start, element.end);
  }

  /** Octets of an element without its header. */
  content(element: DerElement): Uint8Array {
    return this.#bytes.subarray(element.contentStart, element.end);
  }

  /** A reader of what is in a constructed element. */
  enter(element: DerElement): DerReader {
    if (this.#depth <= 0) throw new DerError('too-deep', element.start);
    const inner = new DerReader(this.#bytes, { maxBytes: this.#bytes.length, maxDepth: this.#depth - 1 });
    inner.#at = element.contentStart;
    inner.#end = element.end;
    return inner;
  }

  /** A reader of the next element, which must have identifier octet `tag`. */
  constructed(tag: number): DerReader {
    return this.enter(this.next(tag));
  }

  /** A reader of the SEQUENCE that comes next. */
  sequence(): DerReader {
    return this.enter(this.next(TAG.sequence));
  }

  /** A reader of the SET that comes next. Its order is not checked: checkDer does. */
  set(): DerReader {
    return this.enter(this.next(TAG.set));
  }

  /** A reader of what explicit context tag `number` holds, where it comes next; undefined where it does not. */
  optionalExplicit(number: number): DerReader | undefined {
    return this.peekTag() === contextConstructedTag(number) ? this.enter(this.next()) : undefined;
  }

  /** The next element with its header. */
  element(tag?: number): Uint8Array {
    return this.der(this.next(tag));
  }

  /** INTEGER: its content octets, two's complement, big-endian. */
  integer(tag: number = TAG.integer): Uint8Array {
    const element = this.next(tag);
    const content = this.content(element);
    const problem = integerProblem(content);
    if (problem !== undefined) throw new DerError(problem, element.start);
    return content;
  }

  /** INTEGER from 0 to `max` (at most 2^48). */
  smallInteger(max: number, tag: number = TAG.integer): number {
    const start = this.#at;
    const content = this.integer(tag);
    if (content.length > 7 || (content[0] ?? 0) >= 0x80) throw new DerError('integer-too-large', start);
    let value = 0;
    for (const octet of content) value = value * 256 + octet;
    if (value > max) throw new DerError('integer-too-large', start);
    return value;
  }

  /** BOOLEAN. */
  boolean(): boolean {
    const element = this.next(TAG.boolean);
    const content = this.content(element);
    if (!isBoolean(content)) throw new DerError('boolean', element.start);
    return content[0] === 0xff;
  }

  /** NULL. */
  null(): void {
    const element = this.next(TAG.null);
    if (element.end !== element.contentStart) throw new DerError('null', element.start);
  }

  /** OCTET STRING. */
  octetString(): Uint8Array {
    return this.content(this.next(TAG.octetString));
  }

  /** BIT STRING. Unused bits must be zero. */
  bitString(): BitString {
    const element = this.next(TAG.bitString);
    const content = this.content(element);
    const problem = bitStringProblem(content);
    if (problem !== undefined) throw new DerError(problem, element.start);
    return { unusedBits: content[0] ?? 0, bytes: content.subarray(1) };
  }

  /** OBJECT IDENTIFIER as dotted decimal. */
  oid(): string {
    const element = this.next(TAG.oid);
    return decodeOid(this.content(element), element.contentStart);
  }

  /** UTCTime or GeneralizedTime. */
  time(form: TimeForm = 'der'): UnixSeconds {
    const element = this.next();
    const content = this.content(element);
    let time: UnixSeconds | undefined;
    if (element.tag === TAG.utcTime) time = parseUtcTime(content, form);
    else if (element.tag === TAG.generalizedTime) time = parseGeneralizedTime(content, form);
    else throw new DerError('unexpected-tag', element.start);
    if (time === undefined) throw new DerError('time', element.start);
    return time;
  }
}

/** What is wrong with the content of an INTEGER (X.690 §8.3): no octets, or nine leading bits alike. */
export function integerProblem(content: Uint8Array): DerProblem | undefined {
  const first = content[0];
  const second = content[1];
  if (first === undefined) return 'empty-integer';
  if (second === undefined) return undefined;
  const superfluous = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  return superfluous ? 'non-minimal-integer' : undefined;
}

/** Whether content is that of a BOOLEAN (X.690 §11.1). */
export function isBoolean(content: Uint8Array): boolean {
  return content.length === 1 && (content[0] === 0 || content[0] === 0xff);
}

/** What is wrong with the content of a BIT STRING (X.690 §11.2.1): no count, a count above 7, unused bits that are set. */
export function bitStringProblem(content: Uint8Array): DerProblem | undefined {
  const unused = content[0];
  if (unused === undefined) return 'bit-string-empty';
  if (unused > 7 || (content.length === 1 && unused > 0)) return 'bit-string-padding';
  const last = content.length === 1 ? 0 : (content.at(-1) ?? 0);
  return (last & ((1 << unused) - 1)) === 0 ? undefined : 'bit-string-padding';
}
