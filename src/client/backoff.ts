import type { Random } from '../base/bytes.js';

/** A number from 0 to below 1, from four random bytes. */
export function randomFraction(random: Random): number {
  let value = 0;
  for (const byte of random(4)) value = value * 256 + byte;
  return value / 2 ** 32;
}

/** How long to wait after failures in a row. */
export interface BackoffShape {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The wait after the `failures`-th failure in a row, counted from 1: it doubles from `baseMs` to `maxMs`, and is then
 * cut to between half and all of that, so that clients that failed together do not come back together.
 */
export function backoffMs(shape: BackoffShape, failures: number, random: Random): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 40);
  const full = Math.min(shape.baseMs * 2 ** exponent, shape.maxMs);
  return full / 2 + (full / 2) * randomFraction(random);
}
