import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import type { CaMaterial } from '../authority/ca-material.js';
import { openCaFiles } from './ca-files.js';
import { type KeyFiles, keyFilesUnder } from './key-files.js';

/** Signers that run when nobody names any. */
export const DEFAULT_SIGNERS: readonly string[] = ['countersign.dev/serving', 'countersign.dev/client'];

export interface WorkloadCaOptions {
  readonly signerName: string;
  /** Files of all signers' CAs, each under a name of its own. */
  readonly files: KeyFiles;
  readonly clock: Clock;
  readonly random: Random;
}

/** A signer's own CA: opened from its files (`ca.crt`, `ca.key`), or made there on the first start. */
export async function openWorkloadCa({ signerName, files, clock, random }: WorkloadCaOptions): Promise<CaMaterial> {
  return openCaFiles({
    files: keyFilesUnder(files, signerName.replace('/', '_')),
    name: 'ca',
    commonName: `${signerName} CA`,
    now: secondsOf(clock),
    random,
  });
}
