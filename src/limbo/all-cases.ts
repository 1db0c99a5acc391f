import { ENCODING_CASES } from './encoding-cases.js';
import { KEY_CASES } from './key-cases.js';
import type { LimboCase } from './limbo-case.js';
import { NAME_CASES } from './name-cases.js';
import { PRIVILEGE_CASES } from './privilege-cases.js';

/** Every request of csr-limbo: what is wrong with it lies in its bytes and words, not in who sends it. */
export const ALL_CASES: readonly LimboCase[] = [...ENCODING_CASES, ...NAME_CASES, ...PRIVILEGE_CASES, ...KEY_CASES];
