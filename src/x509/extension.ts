import {
  encodeBoolean,
  encodeImplicit,
  encodeNamedBits,
  encodeOctetString,
  encodeOidElement,
  encodeSequence,
  encodeSequenceOf,
  encodeSmallInteger,
} from '../asn1/der-writer.js';
import { CountersignError } from '../base/error.js';
import { encodeGeneralNames, type GeneralName } from './general-name.js';

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

/** OIDs of extended key usages, by the name RFC 5280 §4.2.1.12 gives them. */
export const EXTENDED_KEY_USAGE = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ipsecEndSystem: '1.3.6.1.5.5.7.3.5',
  ipsecTunnel: '1.3.6.1.5.5.7.3.6',
  ipsecUser: '1.3.6.1.5.5.7.3.7',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  microsoftServerGatedCrypto: '1.3.6.1.4.1.311.10.3.3',
  netscapeServerGatedCrypto: '2.16.840.1.113730.4.1',
} as const;

/** KeyUsage, critical. Refuses (CERTIFICATE_INVALID) an empty set. */
export function keyUsageExtension(usages: ReadonlySet<KeyUsage>): Extension {
  if (usages.size === 0) throw new CountersignError('CERTIFICATE_INVALID', 'Cannot write keyUsage: no usage');
  const value = encodeNamedBits(KEY_USAGES.map((usage) => usages.has(usage)));
  return { oid: EXTENSION.keyUsage, critical: true, value };
}

/** ExtKeyUsage of OIDs in the order given, not critical. Refuses (CERTIFICATE_INVALID) an empty list. */
export function extKeyUsageExtension(oids: readonly string[]): Extension {
  if (oids.length === 0) throw new CountersignError('CERTIFICATE_INVALID', 'Cannot write extKeyUsage: no usage');
  return { oid: EXTENSION.extKeyUsage, critical: false, value: encodeSequenceOf(oids.map(encodeOidElement)) };
}

/** BasicConstraints, critical. */
export function basicConstraintsExtension({ ca, pathLength }: BasicConstraints): Extension {
  const fields: Uint8Array[] = [];
  if (ca) fields.push(encodeBoolean(true)); // FALSE is the default, which DER leaves out
  if (pathLength !== undefined) fields.push(encodeSmallInteger(pathLength));
  return { oid: EXTENSION.basicConstraints, critical: true, value: encodeSequence(...fields) };
}

/** SubjectKeyIdentifier, not critical. */
export function subjectKeyIdentifierExtension(keyIdentifier: Uint8Array): Extension {
  return { oid: EXTENSION.subjectKeyIdentifier, critical: false, value: encodeOctetString(keyIdentifier) };
}

/** AuthorityKeyIdentifier holding just the key identifier, not critical. */
export function authorityKeyIdentifierExtension(keyIdentifier: Uint8Array): Extension {
  const value = encodeSequence(encodeImplicit(0, keyIdentifier));
  return { oid: EXTENSION.authorityKeyIdentifier, critical: false, value };
}

/** SubjectAltName; critical exactly where the subject is empty (RFC 5280 §4.2.1.6). */
export function subjectAltNameExtension(names: readonly GeneralName[], critical: boolean): Extension {
  return { oid: EXTENSION.subjectAltName, critical, value: encodeGeneralNames(names) };
}

/** One Extension (a SEQUENCE). */
export function encodeExtension({ oid, critical, value }: Extension): Uint8Array {
  return critical
    ? encodeSequence(encodeOidElement(oid), encodeBoolean(true), encodeOctetString(value))
    : encodeSequence(encodeOidElement(oid), encodeOctetString(value));
}

/** The extension with this OID, or undefined. */
export function findExtension(extensions: readonly Extension[], oid: string): Extension | undefined {
  return extensions.find((extension) => extension.oid === oid);
}
