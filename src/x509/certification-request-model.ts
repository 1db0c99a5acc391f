import type { AlgorithmIdentifier } from './algorithm-identifier.js';
import type { Extension } from './extension.js';
import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';
import type { SubjectPublicKeyInfo } from './public-key.js';

/** PKCS#9 extensionRequest (RFC 2985 §5.4.2). */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** An attribute of a request (RFC 2986 §4.1), with its values as they came. */
export interface RequestAttribute {
  /** Dotted decimal; empty where the attribute cannot be read, which Go passes over. */
  readonly oid: string;
  readonly values: readonly Uint8Array[];
  /** The whole attribute. */
  readonly der: Uint8Array;
}

/** A PKCS#10 request (RFC 2986) with everything it said. The signature is not checked by reading. */
export interface CertificationRequest {
  readonly der: Uint8Array;
  /** What the signature covers. */
  readonly infoDer: Uint8Array;
  readonly subject: Name;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly attributes: readonly RequestAttribute[];
  /** Requested extensions (the first value of each PKCS#9 extensionRequest), in order. */
  readonly extensions: readonly Extension[];
  /** Every name of the requested subjectAltName. */
  readonly subjectAltNames: readonly GeneralName[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}
