import type { Random } from '../base/bytes.js';

/** No vowels and no look-alikes, so that no word comes out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;
/** The largest multiple of the alphabet's length that a byte can hold; bytes above it would favour some letters. */
const FAIR = 256 - (256 % ALPHABET.length);

/** A name from `metadata.generateName`: its first 58 characters and five random ones, as the API makes it. */
export function generateName(base: string, random: Random): string {
  let suffix = '';
  while (suffix.length < SUFFIX_LENGTH) {
    for (const byte of random(SUFFIX_LENGTH * 2)) {
      if (byte < FAIR && suffix.length < SUFFIX_LENGTH) suffix += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return base.slice(0, MAX_BASE_LENGTH) + suffix;
}
