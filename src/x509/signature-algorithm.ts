import { DerReader } from '../asn1/der-reader.js';
import { encodeExplicit, encodeOidElement, encodeSequence, encodeSmallInteger } from '../asn1/der-writer.js';
import { DerError } from '../asn1/der-error.js';
import { equalBytes } from '../base/bytes.js';
import { NULL_PARAMETERS, readAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm-identifier.js';

/** Digests that signatures are made over. */
export type SignatureHash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** A signature algorithm with everything its identifier says. `name` is what Go calls it. */
export interface SignatureScheme {
  readonly name: string;
  readonly key: 'rsa' | 'dsa' | 'ecdsa' | 'ed25519';
  /** Absent for Ed25519, which digests by itself, and for MD2. */
  readonly hash?: SignatureHash;
  /** RSA-PSS with MGF1 of the same hash and a salt of the hash's length. */
  readonly pss?: true;
}

const PSS_OID = '1.2.840.113549.1.1.10';
const MGF1_OID = '1.2.840.113549.1.1.8';

/** Algorithms by OID, where the OID says it all (RFC 4055, 5758, 8410). */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ['1.2.840.113549.1.1.2', { name: 'MD2-RSA', key: 'rsa' }],
  ['1.2.840.113549.1.1.4', { name: 'MD5-RSA', key: 'rsa', hash: 'md5' }],
  ['1.2.840.113549.1.1.5', { name: 'SHA1-RSA', key: 'rsa', hash: 'sha1' }],
  ['1.3.14.3.2.29', { name: 'SHA1-RSA', key: 'rsa', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { name: 'SHA256-RSA', key: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { name: 'SHA384-RSA', key: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { name: 'SHA512-RSA', key: 'rsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { name: 'DSA-SHA1', key: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.2', { name: 'DSA-SHA256', key: 'dsa', hash: 'sha256' }],
  ['1.2.840.10045.4.1', { name: 'ECDSA-SHA1', key: 'ecdsa', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { name: 'ECDSA-SHA256', key: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { name: 'ECDSA-SHA384', key: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { name: 'ECDSA-SHA512', key: 'ecdsa', hash: 'sha512' }],
]);

const ED25519: SignatureScheme = { name: 'Ed25519', key: 'ed25519' };

/** The OIDs and salt lengths of the three forms of RSA-PSS that Go takes. */
const PSS_FORMS: ReadonlyMap<string, { readonly salt: number; readonly scheme: SignatureScheme }> = new Map([
  ['2.16.840.1.101.3.4.2.1', { salt: 32, scheme: { name: 'SHA256-RSAPSS', key: 'rsa', hash: 'sha256', pss: true } }],
  ['2.16.840.1.101.3.4.2.2', { salt: 48, scheme: { name: 'SHA384-RSAPSS', key: 'rsa', hash: 'sha384', pss: true } }],
  ['2.16.840.1.101.3.4.2.3', { salt: 64, scheme: { name: 'SHA512-RSAPSS', key: 'rsa', hash: 'sha512', pss: true } }],
]);

/** Names of the algorithms that have an identifier here. */
export type SignatureAlgorithmName =
  | 'rsaSha256'
  | 'rsaSha384'
  | 'rsaSha512'
  | 'rsaPssSha256'
  | 'rsaPssSha384'
  | 'rsaPssSha512'
  | 'ecdsaSha256'
  | 'ecdsaSha384'
  | 'ecdsaSha512'
  | 'ed25519';

/** RSASSA-PSS-params (RFC 4055 §3.1): MGF1 with the same hash, and a salt of its length. */
function pssParameters(hash: string, salt: number): Uint8Array {
  const algorithm = encodeSequence(encodeOidElement(hash), NULL_PARAMETERS);
  return encodeSequence(
    encodeExplicit(0, algorithm),
    encodeExplicit(1, encodeSequence(encodeOidElement(MGF1_OID), algorithm)),
    encodeExplicit(2, encodeSmallInteger(salt)),
  );
}

/** Identifiers of algorithms that are signed with, here or by issuers of tokens. */
export const SIGNATURE_ALGORITHM: Readonly<Record<SignatureAlgorithmName, AlgorithmIdentifier>> = {
  rsaSha256: { oid: '1.2.840.113549.1.1.11', parameters: NULL_PARAMETERS },
  rsaSha384: { oid: '1.2.840.113549.1.1.12', parameters: NULL_PARAMETERS },
  rsaSha512: { oid: '1.2.840.113549.1.1.13', parameters: NULL_PARAMETERS },
  rsaPssSha256: { oid: PSS_OID, parameters: pssParameters('2.16.840.1.101.3.4.2.1', 32) },
  rsaPssSha384: { oid: PSS_OID, parameters: pssParameters('2.16.840.1.101.3.4.2.2', 48) },
  rsaPssSha512: { oid: PSS_OID, parameters: pssParameters('2.16.840.1.101.3.4.2.3', 64) },
  ecdsaSha256: { oid: '1.2.840.10045.4.3.2' },
  ecdsaSha384: { oid: '1.2.840.10045.4.3.3' },
  ecdsaSha512: { oid: '1.2.840.10045.4.3.4' },
  ed25519: { oid: '1.3.101.112' },
};

/** What an identifier stands for; undefined where Go's crypto/x509 does not know it. */
export function signatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  if (algorithm.oid === PSS_OID) return pssScheme(algorithm.parameters);
  // RFC 8410 §3: the parameters are absent
  if (algorithm.oid === SIGNATURE_ALGORITHM.ed25519.oid)
    return algorithm.parameters === undefined ? ED25519 : undefined;
  return SCHEMES.get(algorithm.oid);
}

/** The algorithm's name, or its OID where it has none here. */
export function describeSignatureAlgorithm(algorithm: AlgorithmIdentifier): string {
  return signatureScheme(algorithm)?.name ?? algorithm.oid;
}

/** RSASSA-PSS-params (RFC 4055 §3.1) in one of the three forms; anything else is unknown. */
function pssScheme(parameters: Uint8Array | undefined): SignatureScheme | undefined {
  if (parameters === undefined) return undefined;
  try {
    const fields = new DerReader(parameters).sequence();
    const hash = readAlgorithmIdentifier(fields.constructed(0xa0).sequence());
    const mask = readAlgorithmIdentifier(fields.constructed(0xa1).sequence());
    const salt = fields.constructed(0xa2).smallInteger(0xffff);
    const trailer = fields.optionalExplicit(3)?.smallInteger(0xffff) ?? 1;
    if (mask.oid !== MGF1_OID || mask.parameters === undefined || trailer !== 1) return undefined;
    const maskHash = readAlgorithmIdentifier(new DerReader(mask.parameters).sequence());
    if (maskHash.oid !== hash.oid || !isPlain(hash) || !isPlain(maskHash)) return undefined;
    const form = PSS_FORMS.get(hash.oid);
    return form?.salt === salt ? form.scheme : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function isPlain(algorithm: AlgorithmIdentifier): boolean {
  return algorithm.parameters === undefined || equalBytes(algorithm.parameters, NULL_PARAMETERS);
}
