import { parseBase64Url } from '../../../base/base64.js';
import { CountersignError } from '../../../base/error.js';
import { encodePublicKey } from '../../../x509/encode-public-key.js';
import { parseSubjectPublicKeyInfo, type PublicKeyParts, type SubjectPublicKeyInfo } from '../../../x509/public-key.js';
import {
  isJsonWebAlgorithmName,
  JSON_WEB_ALGORITHMS,
  type JsonWebAlgorithm,
  type JsonWebAlgorithmName,
  MIN_RSA_BITS,
} from '../json-web-algorithm.js';
import { type UnverifiedToken, verifies } from '../json-web-token.js';
import { recordOf } from '../token-claims.js';

/** A key that an issuer publishes, as far as tokens may be verified with it. */
export interface PublishedKey {
  readonly id?: string;
  /** The one algorithm that the issuer uses it with, where it says so. */
  readonly algorithm?: string;
  readonly publicKey: SubjectPublicKeyInfo;
}

/** Keys looked at; beyond them a set is made to cost, not to verify with. */
const MAX_KEYS = 100;

/**
 * Reads a JSON Web Key Set (RFC 7517 §5). Keys that tokens must not be verified with are passed over: secrets, other
 * uses than signatures, other kinds than RSA and ECDSA, RSA below 2048 bits, points beside the curve, parts that are
 * malformed. Undefined where it is no set, or one of more than a hundred keys.
 */
export function parseKeySet(json: unknown): readonly PublishedKey[] | undefined {
  const keys = recordOf(json)?.['keys'];
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined;
  return keys.map(publishedKey).filter((key) => key !== undefined);
}

function publishedKey(json: unknown): PublishedKey | undefined {
  const jwk = recordOf(json);
  if (jwk === undefined) return undefined;
  const { use, alg: algorithm, kid: id } = jwk;
  if (use !== undefined && use !== 'sig') return undefined;
  if ((algorithm !== undefined && typeof algorithm !== 'string') || (id !== undefined && typeof id !== 'string')) {
    return undefined;
  }
  const publicKey = publicKeyOf(jwk);
  if (publicKey === undefined) return undefined;
  return { publicKey, ...(id === undefined ? {} : { id }), ...(algorithm === undefined ? {} : { algorithm }) };
}

function publicKeyOf(jwk: Readonly<Record<string, unknown>>): SubjectPublicKeyInfo | undefined {
  const parts = jwk['kty'] === 'RSA' ? rsaParts(jwk) : jwk['kty'] === 'EC' ? ecParts(jwk) : undefined;
  const der = parts === undefined ? undefined : encodePublicKey(parts);
  if (der === undefined) return undefined;
  try {
    const info = parseSubjectPublicKeyInfo(der);
    return info.key.kind === 'rsa' && info.key.bits < MIN_RSA_BITS ? undefined : info;
  } catch (error) {
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}

/** RFC 7518 §6.3.1. */
function rsaParts(jwk: Readonly<Record<string, unknown>>): PublicKeyParts | undefined {
  const [modulus, exponent] = [octetsOf(jwk['n']), octetsOf(jwk['e'])];
  if (modulus === undefined || exponent === undefined || exponent.length > 4) return undefined;
  const first = modulus.findIndex((octet) => octet !== 0);
  if (first < 0) return undefined;
  const value = exponent.reduce((sum, octet) => sum * 256 + octet, 0);
  const magnitude = modulus.subarray(first);
  // the bits are counted anew when it is read back
  return value < 3 ? undefined : { kind: 'rsa', modulus: magnitude, exponent: value, bits: magnitude.length * 8 };
}

const COORDINATE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** RFC 7518 §6.2.1: both coordinates have the full length of the curve's. */
function ecParts(jwk: Readonly<Record<string, unknown>>): PublicKeyParts | undefined {
  const { crv: curve } = jwk;
  if (curve !== 'P-256' && curve !== 'P-384' && curve !== 'P-521') return undefined;
  const [x, y] = [octetsOf(jwk['x']), octetsOf(jwk['y'])];
  const length = COORDINATE_BYTES[curve];
  if (x === undefined || y === undefined || x.length !== length || y.length !== length) return undefined;
  return { kind: 'ecdsa', curve, x, y };
}

function octetsOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && value.length <= 4096 ? parseBase64Url(value) : undefined;
}

/**
 * Whether one of the keys signed the token, with an algorithm of `allowed` that fits the key. A token that names a key
 * is verified with that one only.
 */
export function isSignedByPublished(
  token: UnverifiedToken,
  keys: readonly PublishedKey[],
  allowed: readonly JsonWebAlgorithmName[],
): boolean {
  const { algorithm: name, keyId } = token;
  if (!isJsonWebAlgorithmName(name) || !allowed.includes(name)) return false;
  const algorithm = JSON_WEB_ALGORITHMS[name];
  return keys.some(
    (key) =>
      (keyId === undefined || key.id === keyId) &&
      (key.algorithm === undefined || key.algorithm === name) &&
      fits(algorithm, key.publicKey) &&
      verifies(token, { publicKey: key.publicKey, algorithm }),
  );
}

function fits(algorithm: JsonWebAlgorithm, { key }: SubjectPublicKeyInfo): boolean {
  return key.kind === 'ecdsa' ? key.curve === algorithm.key : key.kind === algorithm.key;
}
