import { readFile } from 'node:fs/promises';
import { createTokenKey } from '../apiserver/authentication/token-key.js';
import { CountersignError, messageOf } from '../base/error.js';
import { systemReason } from '../cli/input.js';
import { parsePrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { parseCertificate } from '../x509/certificate.js';
import { decodePem, encodePem, type PemBlock } from '../x509/pem.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';

/** Reads the key that a file holds for signing service account tokens. CONFIG_INVALID names the file and why not. */
export async function readSigningKey(path: string): Promise<PrivateKey> {
  const text = await readKeyFile(path);
  return naming(path, () => {
    const key = parsePrivateKeyPem(text);
    createTokenKey(key.publicKey);
    return key;
  });
}

/**
 * Reads the keys that a file holds for verifying service account tokens: public keys, private ones (their public half
 * counts) and certificates, in PEM, as many as there are. CONFIG_INVALID names the file and why not.
 */
export async function readVerificationKeys(path: string): Promise<readonly SubjectPublicKeyInfo[]> {
  const text = await readKeyFile(path);
  return naming(path, () => {
    const keys = decodePem(text).flatMap(publicKeysOf);
    if (keys.length === 0) throw new CountersignError('KEY_INVALID', 'there is no PEM block of a key');
    for (const key of keys) createTokenKey(key);
    return keys;
  });
}

function publicKeysOf(block: PemBlock): readonly SubjectPublicKeyInfo[] {
  const { type, bytes } = block;
  if (type === 'PUBLIC KEY') return [parseSubjectPublicKeyInfo(bytes)];
  if (type === 'CERTIFICATE') return [parseCertificate(bytes).publicKey];
  if (!type.endsWith('PRIVATE KEY')) return []; // such as EC PARAMETERS before a key
  return [parsePrivateKeyPem(encodePem(type, bytes)).publicKey];
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CountersignError('CONFIG_INVALID', `Cannot read key file ${path}: ${systemReason(error)}`);
  }
}

function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CountersignError('CONFIG_INVALID', `Cannot use key file ${path}: ${messageOf(error)}`);
  }
}
