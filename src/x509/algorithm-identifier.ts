import type { DerReader } from '../asn1/der-reader.js';
import { encodeNull, encodeOidElement, encodeSequence } from '../asn1/der-writer.js';

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). `parameters` is the whole DER element, absent where there is none. */
export interface AlgorithmIdentifier {
  /** Dotted decimal. */
  readonly oid: string;
  readonly parameters?: Uint8Array;
}

/** Reads what an AlgorithmIdentifier's SEQUENCE holds. What follows the parameters is ignored, as Go ignores it. */
export function readAlgorithmIdentifier(inside: DerReader): AlgorithmIdentifier {
  const oid = inside.oid();
  return inside.isEmpty ? { oid } : { oid, parameters: inside.element() };
}

/** Writes an AlgorithmIdentifier. */
export function encodeAlgorithmIdentifier(algorithm: AlgorithmIdentifier): Uint8Array {
  const oid = encodeOidElement(algorithm.oid);
  return algorithm.parameters === undefined ? encodeSequence(oid) : encodeSequence(oid, algorithm.parameters);
}

/** NULL, as RSA's parameters have it. */
export const NULL_PARAMETERS: Uint8Array = encodeNull();
