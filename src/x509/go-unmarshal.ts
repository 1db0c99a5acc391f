import { bitStringProblem, integerProblem, type BitString } from '../asn1/der-reader.js';
import { DerError, type DerProblem } from '../asn1/der-error.js';
import { decodeOid } from '../asn1/oid.js';
import { CountersignError } from '../base/error.js';

/**
 * Reads DER as Go's encoding/asn1 does, which is how kube-apiserver reads a PKCS#10 request: what it takes is taken, what
 * it refuses is refused (REQUEST_INVALID) with its words. It is laxer than DER in places (tag numbers above 30, elements
 * after the last expected one, SET OF in any order); checkDer sees those.
 */
export class GoReader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#at = start;
  }

  get isEmpty(): boolean {
    return this.#at === this.#end;
  }

  /** The next element, whatever it is. */
  any(): GoElement {
    return this.#body(this.#header());
  }

  /** The next element, which must be of universal type `tag`. `type` is the Go type that reads it, for the error. */
  expect(tag: number, compound: boolean, type: string): GoElement {
    const header = this.#header();
    if (header.tagClass !== 0 || header.tag !== tag || header.compound !== compound) {
      throw this.#tagsDiffer(tag, header, 'tag:<nil>', false, type);
    }
    return this.#body(header);
  }

  /** The next element, which must be a SET, where Go's field says so. */
  expectSet(): GoElement {
    const header = this.#header();
    if (header.tagClass !== 0 || header.tag !== 17 || !header.compound) {
      throw this.#tagsDiffer(17, header, 'tag:<nil>', true, '');
    }
    return this.#body(header);
  }

  /** The next element, which must be constructed under context tag `number`. */
  expectContext(number: number): GoElement {
    const header = this.#header();
    if (header.tagClass !== 2 || header.tag !== number || !header.compound) {
      throw this.#tagsDiffer(number, header, 'tag:0xc000000000', false, '');
    }
    return this.#body(header);
  }

  /** Whether the next element is of universal type `tag`. */
  isNext(tag: number): boolean {
    return this.#at < this.#end && this.#bytes[this.#at] === tag;
  }

  /** A reader of what an element holds. */
  enter(element: GoElement): GoReader {
    return new GoReader(this.#bytes, element.contentStart, element.end);
  }

  content(element: GoElement): Uint8Array {
    return this.#bytes.subarray(element.contentStart, element.end);
  }

  der(element: GoElement): Uint8Array {
    return this.#bytes.subarray(element.start, element.end);
  }

  /** The elements of a list of one universal type; Go checks all headers before it reads the first element. */
  list(tag?: number): readonly GoElement[] {
    const elements: GoElement[] = [];
    while (!this.isEmpty) {
      const header = this.#header();
      if (tag !== undefined && (header.tagClass !== 0 || !header.compound || header.tag !== tag)) {
        throw structureError('sequence tag mismatch');
      }
      if (header.end > this.#end) throw syntaxError('truncated sequence');
      elements.push(this.#body(header));
    }
    return elements;
  }

  oid(): string {
    const { contentStart, end } = this.expect(6, false, 'ObjectIdentifier');
    return goOid(this.#bytes, contentStart, end);
  }

  bitString(): BitString {
    const content = this.content(this.expect(3, false, 'BitString'));
    const problem = bitStringProblem(content);
    if (problem !== undefined) throw goError(problem);
    return { unusedBits: content[0] ?? 0, bytes: content.subarray(1) };
  }

  /** INTEGER of at most 64 bits. */
  integer(): void {
    checkGoInteger(this.content(this.expect(2, false, 'int')));
  }

  #header(): GoHeader {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start === this.#end) throw syntaxError('sequence truncated');
    const identifier = bytes[start] ?? 0;
    let at = start + 1;
    let tag = identifier & 0x1f;
    if (tag === 0x1f) {
      const high = this.#highTag(at);
      tag = high.tag;
      at = high.next;
    }
    if (at >= this.#end) throw syntaxError('truncated tag or length');
    const first = bytes[at++] ?? 0;
    let length = first;
    if (first >= 0x80) {
      length = this.#longLength(at, first & 0x7f);
      at += first & 0x7f;
    }
    const compound = (identifier & 0x20) !== 0;
    return { tagClass: identifier >> 6, compound, tag, start, contentStart: at, length, end: at + length };
  }

  #highTag(from: number): { readonly tag: number; readonly next: number } {
    let tag = 0;
    for (let at = from; at < this.#end; at++) {
      const octet = this.#bytes[at] ?? 0;
      if (at - from === 5) throw goError('tag-too-large');
      if (at === from && octet === 0x80) throw goError('oid-not-minimal');
      tag = tag * 128 + (octet & 0x7f);
      if (octet >= 0x80) continue;
      if (tag > 0x7fffffff) throw goError('tag-too-large');
      if (tag < 0x1f) throw goError('non-minimal-tag');
      return { tag, next: at + 1 };
    }
    throw goError('tag-truncated');
  }

  #longLength(from: number, count: number): number {
    if (count === 0) throw goError('indefinite-length');
    let length = 0;
    for (let at = from; at < from + count; at++) {
      if (at >= this.#end) throw goError('truncated-header');
      if (length >= 1 << 23) throw goError('length-too-large');
      length = length * 256 + (this.#bytes[at] ?? 0);
      if (length === 0) throw goError('leading-zero-length');
    }
    if (length < 0x80) throw goError('non-minimal-length');
    return length;
  }

  #body(header: GoHeader): GoElement {
    if (header.end > this.#end) throw goError('truncated-content');
    this.#at = header.end;
    return header;
  }

  #tagsDiffer(expected: number, header: GoHeader, tag: string, set: boolean, type: string): CountersignError {
    const found = `{class:${header.tagClass} tag:${header.tag} length:${header.length} isCompound:${header.compound}}`;
    const parameters =
      `{optional:false explicit:false application:false private:false defaultValue:<nil> ${tag} ` +
      `stringType:0 timeType:0 set:${set} omitEmpty:false}`;
    const offset = header.contentStart - this.#start;
    return structureError(`tags don't match (${expected} vs ${found}) ${parameters} ${type} @${offset}`);
  }
}

/** An element by its header. */
interface GoHeader {
  readonly tagClass: number;
  readonly compound: boolean;
  readonly tag: number;
  readonly start: number;
  readonly contentStart: number;
  readonly length: number;
  readonly end: number;
}

/** An element that lies wholly within what is read. */
export type GoElement = GoHeader;

/** OBJECT IDENTIFIER content, with Go's words for what is wrong. */
export function goOid(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  try {
    return decodeOid(bytes, start, end);
  } catch (error) {
    if (error instanceof DerError) throw goError(error.problem);
    throw error;
  }
}

/** Refuses INTEGER content that does not fit Go's int64. */
export function checkGoInteger(content: Uint8Array): void {
  const problem = integerProblem(content);
  if (problem !== undefined) throw goError(problem);
  if (content.length > 8) throw structureError('integer too large');
}

/** Refuses a BIT STRING's content. */
export function checkGoBitString(content: Uint8Array): void {
  const problem = bitStringProblem(content);
  if (problem !== undefined) throw goError(problem);
}

function refusal(text: string): CountersignError<'REQUEST_INVALID'> {
  return new CountersignError('REQUEST_INVALID', text);
}

/** Go's asn1.SyntaxError. */
export function syntaxError(detail: string): CountersignError<'REQUEST_INVALID'> {
  return refusal(`asn1: syntax error: ${detail}`);
}

/** Go's asn1.StructuralError. */
export function structureError(detail: string): CountersignError<'REQUEST_INVALID'> {
  return refusal(`asn1: structure error: ${detail}`);
}

function goError(problem: DerProblem): CountersignError<'REQUEST_INVALID'> {
  switch (problem) {
    case 'indefinite-length':
      return syntaxError('indefinite length found (not DER)');
    case 'leading-zero-length':
      return structureError('superfluous leading zeros in length');
    case 'non-minimal-length':
      return structureError('non-minimal length');
    case 'length-too-large':
      return structureError('length too large');
    case 'non-minimal-tag':
      return syntaxError('non-minimal tag');
    case 'truncated-header':
      return syntaxError('truncated tag or length');
    case 'empty-integer':
      return structureError('empty integer');
    case 'non-minimal-integer':
      return structureError('integer not minimally-encoded');
    case 'boolean':
      return syntaxError('invalid boolean');
    case 'bit-string-empty':
      return syntaxError('zero length BIT STRING');
    case 'bit-string-padding':
      return syntaxError('invalid padding bits in BIT STRING');
    case 'oid-empty':
      return syntaxError('zero length OBJECT IDENTIFIER');
    case 'oid-not-minimal':
      return syntaxError('integer is not minimally encoded');
    case 'oid-truncated':
    case 'tag-truncated':
      return syntaxError('truncated base 128 integer');
    case 'oid-too-large':
    case 'tag-too-large':
      return structureError('base 128 integer too large');
    default:
      return syntaxError('data truncated');
  }
}
