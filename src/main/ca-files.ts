import type { Random } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { type CaMaterial, parseCaMaterial } from '../authority/ca-material.js';
import { createCa } from '../authority/create-ca.js';
import { generateKeyPair } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem, parsePrivateKeyPem } from '../crypto/private-key.js';
import type { KeyFiles } from './key-files.js';

/** What a CA is opened with, and made with where there is none. */
export interface CaFilesOptions {
  readonly files: KeyFiles;
  /** The CA's files are `<name>.crt` and `<name>.key`. */
  readonly name: string;
  /** Whom a new CA names. */
  readonly commonName: string;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/**
 * Opens a CA, or makes it. The key comes first: who finds a key without certificate makes the certificate of that key,
 * and so do replicas that start at the same time; the first certificate counts. A certificate without key is refused:
 * the key is lost.
 */
export async function openCaFiles(options: CaFilesOptions): Promise<CaMaterial> {
  const { files, name, commonName, now, random } = options;
  const [certificateName, keyName] = [`${name}.crt`, `${name}.key`];
  const [known, knownKey] = [await files.read(certificateName), await files.read(keyName)];
  if (known !== undefined && knownKey === undefined) {
    throw new CountersignError(
      'CA_INVALID',
      `Cannot open the CA ${JSON.stringify(commonName)}: ${keyName} is missing while ${certificateName} is there`,
    );
  }
  const keyPem = knownKey ?? (await openKeyFile(files, keyName));
  if (known !== undefined) return parseCaMaterial({ certificatesPem: known, keyPem, now });
  const made = await createCa({ subject: { commonName }, key: parsePrivateKeyPem(keyPem), now, random });
  return parseCaMaterial({ certificatesPem: await files.create(certificateName, made.certificatePem), keyPem, now });
}

/** A private key (PKCS#8 PEM, P-256), made where there is none. */
export async function openKeyFile(files: KeyFiles, name: string): Promise<string> {
  const there = await files.read(name);
  if (there !== undefined) return there;
  return files.create(name, exportPrivateKeyPem(await generateKeyPair('ecdsa-p256'), { format: 'pkcs8' }));
}
