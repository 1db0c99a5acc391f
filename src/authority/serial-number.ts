import type { Random } from '../base/bytes.js';

const SERIAL_BYTES = 16;

/**
 * A serial number of 128 random bits: positive and never zero (RFC 5280 §4.1.2.2), without leading zeros. Its DER
 * content has at most 17 octets, of 20 allowed. Random enough that nobody can predict the bytes before the signature.
 */
export function newSerialNumber(random: Random): Uint8Array {
  for (;;) {
    const bytes = random(SERIAL_BYTES);
    if (bytes.length !== SERIAL_BYTES) throw new RangeError(`Cannot make a serial number: got ${bytes.length} bytes`);
    const first = bytes.findIndex((octet) => octet !== 0);
    if (first >= 0) return bytes.slice(first);
  }
}
