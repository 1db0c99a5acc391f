import { CountersignError } from '../base/error.js';
import { toHex } from '../base/bytes.js';
import { sha256 } from '../crypto/digest.js';
import { signatureAlgorithmFor } from '../crypto/private-key.js';
import { decodePem, encodePem } from '../x509/pem.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import { TRUST_NAMESPACE } from './trust-root.js';

/** The ConfigMap from which anybody may take the public keys of approvers: one PEM for each key there ever was. */
export const RECORD_KEYS_CONFIG_MAP = 'countersign-record-keys';

/** A v1 ConfigMap of public keys. */
export interface RecordKeysConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data: Readonly<Record<string, string>>;
}

/** The ConfigMap that holds what was published before (its `data`) and this key. */
export function recordKeysConfigMap(
  publicKeyDer: Uint8Array,
  published: Readonly<Record<string, string>> = {},
): RecordKeysConfigMap {
  // The colon of a key's id is not allowed in a name here.
  const name = `${toHex(sha256(publicKeyDer))}.pem`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: RECORD_KEYS_CONFIG_MAP, namespace: TRUST_NAMESPACE },
    data: { ...published, [name]: encodePem('PUBLIC KEY', publicKeyDer) },
  };
}

/**
 * The public keys of PEM text. KEY_INVALID: there is none, something else is among them (above all a private key, which
 * has no place where keys are trusted), or one cannot be read. KEY_UNSUPPORTED: a kind that nobody signs with here.
 */
export function parseRecordKeys(pem: string): readonly SubjectPublicKeyInfo[] {
  const blocks = decodePem(pem, { maxBytes: 1 << 20 });
  const other = blocks.find(({ type }) => type !== 'PUBLIC KEY');
  if (other !== undefined) {
    throw new CountersignError('KEY_INVALID', `Cannot read public keys: there is a ${other.type} among them`);
  }
  if (blocks.length === 0) {
    throw new CountersignError('KEY_INVALID', 'Cannot read public keys: there is no PEM block of a public key');
  }
  return blocks.map(({ bytes }) => {
    const key = parseSubjectPublicKeyInfo(bytes);
    signatureAlgorithmFor(key); // refuses what could never have signed
    return key;
  });
}
