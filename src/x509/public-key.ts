import { DerReader } from '../asn1/der-reader.js';
import { DerError } from '../asn1/der-error.js';
import type { BitString } from '../asn1/der-reader.js';
import { equalBytes } from '../base/bytes.js';
import { CountersignError } from '../base/error.js';
import { NULL_PARAMETERS, readAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm-identifier.js';
import { curveOfOid, parsePoint, type EcCurve } from './elliptic-curve.js';
import { orRefuse } from './refusal.js';

export type { EcCurve } from './elliptic-curve.js';

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) and what its algorithm says about the key. */
export interface SubjectPublicKeyInfo {
  /** The whole element. Two keys are the same key when this is equal. */
  readonly der: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  /** Content of the BIT STRING, without the count of unused bits. */
  readonly keyBytes: Uint8Array;
  readonly key: PublicKeyParts;
}

/** A public key by kind. `unsupported` keeps what nobody here can verify with. */
export type PublicKeyParts =
  | {
      readonly kind: 'rsa';
      /** Big-endian, without leading zeros. */
      readonly modulus: Uint8Array;
      /** Exact up to 2^53. */
      readonly exponent: number;
      readonly bits: number;
    }
  | { readonly kind: 'ecdsa'; readonly curve: EcCurve; readonly x: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: 'ed25519'; readonly bytes: Uint8Array }
  | { readonly kind: 'unsupported'; readonly detail: string };

/** OIDs of public key algorithms. */
export const KEY_ALGORITHM = {
  rsa: '1.2.840.113549.1.1.1',
  dsa: '1.2.840.10040.4.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
} as const;

/** Reads a SubjectPublicKeyInfo; refuses (KEY_INVALID) what Go's crypto/x509 refuses, with its texts. */
export function parseSubjectPublicKeyInfo(der: Uint8Array): SubjectPublicKeyInfo {
  return orRefuse('KEY_INVALID', 'x509: malformed spki', () => {
    const reader = new DerReader(der);
    const info = readSubjectPublicKeyInfo(reader);
    reader.end();
    return info;
  });
}

/** Reads the SubjectPublicKeyInfo that comes next, with the texts that Go has for one in a certificate. */
export function readSubjectPublicKeyInfo(reader: DerReader): SubjectPublicKeyInfo {
  const element = orRefuse('KEY_INVALID', 'x509: malformed spki', () => reader.next(0x30));
  const fields = reader.enter(element);
  const identifier = orRefuse('KEY_INVALID', 'x509: malformed public key algorithm identifier', () =>
    fields.sequence(),
  );
  const algorithm = orRefuse('KEY_INVALID', 'x509: malformed OID', () => readAlgorithmIdentifier(identifier));
  const bits = orRefuse('KEY_INVALID', 'x509: malformed subjectPublicKey', () => fields.bitString());
  return publicKeyOf(reader.der(element), algorithm, bits);
}

/** Puts together a SubjectPublicKeyInfo whose fields have been read. Refuses (KEY_INVALID) with Go's texts. */
export function publicKeyOf(der: Uint8Array, algorithm: AlgorithmIdentifier, bits: BitString): SubjectPublicKeyInfo {
  const keyBytes = rightAligned(bits);
  return { der, algorithm, keyBytes, key: parsePublicKeyParts(algorithm, keyBytes) };
}

/** Go moves the octets of a BIT STRING right by its unused bits. */
export function rightAligned({ unusedBits, bytes }: BitString): Uint8Array {
  if (unusedBits === 0) return bytes;
  const aligned = new Uint8Array(bytes.length);
  let carry = 0;
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] ?? 0;
    aligned[i] = carry | (octet >> unusedBits);
    carry = (octet << (8 - unusedBits)) & 0xff;
  }
  return aligned;
}

function parsePublicKeyParts(algorithm: AlgorithmIdentifier, keyBytes: Uint8Array): PublicKeyParts {
  switch (algorithm.oid) {
    case KEY_ALGORITHM.rsa:
      return parseRsaKey(algorithm, keyBytes);
    case KEY_ALGORITHM.ec:
      return parseEcKey(algorithm, keyBytes);
    case KEY_ALGORITHM.ed25519:
      if (algorithm.parameters !== undefined) throw refusal('x509: Ed25519 key encoded with illegal parameters');
      if (keyBytes.length !== 32) throw refusal('x509: wrong Ed25519 public key size');
      return { kind: 'ed25519', bytes: keyBytes };
    case KEY_ALGORITHM.dsa:
      return { kind: 'unsupported', detail: 'DSA' };
    default:
      return { kind: 'unsupported', detail: algorithm.oid };
  }
}

function refusal(detail: string): CountersignError<'KEY_INVALID'> {
  return new CountersignError('KEY_INVALID', detail);
}

/** RSAPublicKey (RFC 8017 §A.1.1). What follows the exponent is ignored, as Go ignores it. */
function parseRsaKey(algorithm: AlgorithmIdentifier, keyBytes: Uint8Array): PublicKeyParts {
  // RFC 3279 §2.3.1: the parameters are NULL
  if (algorithm.parameters === undefined || !equalBytes(algorithm.parameters, NULL_PARAMETERS)) {
    throw refusal('x509: RSA key missing NULL parameters');
  }
  const fields = orRefuse('KEY_INVALID', 'x509: invalid RSA public key', () => new DerReader(keyBytes).sequence());
  const modulus = orRefuse('KEY_INVALID', 'x509: invalid RSA modulus', () => fields.integer());
  const exponent = orRefuse('KEY_INVALID', 'x509: invalid RSA public exponent', () => fields.integer());
  if (exponent.length > 8) throw refusal('x509: invalid RSA public exponent');
  if (!isPositive(modulus)) throw refusal('x509: RSA modulus is not a positive number');
  if (!isPositive(exponent)) throw refusal('x509: RSA public exponent is not a positive number');
  const magnitude = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  const bits = magnitude.length * 8 - Math.clz32(magnitude[0] ?? 0) + 24;
  return { kind: 'rsa', modulus: magnitude, exponent: exponent.reduce((sum, octet) => sum * 256 + octet, 0), bits };
}

function isPositive(integer: Uint8Array): boolean {
  const first = integer[0] ?? 0;
  return first < 0x80 && (first !== 0 || integer.length > 1);
}

function parseEcKey(algorithm: AlgorithmIdentifier, keyBytes: Uint8Array): PublicKeyParts {
  const curve = curveOfOid(namedCurve(algorithm.parameters));
  if (curve === undefined) throw refusal('x509: unsupported elliptic curve');
  const point = parsePoint(curve, keyBytes);
  if (point.kind === 'invalid') throw refusal(point.detail);
  return { kind: 'ecdsa', curve, x: point.x, y: point.y };
}

function namedCurve(parameters: Uint8Array | undefined): string {
  try {
    return new DerReader(parameters ?? new Uint8Array()).oid();
  } catch (cause) {
    if (cause instanceof DerError) {
      throw new CountersignError('KEY_INVALID', 'x509: invalid ECDSA parameters', { cause });
    }
    throw cause;
  }
}

/** The kind of a key in few words: `ECDSA P-256`, `RSA 2048`, `Ed25519`, or the algorithm's OID. */
export function describePublicKey(info: SubjectPublicKeyInfo): string {
  const { key } = info;
  switch (key.kind) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ecdsa':
      return `ECDSA ${key.curve}`;
    case 'ed25519':
      return 'Ed25519';
    case 'unsupported':
      return key.detail;
  }
}
