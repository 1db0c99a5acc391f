import type { GeneralName } from './general-name.js';

/** One extension (RFC 5280 §4.1.2.9). `value` is what the OCTET STRING holds. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Bits of KeyUsage in bit order (RFC 5280 §4.2.1.3). */
export const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** A bit of KeyUsage. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** BasicConstraints (RFC 5280 §4.2.1.9). */
export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

/** OIDs of the extensions known here. */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

/** KeyUsage, critical. Refuses an empty set. */
export function keyUsageExtension(_usages: ReadonlySet<KeyUsage>): Extension {
  throw new Error('not yet');
}

/** ExtKeyUsage of OIDs in the order given, not critical. Refuses an empty list. */
export function extKeyUsageExtension(_oids: readonly string[]): Extension {
  throw new Error('not yet');
}

/** BasicConstraints, critical. */
export function basicConstraintsExtension(_constraints: BasicConstraints): Extension {
  throw new Error('not yet');
}

/** SubjectKeyIdentifier, not critical. */
export function subjectKeyIdentifierExtension(_keyIdentifier: Uint8Array): Extension {
  throw new Error('not yet');
}

/** AuthorityKeyIdentifier holding just the key identifier, not critical. */
export function authorityKeyIdentifierExtension(_keyIdentifier: Uint8Array): Extension {
  throw new Error('not yet');
}

/** SubjectAltName; critical exactly where the subject is empty (RFC 5280 §4.2.1.6). */
export function subjectAltNameExtension(_names: readonly GeneralName[], _critical: boolean): Extension {
  throw new Error('not yet');
}

/** The extension with this OID, or undefined. */
export function findExtension(extensions: readonly Extension[], oid: string): Extension | undefined {
  return extensions.find((extension) => extension.oid === oid);
}
