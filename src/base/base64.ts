const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 255;
const VALUES: Uint8Array = buildValues();

function buildValues(): Uint8Array {
  const values = new Uint8Array(256).fill(INVALID);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
}

/** What decoding base64 gives: the bytes, or the offset in the text of the first thing that is wrong with it. */
export type Base64Result =
  { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'invalid'; readonly offset: number };

/** Standard base64 with padding (RFC 4648 §4), without line breaks. */
export function toBase64(bytes: Uint8Array): string {
  // Octets of ASCII, decoded at once: a string grown character by character costs ten times as much.
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const quantum = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = DIGITS[quantum >> 18] ?? 0;
    text[at++] = DIGITS[(quantum >> 12) & 63] ?? 0;
    text[at++] = DIGITS[(quantum >> 6) & 63] ?? 0;
    text[at++] = DIGITS[quantum & 63] ?? 0;
  }
  const padding = (3 - (bytes.length % 3)) % 3;
  text.fill(0x3d, at - padding);
  return asciiDecoder.decode(text);
}

const DIGITS: Uint8Array = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
const asciiDecoder = new TextDecoder();

/** Unpadded URL-safe base64 (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * Decodes standard base64 with padding, as Go's base64.StdEncoding does: CR and LF are skipped anywhere, everything
 * else outside the alphabet is refused, padding is required and nothing may follow it. Trailing bits are ignored, as
 * Go ignores them. Linear time.
 */
export function decodeBase64(text: string): Base64Result {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4) + 3);
  let length = 0;
  let quantum = 0;
  let digits = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) continue;
    const value = code < 256 ? (VALUES[code] ?? INVALID) : INVALID;
    if (value === INVALID) break;
    quantum = (quantum << 6) | value;
    digits++;
    if (digits === 4) {
      bytes[length++] = quantum >> 16;
      bytes[length++] = (quantum >> 8) & 255;
      bytes[length++] = quantum & 255;
      quantum = 0;
      digits = 0;
    }
  }
  if (at === text.length) {
    return digits === 0
      ? { kind: 'bytes', bytes: bytes.subarray(0, length) }
      : { kind: 'invalid', offset: text.length - digits };
  }
  const end = endOfPadding(text, at, digits);
  if (end !== undefined) return { kind: 'invalid', offset: end };
  if (digits === 2) bytes[length++] = quantum >> 4;
  if (digits === 3) {
    bytes[length++] = quantum >> 10;
    bytes[length++] = (quantum >> 2) & 255;
  }
  return { kind: 'bytes', bytes: bytes.subarray(0, length) };
}

/** Checks the padding that starts at `at` after `digits` digits of a quantum; the answer is where it is wrong. */
function endOfPadding(text: string, at: number, digits: number): number | undefined {
  if (text[at] !== '=' || digits < 2) return at;
  let missing = 4 - digits;
  for (let i = at; i < text.length; i++) {
    const c = text[i];
    if (c === '\n' || c === '\r') continue;
    // Go blames the character before what stands where the second padding character should
    if (c !== '=') return missing === 0 ? i : i - 1;
    if (missing === 0) return i;
    missing--;
  }
  return missing === 0 ? undefined : text.length;
}

/** Bytes of URL-safe base64 without padding; undefined where it is not. */
export function parseBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4);
  const decoded = decodeBase64(padded);
  return decoded.kind === 'bytes' ? decoded.bytes : undefined;
}
