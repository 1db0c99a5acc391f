import { decodeBase64, toBase64 } from '../base/base64.js';
import { CountersignError } from '../base/error.js';

/** One PEM block. Header names and values are trimmed; of a repeated name the last value wins, as in Go. */
export interface PemBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** Where reading PEM stops. */
export interface PemLimits {
  /** Largest text taken, in octets (in characters, for a string). Default 1 MiB. */
  readonly maxBytes?: number;
  /** Most blocks taken. Default 1000. */
  readonly maxBlocks?: number;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';
const NO_HEADERS: ReadonlyMap<string, string> = new Map();
const latin1 = new TextDecoder('latin1');

/**
 * Every well-formed block, in order, by the rules of Go's encoding/pem: malformed blocks and lone BEGIN lines are skipped.
 * Linear in the length of the text. Refuses (PEM_TOO_LARGE) what exceeds the limits.
 */
export function decodePem(text: string | Uint8Array, limits: PemLimits = {}): readonly PemBlock[] {
  const maxBlocks = limits.maxBlocks ?? 1000;
  const blocks: PemBlock[] = [];
  const source = pemText(text, limits);
  let next = nextBlock(source, 0);
  while (next !== undefined) {
    if (blocks.length === maxBlocks) {
      throw new CountersignError('PEM_TOO_LARGE', `Cannot read PEM: more than ${maxBlocks} blocks`);
    }
    blocks.push(next.block);
    next = nextBlock(source, next.end);
  }
  return blocks;
}

/** The first well-formed block; undefined where there is none. What follows it is not looked at. */
export function firstPemBlock(text: string | Uint8Array, limits: PemLimits = {}): PemBlock | undefined {
  return nextBlock(pemText(text, limits), 0)?.block;
}

function pemText(text: string | Uint8Array, limits: PemLimits): string {
  const maxBytes = limits.maxBytes ?? 1 << 20;
  if (text.length > maxBytes) {
    throw new CountersignError('PEM_TOO_LARGE', `Cannot read PEM: ${text.length} octets, at most ${maxBytes}`);
  }
  // Octets above 127 are no part of any block, so it does not matter which characters they become.
  return typeof text === 'string' ? text : latin1.decode(text);
}

interface Line {
  /** Without the line break and the blanks before it. */
  readonly text: string;
  readonly next: number;
}

function lineAt(source: string, at: number): Line {
  const newline = source.indexOf('\n', at);
  let end = newline < 0 ? source.length : newline;
  const next = newline < 0 ? source.length : newline + 1;
  if (newline > at && source[newline - 1] === '\r') end--;
  while (end > at && (source[end - 1] === ' ' || source[end - 1] === '\t')) end--;
  return { text: source.slice(at, end), next };
}

/**
 * The first well-formed block at or after `from`, and where to go on. Each round starts past the END line of the round
 * before, and looks back for a BEGIN no further than that, which keeps the whole linear.
 */
function nextBlock(source: string, from: number): { readonly block: PemBlock; readonly end: number } | undefined {
  let at = from;
  for (;;) {
    const end = source.indexOf(END, at);
    if (end < 0) return undefined;
    const trailer = end + END.length;
    const begin = source.slice(at, end).lastIndexOf(BEGIN);
    if (begin < 0 || (begin > 0 && source[at + begin - 1] !== '\n')) {
      at = trailer;
      continue;
    }
    const typeLine = lineAt(source, at + begin + BEGIN.length);
    const body = bodyOf(source, typeLine, end);
    if (body === 'nothing-left') return undefined;
    if (body !== undefined) return body;
    at = trailer;
  }
}

function bodyOf(
  source: string,
  typeLine: Line,
  end: number,
): { readonly block: PemBlock; readonly end: number } | 'nothing-left' | undefined {
  if (!typeLine.text.endsWith(DASHES)) return undefined;
  const type = typeLine.text.slice(0, -DASHES.length);
  let headers: Map<string, string> | undefined;
  let at = typeLine.next;
  for (;;) {
    if (at >= source.length) return 'nothing-left';
    const line = lineAt(source, at);
    const colon = line.text.indexOf(':');
    if (colon < 0) break;
    headers ??= new Map();
    headers.set(line.text.slice(0, colon).trim(), line.text.slice(colon + 1).trim());
    at = line.next;
  }
  // Headers that run over the END line leave nothing that could be a block: Go stops there.
  if (end + END.length < at) return 'nothing-left';
  if (headers !== undefined && end < at) return undefined;
  const closing = type + DASHES;
  const trailer = end + END.length;
  if (!source.startsWith(closing, trailer)) return undefined;
  const rest = lineAt(source, trailer + closing.length);
  if (rest.text !== '') return undefined;
  const decoded = decodeBase64(end > at ? withoutBlanks(source.slice(at, end)) : '');
  if (decoded.kind === 'invalid') return undefined;
  return { block: { type, headers: headers ?? NO_HEADERS, bytes: decoded.bytes }, end: rest.next };
}

function withoutBlanks(text: string): string {
  return text.includes(' ') || text.includes('\t') ? text.replaceAll(' ', '').replaceAll('\t', '') : text;
}

/** A block with 64-column lines and a newline at the end. */
export function encodePem(type: string, der: Uint8Array): string {
  const base64 = toBase64(der);
  const lines: string[] = [`-----BEGIN ${type}-----`];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  lines.push(`-----END ${type}-----`, '');
  return lines.join('\n');
}
