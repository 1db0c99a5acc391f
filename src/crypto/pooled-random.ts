import { randomFillSync } from 'node:crypto';
import type { Random } from '../base/bytes.js';

const POOL_BYTES = 4096;

/**
 * Bytes from OpenSSL's generator, fetched many at a time: one call costs more than the bytes. No byte is given twice,
 * and what was given is wiped from the pool. For serial numbers, names and jitter; keys are made elsewhere.
 */
export function createPooledRandom(): Random {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  return (count) => {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    if (at + count > POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    const bytes = pool.slice(at, at + count);
    pool.fill(0, at, at + count);
    at += count;
    return bytes;
  };
}
