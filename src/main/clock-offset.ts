import { CountersignError } from '../base/error.js';
import { parseLifetime } from '../authority/lifetime.js';

/** Milliseconds of `+89d`, `-2h` or `+1h30m`. USAGE otherwise. */
export function parseClockOffset(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const seconds = /^[+-]/.test(text) ? parseLifetime(text.slice(1)) : undefined;
  if (seconds === undefined) {
    throw new CountersignError(
      'USAGE',
      `Cannot use --clock: ${JSON.stringify(text)} is no offset, it must be like "+89d" or "-2h"`,
    );
  }
  return sign * seconds * 1000;
}
