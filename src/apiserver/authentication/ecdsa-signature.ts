/**
 * The two forms of an ECDSA signature: DER `SEQUENCE { r, s }` (RFC 3279 §2.2.3), as certificates and OpenSSL have it,
 * and r and s side by side at a fixed length (RFC 7518 §3.4), as tokens have it.
 */

/** The fixed-length form. Refuses with RangeError what no DER signature for `componentBytes` is: a defect of the signer. */
export function fixedFromDer(der: Uint8Array, componentBytes: number): Uint8Array {
  const sequence = readElement(der, 0, 0x30);
  const r = readElement(der, sequence.start, 0x02);
  const s = readElement(der, r.end, 0x02);
  if (sequence.end !== der.length || s.end !== der.length)
    throw new RangeError('Not an ECDSA signature: trailing data');
  const fixed = new Uint8Array(2 * componentBytes);
  putInteger(fixed, componentBytes, der.subarray(r.start, r.end));
  putInteger(fixed, 2 * componentBytes, der.subarray(s.start, s.end));
  return fixed;
}

/** The DER form of a fixed-length signature. */
export function derFromFixed(fixed: Uint8Array): Uint8Array {
  const half = fixed.length / 2;
  const r = encodeInteger(fixed.subarray(0, half));
  const s = encodeInteger(fixed.subarray(half));
  const length = r.length + s.length; // at most 2 * 69, so at most one length octet follows 0x81
  const head = length < 0x80 ? [0x30, length] : [0x30, 0x81, length];
  return Uint8Array.from([...head, ...r, ...s]);
}

function readElement(der: Uint8Array, at: number, tag: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const long = first === 0x81;
  const start = at + (long ? 3 : 2);
  const end = start + (long ? (der[at + 2] ?? 0) : first);
  if (der[at] !== tag || end > der.length || (first >= 0x80 && !long)) {
    throw new RangeError(`Not an ECDSA signature: bad element at offset ${at}`);
  }
  return { start, end };
}

function putInteger(into: Uint8Array, end: number, content: Uint8Array): void {
  const value = content.subarray(firstNonZero(content));
  if (value.length > into.length / 2) throw new RangeError('Not an ECDSA signature: number too large');
  into.set(value, end - value.length);
}

function encodeInteger(bytes: Uint8Array): Uint8Array {
  const value = bytes.subarray(Math.min(firstNonZero(bytes), bytes.length - 1));
  const sign = (value[0] ?? 0) >= 0x80 ? [0] : [];
  return Uint8Array.from([0x02, sign.length + value.length, ...sign, ...value]);
}

function firstNonZero(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte !== 0);
  return at < 0 ? bytes.length : at;
}
