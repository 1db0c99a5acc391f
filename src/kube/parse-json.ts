import { CountersignError } from '../base/error.js';

/**
 * How deeply arrays and objects may nest. Go stops at 10,000, but here the stack ends at a few thousand, and nothing
 * real comes near either.
 */
export const MAX_JSON_DEPTH = 200;

/** Whether arrays and objects nest more deeply than text that `parseJson` takes. Iterative. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return true;
    const inner: unknown[] = [];
    for (const part of level) {
      if (typeof part === 'object' && part !== null) {
        for (const item of Object.values(part) as readonly unknown[]) {
          if (typeof item === 'object' && item !== null) inner.push(item);
        }
      }
    }
    level = inner;
  }
  return false;
}

/**
 * Parses JSON text, as Go's encoding/json takes it: no byte-order mark, no comments, one value. Throws OBJECT_MALFORMED
 * with the words of Go's parser, such as `unexpected end of JSON input`. A name `__proto__` becomes a plain own property.
 */
export function parseJson(text: string): unknown {
  if (text.length > 2 * MAX_JSON_DEPTH && nestsTooDeeply(text)) {
    throw new CountersignError('OBJECT_MALFORMED', 'exceeded max depth');
  }
  try {
    // JSON.parse answers `any`; nothing has been proved about it yet.
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CountersignError('OBJECT_MALFORMED', new SyntaxCheck(text).firstProblem(), { cause });
  }
}

/** The index of the quote that ends a string whose content starts at `start`; the text's length where none does. */
export function endOfString(text: string, start: number): number {
  for (let at = start; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slash = at;
    while (slash > start && text.charCodeAt(slash - 1) === 92) slash--;
    if ((at - slash) % 2 === 0) return at;
  }
}

function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) i = endOfString(text, i + 1);
    else if (code === 123 || code === 91) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (code === 125 || code === 93) depth--;
  }
  return false;
}

type Place = 'value' | 'first key or end' | 'key' | 'colon' | 'after value' | 'first element or end';

/** Finds out what is wrong with text that is no JSON: a strict reader that keeps nothing. Linear time. */
class SyntaxCheck {
  readonly #text: string;
  readonly #open: ('{' | '[')[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The problem; Go's own last resort where none is found. */
  firstProblem(): string {
    let place: Place = 'value';
    for (;;) {
      this.#skipSpace();
      const c = this.#text.charAt(this.#at);
      if (c === '') return this.#isWhole(place) ? 'invalid JSON' : END;
      if (place === 'after value') {
        const next = this.#afterValue(c);
        if (typeof next === 'object') return next.problem;
        place = next;
      } else if (place === 'colon') {
        if (c !== ':') return this.#wrong('after object key');
        this.#at++;
        place = 'value';
      } else if (place === 'key' || place === 'first key or end') {
        if (c === '}' && place === 'first key or end') place = this.#close();
        else if (c !== '"') return this.#wrong('looking for beginning of object key string');
        else {
          const problem = this.#string();
          if (problem !== undefined) return problem;
          place = 'colon';
        }
      } else {
        if (c === ']' && place === 'first element or end') {
          place = this.#close();
          continue;
        }
        const next = this.#value(c);
        if (typeof next === 'object') return next.problem;
        place = next;
      }
    }
  }

  #isWhole(place: Place): boolean {
    return place === 'after value' && this.#open.length === 0;
  }

  #close(): Place {
    this.#open.pop();
    this.#at++;
    return 'after value';
  }

  #afterValue(c: string): Place | { readonly problem: string } {
    const inside = this.#open.at(-1);
    if (inside === undefined) return { problem: this.#wrong('after top-level value') };
    if (c === (inside === '{' ? '}' : ']')) return this.#close();
    if (c !== ',')
      return { problem: this.#wrong(inside === '{' ? 'after object key:value pair' : 'after array element') };
    this.#at++;
    return inside === '{' ? 'key' : 'value';
  }

  #value(c: string): Place | { readonly problem: string } {
    if (c === '{' || c === '[') {
      this.#open.push(c);
      this.#at++;
      return c === '{' ? 'first key or end' : 'first element or end';
    }
    const problem =
      c === '"'
        ? this.#string()
        : c === 't'
          ? this.#literal('true')
          : c === 'f'
            ? this.#literal('false')
            : c === 'n'
              ? this.#literal('null')
              : c === '-' || isDigit(c)
                ? this.#number()
                : this.#wrong('looking for beginning of value');
    return problem === undefined ? 'after value' : { problem };
  }

  #literal(word: string): string | undefined {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text.charAt(this.#at) !== word.charAt(i)) {
        return this.#wrong(`in literal ${word} (expecting '${word.charAt(i)}')`);
      }
    }
    this.#at++;
    return undefined;
  }

  #string(): string | undefined {
    for (this.#at++; ; this.#at++) {
      const c = this.#text.charAt(this.#at);
      if (c === '') return END;
      if (c === '"') break;
      if (c < ' ') return this.#wrong('in string literal');
      if (c !== '\\') continue;
      const escaped = this.#text.charAt(++this.#at);
      if (escaped === 'u') {
        for (let i = 0; i < 4; i++) {
          this.#at++;
          if (!/^[0-9a-fA-F]$/.test(this.#text.charAt(this.#at))) {
            return this.#wrong('in \\u hexadecimal character escape');
          }
        }
      } else if (escaped === '' || !'"\\/bfnrt'.includes(escaped)) return this.#wrong('in string escape code');
    }
    this.#at++;
    return undefined;
  }

  #number(): string | undefined {
    if (this.#text.charAt(this.#at) === '-') this.#at++;
    if (this.#text.charAt(this.#at) === '0') this.#at++;
    else if (!this.#digits()) return this.#wrong('in numeric literal');
    if (this.#text.charAt(this.#at) === '.') {
      this.#at++;
      if (!this.#digits()) return this.#wrong('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.#text.charAt(this.#at))) {
      this.#at++;
      if (/^[+-]$/.test(this.#text.charAt(this.#at))) this.#at++;
      if (!this.#digits()) return this.#wrong('in exponent of numeric literal');
    }
    return undefined;
  }

  #digits(): boolean {
    const start = this.#at;
    while (isDigit(this.#text.charAt(this.#at))) this.#at++;
    return this.#at > start;
  }

  #skipSpace(): void {
    while (/^[ \t\r\n]$/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #wrong(where: string): string {
    const c = this.#text.codePointAt(this.#at);
    return c === undefined ? END : `invalid character ${quoteByte(firstByte(c))} ${where}`;
  }
}

const END = 'unexpected end of JSON input';

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9' && c.length === 1;
}

/** Go reads bytes: of a character beyond ASCII it names the first. */
function firstByte(codePoint: number): number {
  if (codePoint < 0x80) return codePoint;
  if (codePoint < 0x800) return 0xc0 | (codePoint >> 6);
  return codePoint < 0x10000 ? 0xe0 | (codePoint >> 12) : 0xf0 | (codePoint >> 18);
}

const NAMED: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  39: "\\'",
  92: '\\\\',
};

function quoteByte(byte: number): string {
  const named = NAMED[byte];
  if (named !== undefined) return `'${named}'`;
  return byte < 32 || byte === 127 ? `'\\x${byte.toString(16).padStart(2, '0')}'` : `'${String.fromCharCode(byte)}'`;
}
