import { join } from 'node:path';
import type { Random } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import { secondsOf } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { parseCaMaterial } from '../authority/ca-material.js';
import type { CaMaterial } from '../authority/ca-material.js';
import { createCa } from '../authority/create-ca.js';
import { makePrivateFolder, readTextIfThere, writePrivateFile } from './private-files.js';

/** Signers that run when nobody names any. */
export const DEFAULT_SIGNERS: readonly string[] = ['countersign.dev/serving', 'countersign.dev/client'];

export interface WorkloadCaOptions {
  readonly signerName: string;
  /** Folder of all signers' CAs; absent: made anew, in memory. */
  readonly folder?: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A signer's own CA: opened from its folder (`ca.crt`, `ca.key`), or made there on the first start. */
export async function openWorkloadCa(options: WorkloadCaOptions): Promise<CaMaterial> {
  const now = secondsOf(options.clock);
  const make = () => createCa({ subject: { commonName: `${options.signerName} CA` }, now, random: options.random });
  if (options.folder === undefined) {
    const made = await make();
    return parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now });
  }
  const folder = join(options.folder, options.signerName.replace('/', '_'));
  await makePrivateFolder(options.folder);
  await makePrivateFolder(folder);
  const certificatePath = join(folder, 'ca.crt');
  const keyPath = join(folder, 'ca.key');
  const certificatesPem = await readTextIfThere(certificatePath);
  if (certificatesPem !== undefined) {
    const keyPem = await readTextIfThere(keyPath);
    if (keyPem !== undefined) return parseCaMaterial({ certificatesPem, keyPem, now });
    throw new CountersignError('CA_INVALID', `Cannot open the CA of ${options.signerName}: ${keyPath} is missing`);
  }
  const made = await make();
  // The key first: a certificate without its key would look like a lost key after a crash.
  await writePrivateFile(keyPath, made.keyPem);
  await writePrivateFile(certificatePath, made.certificatePem);
  return parseCaMaterial({ certificatesPem: made.certificatePem, keyPem: made.keyPem, now });
}
