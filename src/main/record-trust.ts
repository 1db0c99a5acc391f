import { equalBytes } from '../base/bytes.js';
import { parseRecordKeys } from '../authority/record-keys.js';
import { parsePrivateKeyPem } from '../crypto/private-key.js';
import { encodePem } from '../x509/pem.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { KeyFiles } from './key-files.js';

/** Public keys of the approver, one PEM block for each that ever signed records here. */
export const RECORD_TRUST_FILE = 'record-keys.pem';

/**
 * The public keys by which the embedded signer knows records: that of the key that signs them now, and those of its
 * predecessors, so that what was approved before the key was changed is still signed. The list is a file that only this
 * process and whoever may read its keys can write, never what the API publishes. Who must not count any more is taken out
 * of it by hand. KEY_INVALID where something else than public keys stands in it.
 */
export async function openRecordTrust(files: KeyFiles, recordKeyPem: string): Promise<readonly SubjectPublicKeyInfo[]> {
  const own = parsePrivateKeyPem(recordKeyPem).publicKeyDer;
  const ownPem = encodePem('PUBLIC KEY', own);
  const pem = await files.create(RECORD_TRUST_FILE, ownPem);
  const known = parseRecordKeys(pem);
  if (known.some(({ der }) => equalBytes(der, own))) return known;
  await files.write(RECORD_TRUST_FILE, `${pem.endsWith('\n') ? pem : `${pem}\n`}${ownPem}`);
  return [...known, parseSubjectPublicKeyInfo(own)];
}
