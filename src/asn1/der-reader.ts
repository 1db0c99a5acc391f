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
  #depth: number;
  #at: number;
  #contentStart = 0;

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
    const identifier = this.#skim(tag);
    return { tag: identifier, start, contentStart: this.#contentStart, end: this.#at };
  }

  /** Moves past the next element, whose content then lies from #contentStart to #at; answers its identifier octet. */
  #skim(tag?: number): number {
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
    this.#contentStart = contentStart;
    this.#at = end;
    return identifier;
  }

  /** The content of the element just skimmed. */
  #skimmed(): Uint8Array {
    return this.#bytes.subarray(this.#contentStart, this.#at);
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
    return this.#within(element.start, element.contentStart, element.end);
  }

  #within(start: number, contentStart: number, end: number): DerReader {
    if (this.#depth <= 0) throw new DerError('too-deep', start);
    const inner = new DerReader(this.#bytes, UNLIMITED);
    inner.#depth = this.#depth - 1;
    inner.#at = contentStart;
    inner.#end = end;
    return inner;
  }

  /** A reader of the next element, which must have identifier octet `tag`. */
  constructed(tag: number): DerReader {
    const start = this.#at;
    this.#skim(tag);
    return this.#within(start, this.#contentStart, this.#at);
  }

  /** A reader of the SEQUENCE that comes next. */
  sequence(): DerReader {
    return this.constructed(TAG.sequence);
  }

  /** A reader of the SET that comes next. Its order is not checked: checkDer does. */
  set(): DerReader {
    return this.constructed(TAG.set);
  }

  /** A reader of what explicit context tag `number` holds, where it comes next; undefined where it does not. */
  optionalExplicit(number: number): DerReader | undefined {
    const tag = contextConstructedTag(number);
    return this.peekTag() === tag ? this.constructed(tag) : undefined;
  }

  /** The next element with its header. */
  element(tag?: number): Uint8Array {
    const start = this.#at;
    this.#skim(tag);
    return this.#bytes.subarray(start, this.#at);
  }

  /** INTEGER: its content octets, two's complement, big-endian. */
  integer(tag: number = TAG.integer): Uint8Array {
    const start = this.#at;
    this.#skim(tag);
    const problem = integerProblem(this.#bytes, this.#contentStart, this.#at);
    if (problem !== undefined) throw new DerError(problem, start);
    return this.#skimmed();
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
    const start = this.#at;
    this.#skim(TAG.boolean);
    if (!isBoolean(this.#bytes, this.#contentStart, this.#at)) throw new DerError('boolean', start);
    return this.#bytes[this.#contentStart] === 0xff;
  }

  /** NULL. */
  null(): void {
    const start = this.#at;
    this.#skim(TAG.null);
    if (this.#at !== this.#contentStart) throw new DerError('null', start);
  }

  /** OCTET STRING. */
  octetString(): Uint8Array {
    this.#skim(TAG.octetString);
    return this.#skimmed();
  }

  /** BIT STRING. Unused bits must be zero. */
  bitString(): BitString {
    const start = this.#at;
    this.#skim(TAG.bitString);
    const problem = bitStringProblem(this.#bytes, this.#contentStart, this.#at);
    if (problem !== undefined) throw new DerError(problem, start);
    const unusedBits = this.#bytes[this.#contentStart] ?? 0;
    return { unusedBits, bytes: this.#bytes.subarray(this.#contentStart + 1, this.#at) };
  }

  /** OBJECT IDENTIFIER as dotted decimal. */
  oid(): string {
    this.#skim(TAG.oid);
    return decodeOid(this.#bytes, this.#contentStart, this.#at);
  }

  /** UTCTime or GeneralizedTime. */
  time(form: TimeForm = 'der'): UnixSeconds {
    const start = this.#at;
    const tag = this.#skim();
    let time: UnixSeconds | undefined;
    if (tag === TAG.utcTime) time = parseUtcTime(this.#skimmed(), form);
    else if (tag === TAG.generalizedTime) time = parseGeneralizedTime(this.#skimmed(), form);
    else throw new DerError('unexpected-tag', start);
    if (time === undefined) throw new DerError('time', start);
    return time;
  }

  /**
   * Visits all elements from here to the end, depth first, without making anything of them: `visit` gets the identifier
   * octet, where the element and its content start, and where it ends.
   */
  walk(visit: DerVisitor): void {
    const end = this.#end;
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#skim();
      const contentStart = this.#contentStart;
      const next = this.#at;
      visit(tag, start, contentStart, next);
      if ((tag & 0x20) === 0) continue;
      if (this.#depth <= 0) throw new DerError('too-deep', start);
      this.#depth--;
      this.#at = contentStart;
      this.#end = next;
      this.walk(visit);
      this.#end = end;
      this.#depth++;
    }
  }
}

/** What walk() calls for each element. */
export type DerVisitor = (tag: number, start: number, contentStart: number, end: number) => void;

const UNLIMITED: DerLimits = { maxBytes: Number.POSITIVE_INFINITY };

/** What is wrong with the content of an INTEGER (X.690 §8.3): no octets, or nine leading bits alike. */
export function integerProblem(bytes: Uint8Array, start = 0, end: number = bytes.length): DerProblem | undefined {
  if (start === end) return 'empty-integer';
  if (start + 1 === end) return undefined;
  const first = bytes[start] ?? 0;
  const second = bytes[start + 1] ?? 0;
  const superfluous = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  return superfluous ? 'non-minimal-integer' : undefined;
}

/** Whether content is that of a BOOLEAN (X.690 §11.1). */
export function isBoolean(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  return end - start === 1 && (bytes[start] === 0 || bytes[start] === 0xff);
}

/** What is wrong with the content of a BIT STRING (X.690 §11.2.1): no count, a count above 7, unused bits that are set. */
export function bitStringProblem(bytes: Uint8Array, start = 0, end: number = bytes.length): DerProblem | undefined {
  if (start === end) return 'bit-string-empty';
  const unused = bytes[start] ?? 0;
  if (unused > 7 || (end - start === 1 && unused > 0)) return 'bit-string-padding';
  const last = end - start === 1 ? 0 : (bytes[end - 1] ?? 0);
  return (last & ((1 << unused) - 1)) === 0 ? undefined : 'bit-string-padding';
}
