import type { UnixSeconds } from '../base/clock.js';
import type { AlgorithmIdentifier } from './algorithm-identifier.js';
import type { BasicConstraints, Extension, KeyUsage } from './extension.js';
import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';
import type { SubjectPublicKeyInfo } from './public-key.js';

/** A certificate (RFC 5280 §4.1). The signature is not checked by reading. */
export interface Certificate {
  readonly der: Uint8Array;
  /** What the signature covers. */
  readonly tbsDer: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Content octets of the INTEGER, without a leading zero. */
  readonly serialNumber: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** OIDs. */
  readonly extKeyUsage?: readonly string[];
  readonly subjectAltNames: readonly GeneralName[];
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** What a v3 certificate is built from. */
export interface CertificateModel {
  /** Big-endian, positive, at most 20 octets as INTEGER content (RFC 5280 §4.1.2.2). */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly subject: Name;
  readonly publicKeyDer: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** Reads one certificate. Refuses with CERTIFICATE_INVALID; the message is Go's text where Go has one. */
export function parseCertificate(_der: Uint8Array): Certificate {
  throw new Error('not yet');
}

/** Reads certificates that follow one another without anything between (Go's ParseCertificates). Empty input: none. */
export function parseCertificates(_der: Uint8Array): readonly Certificate[] {
  throw new Error('not yet');
}

/** The TBSCertificate (v3) to sign. Refuses what DER cannot say; what RFC 5280 forbids is for the linter. */
export function encodeTbsCertificate(_model: CertificateModel): Uint8Array {
  throw new Error('not yet');
}

/** The certificate, from what was signed and its signature. */
export function assembleCertificate(
  _tbsDer: Uint8Array,
  _algorithm: AlgorithmIdentifier,
  _signature: Uint8Array,
): Uint8Array {
  throw new Error('not yet');
}
