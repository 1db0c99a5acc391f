import { scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../base/bytes.js';
import { asBytes } from './public-key.js';
import { createEnvelope, ENVELOPE_KEY_BYTES, type Envelope } from './envelope.js';

const deriveOffThread = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** How a passphrase becomes a key: the parameters of scrypt (RFC 7914 §2), stored beside what it locks. */
export interface PassphraseLock {
  readonly salt: Uint8Array;
  /** N: a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelism: number;
}

const SALT_BYTES = 16;

/** Most memory that the parameters of a stored lock may ask for. */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Fewest characters of a passphrase that locks something new. */
export const MIN_PASSPHRASE_CHARACTERS = 8;

/** A new lock: 128 MiB and some tenths of a second for each guess. */
export function createPassphraseLock(random: Random): PassphraseLock {
  return { salt: random(SALT_BYTES), cost: 2 ** 17, blockSize: 8, parallelism: 1 };
}

/** What is wrong with stored parameters; undefined when they are good. */
export function passphraseLockProblem({ salt, cost, blockSize, parallelism }: PassphraseLock): string | undefined {
  if (salt.length < SALT_BYTES || salt.length > 64) return 'salt must have 16 to 64 bytes';
  if (!Number.isSafeInteger(cost) || cost < 2 || !Number.isInteger(Math.log2(cost))) {
    return 'cost must be a power of two';
  }
  if (!Number.isSafeInteger(blockSize) || blockSize < 1 || blockSize > 32) {
    return 'blockSize must be from 1 to 32';
  }
  if (!Number.isSafeInteger(parallelism) || parallelism < 1 || parallelism > 16) {
    return 'parallelism must be from 1 to 16';
  }
  return memoryOf({ cost, blockSize }) > MAX_BYTES ? 'cost and blockSize ask for more than 1 GiB of memory' : undefined;
}

/** The envelope that the passphrase opens. With a wrong passphrase it opens nothing (SEAL_INVALID). */
export async function unlockWithPassphrase(
  lock: PassphraseLock,
  passphrase: string,
  random: Random,
): Promise<Envelope> {
  const { salt, cost, blockSize, parallelism } = lock;
  const key = await deriveOffThread(passphrase, salt, ENVELOPE_KEY_BYTES, {
    cost,
    blockSize,
    parallelization: parallelism,
    maxmem: memoryOf(lock) + 1024 * 1024, // and what OpenSSL needs besides
  });
  return createEnvelope([{ name: 'passphrase', bytes: asBytes(key) }], random);
}

function memoryOf({ cost, blockSize }: Pick<PassphraseLock, 'cost' | 'blockSize'>): number {
  return 128 * cost * blockSize;
}
