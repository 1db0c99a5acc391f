import type { AlgorithmIdentifier } from './algorithm-identifier.js';
import type { Extension } from './extension.js';
import type { Finding } from './finding.js';
import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';
import type { SubjectPublicKeyInfo } from './public-key.js';

/** An attribute of a request (RFC 2986 §4.1), with its values as they came. */
export interface RequestAttribute {
  readonly oid: string;
  readonly values: readonly Uint8Array[];
}

/** A PKCS#10 request (RFC 2986) with everything it said. The signature is not checked by reading. */
export interface CertificationRequest {
  readonly der: Uint8Array;
  /** What the signature covers. */
  readonly infoDer: Uint8Array;
  readonly subject: Name;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly attributes: readonly RequestAttribute[];
  /** Requested extensions (PKCS#9 extensionRequest), in order. */
  readonly extensions: readonly Extension[];
  /** Every name of the requested subjectAltName. */
  readonly subjectAltNames: readonly GeneralName[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** What a request is built from. */
export interface CertificationRequestModel {
  readonly subject: Name;
  readonly publicKeyDer: Uint8Array;
  readonly extensions: readonly Extension[];
}

/**
 * Reads a PKCS#10 request as the Kubernetes API does (Go's crypto/x509). Refuses with REQUEST_INVALID; the message is
 * Go's detail text.
 */
export function parseCertificationRequest(_der: Uint8Array): CertificationRequest {
  throw new Error('not yet');
}

/** What about a readable request would never be signed here, beyond what the API refuses. Empty: nothing. */
export function strictFindings(_request: CertificationRequest): readonly Finding[] {
  throw new Error('not yet');
}

/** The CertificationRequestInfo to sign. */
export function buildCertificationRequestInfo(_model: CertificationRequestModel): Uint8Array {
  throw new Error('not yet');
}

/** The request, from what was signed and its signature. */
export function assembleCertificationRequest(
  _infoDer: Uint8Array,
  _algorithm: AlgorithmIdentifier,
  _signature: Uint8Array,
): Uint8Array {
  throw new Error('not yet');
}
