import { decodeBase64, toBase64 } from '../base/base64.js';
import { CountersignError, messageOf } from '../base/error.js';
import { canonicalRecordBytes, recordName, type UnsignedRecordSpec } from '../certificates/canonical-record.js';
import type { CertificateRecord, CertificateRecordSpec, RecordedRequest } from '../certificates/certificate-record.js';
import { digestText } from '../certificates/normalised-request.js';
import { parseCertificateRecord } from '../certificates/parse-certificate-record.js';
import { sha256 } from '../crypto/digest.js';
import { signatureAlgorithmFor } from '../crypto/private-key.js';
import { verifySignature } from '../crypto/verify-signature.js';
import { parseApiRequest } from '../x509/api-request.js';
import { parseSubjectPublicKeyInfo, type SubjectPublicKeyInfo } from '../x509/public-key.js';
import type { KeyCustody } from './key-custody.js';

/** How records name the key that signed them: `sha256:` and hexadecimal over the DER of its SubjectPublicKeyInfo. */
export function recordKeyId(publicKeyDer: Uint8Array): string {
  return digestText(sha256(publicKeyDer));
}

/**
 * Signs a record. KEY_UNSUPPORTED: the custody signs with another algorithm than the usual one of its key, which is the
 * only one that is verified. KEY_INVALID: its first signature does not verify under its own public key.
 */
export async function signRecord(
  spec: UnsignedRecordSpec,
  custody: KeyCustody,
  options: { readonly signal?: AbortSignal } = {},
): Promise<CertificateRecordSpec> {
  const key = parseSubjectPublicKeyInfo(custody.publicKeyDer);
  const algorithm = signatureAlgorithmFor(key);
  if (custody.algorithm.oid !== algorithm.oid) {
    throw new CountersignError(
      'KEY_UNSUPPORTED',
      `Cannot sign record: the key signs with ${custody.algorithm.oid}, and must sign with ${algorithm.oid}`,
    );
  }
  const data = canonicalRecordBytes(spec);
  const value = await custody.sign(data, options);
  if (!proven.has(custody)) {
    if (verifySignature(key, algorithm, data, value).kind !== 'valid') {
      throw new CountersignError(
        'KEY_INVALID',
        'Cannot sign record: the signature does not verify under the public key',
      );
    }
    proven.add(custody);
  }
  return { ...spec, signature: { keyID: recordKeyId(custody.publicKeyDer), value: toBase64(value) } };
}

/** Custodies whose first signature verified under their public key: one that signs with another key does so at once. */
const proven = new WeakSet<KeyCustody>();

/** What verification says of a record. */
export type RecordVerdict =
  | { readonly kind: 'valid'; readonly record: CertificateRecord }
  /** Whatever it says was not said by a trusted approver of this request. */
  | { readonly kind: 'invalid'; readonly detail: string };

/**
 * Whether a record is genuine: of the shape that records have, named by the uid of its request, signed by a trusted key,
 * with digests that are those of the request in it. Its status is covered by no signature. Never throws for a bad record.
 */
export function verifyRecord(value: unknown, trustedKeys: readonly SubjectPublicKeyInfo[]): RecordVerdict {
  try {
    const record = parseCertificateRecord(value);
    const detail = recordProblem(record, trustedKeys);
    return detail === undefined ? { kind: 'valid', record } : { kind: 'invalid', detail };
  } catch (error) {
    if (error instanceof CountersignError) return { kind: 'invalid', detail: error.message };
    throw error;
  }
}

/** Why a record, already read, is not genuine; undefined where it is. */
export function recordProblem(
  { metadata, spec }: CertificateRecord,
  keys: readonly SubjectPublicKeyInfo[],
): string | undefined {
  const { name = '' } = metadata;
  if (spec.request.uid === '' || name !== recordName(spec.request.uid)) {
    return `it is named ${JSON.stringify(name)}, and its request has the uid ${JSON.stringify(spec.request.uid)}`;
  }
  const { keyID, value } = spec.signature;
  const key = keys.find(({ der }) => recordKeyId(der) === keyID);
  if (key === undefined) return `it is signed by the key ${JSON.stringify(keyID)}, which is not trusted`;
  const signature = decodeBase64(value);
  if (signature.kind === 'invalid') return 'its signature is no base64';
  const verdict = verifySignature(key, signatureAlgorithmFor(key), canonicalRecordBytes(spec), signature.bytes);
  if (verdict.kind !== 'valid') return 'its signature does not verify: it is not what the approver wrote';
  return digestProblem(spec.request);
}

function digestProblem({ request, requestDigest, publicKeyDigest }: RecordedRequest): string | undefined {
  const pem = decodeBase64(request);
  if (pem.kind === 'invalid') return 'the request in it is no base64';
  try {
    const { der, publicKey } = parseApiRequest(pem.bytes);
    if (digestText(sha256(der)) !== requestDigest) return 'its requestDigest is not that of the request in it';
    if (digestText(sha256(publicKey.der)) !== publicKeyDigest) {
      return 'its publicKeyDigest is not that of the request in it';
    }
    return undefined;
  } catch (error) {
    if (error instanceof CountersignError) return `the request in it cannot be read: ${messageOf(error)}`;
    throw error;
  }
}
