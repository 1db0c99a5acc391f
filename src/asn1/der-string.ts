import { parseUtf8 } from '../base/bytes.js';
import { TAG } from './tag.js';

/** Character string types of ASN.1 that X.509 names occur in. */
export type DerStringType = 'utf8' | 'printable' | 'ia5' | 'teletex' | 'bmp' | 'universal' | 'numeric' | 'visible';

/** The string type that an identifier octet stands for; undefined where it is none. */
export function stringTypeOf(tag: number): DerStringType | undefined {
  switch (tag) {
    case TAG.utf8String:
      return 'utf8';
    case TAG.printableString:
      return 'printable';
    case TAG.ia5String:
      return 'ia5';
    case TAG.teletexString:
      return 'teletex';
    case TAG.bmpString:
      return 'bmp';
    case TAG.universalString:
      return 'universal';
    case TAG.numericString:
      return 'numeric';
    case TAG.visibleString:
      return 'visible';
    default:
      return undefined;
  }
}

/** Text of a character string; undefined where an octet is not of its type. Teletex is read as Latin-1, as Go does. */
export function decodeString(type: DerStringType, content: Uint8Array): string | undefined {
  switch (type) {
    case 'utf8':
      return asciiText(content) ?? parseUtf8(content);
    case 'ia5':
      return asciiText(content);
    case 'printable':
    case 'visible':
    case 'numeric':
      return isString(type, content) ? utf8Decoder.decode(content) : undefined;
    case 'teletex':
      return latin1(content);
    case 'bmp':
      return wideText(content, 2);
    case 'universal':
      return wideText(content, 4);
  }
}

/** Whether octets are of a string type, without making text of them where that can be told. */
export function isString(type: DerStringType, content: Uint8Array): boolean {
  switch (type) {
    case 'printable':
      return content.every(isPrintable);
    case 'ia5':
      return isAscii(content);
    case 'visible':
      return content.every((octet) => octet >= 0x20 && octet < 0x7f);
    case 'numeric':
      return content.every((octet) => octet === 0x20 || (octet >= 0x30 && octet <= 0x39));
    case 'teletex':
      return true;
    case 'utf8':
      return isAscii(content) || parseUtf8(content) !== undefined;
    case 'bmp':
    case 'universal':
      return decodeString(type, content) !== undefined;
  }
}

/** PrintableString (X.680 §41.4), and `*` and `&`, which certificates have always put there and Go takes. */
function isPrintable(octet: number): boolean {
  return isStrictlyPrintable(octet) || octet === 0x2a || octet === 0x26;
}

function isStrictlyPrintable(octet: number): boolean {
  return (
    (octet >= 0x61 && octet <= 0x7a) ||
    (octet >= 0x41 && octet <= 0x5a) ||
    (octet >= 0x30 && octet <= 0x39) ||
    (octet >= 0x27 && octet <= 0x29) ||
    (octet >= 0x2b && octet <= 0x2f) ||
    octet === 0x20 ||
    octet === 0x3a ||
    octet === 0x3d ||
    octet === 0x3f
  );
}

/** Whether text can be written as PrintableString without stretching its alphabet. */
export function isPrintableText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isStrictlyPrintable(text.charCodeAt(i))) return false;
  return true;
}

function isAscii(content: Uint8Array): boolean {
  for (let i = 0; i < content.length; i++) if ((content[i] ?? 0) >= 0x80) return false;
  return true;
}

/** Text of octets below 128; undefined where one is not. */
export function asciiText(content: Uint8Array): string | undefined {
  return isAscii(content) ? utf8Decoder.decode(content) : undefined;
}

const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function latin1(content: Uint8Array): string {
  const ascii = asciiText(content);
  if (ascii !== undefined) return ascii;
  let text = '';
  for (const octet of content) text += String.fromCharCode(octet);
  return text;
}

/** UCS-2 or UCS-4 text. Surrogates and noncharacters are refused, a terminating zero is dropped, as Go does. */
function wideText(content: Uint8Array, width: 2 | 4): string | undefined {
  if (content.length % width !== 0) return undefined;
  const points: number[] = [];
  for (let at = 0; at < content.length; at += width) {
    let point = 0;
    for (let i = at; i < at + width; i++) point = point * 256 + (content[i] ?? 0);
    const low = point % 0x10000;
    if (point > 0x10ffff || low === 0xfffe || low === 0xffff) return undefined;
    if ((point >= 0xd800 && point <= 0xdfff) || (point >= 0xfdd0 && point <= 0xfdef)) return undefined;
    points.push(point);
  }
  if (points.at(-1) === 0) points.pop();
  let text = '';
  for (const point of points) text += String.fromCodePoint(point);
  return text;
}
