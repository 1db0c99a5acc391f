import { DerReader } from '../asn1/der-reader.js';
import {
  encodeBitString,
  encodeExplicit,
  encodeSequence,
  encodeSequenceOf,
  encodeSmallInteger,
  encodeTime,
  encodeUnsignedInteger,
} from '../asn1/der-writer.js';
import { contextConstructedTag, contextTag, TAG } from '../asn1/tag.js';
import { equalBytes } from '../base/bytes.js';
import type { UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import {
  encodeAlgorithmIdentifier,
  readAlgorithmIdentifier,
  type AlgorithmIdentifier,
} from './algorithm-identifier.js';
import {
  parseAuthorityInfoAccess,
  parseAuthorityKeyIdentifier,
  parseBasicConstraints,
  parseCertificatePolicies,
  parseCrlDistributionPoints,
  parseExtKeyUsage,
  parseKeyUsage,
  parseSubjectKeyIdentifier,
} from './extension-values.js';
import { encodeExtension, EXTENSION, type BasicConstraints, type Extension, type KeyUsage } from './extension.js';
import { parseGeneralNames, type GeneralName } from './general-name.js';
import { parseNameConstraints, type NameConstraints } from './name-constraints.js';
import { readName, type Name } from './name.js';
import { readSubjectPublicKeyInfo, rightAligned, type SubjectPublicKeyInfo } from './public-key.js';
import { orRefuse, withCode } from './refusal.js';

/** A certificate (RFC 5280 §4.1). The signature is not checked by reading. */
export interface Certificate extends CertificateExtensions {
  readonly der: Uint8Array;
  /** What the signature covers. */
  readonly tbsDer: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Magnitude, big-endian, without leading zeros; one zero octet for zero. */
  readonly serialNumber: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly publicKey: SubjectPublicKeyInfo;
  readonly extensions: readonly Extension[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** What the extensions of a certificate say, as far as they are known here. */
export interface CertificateExtensions {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** OIDs. */
  readonly extKeyUsage?: readonly string[];
  readonly subjectAltNames: readonly GeneralName[];
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly nameConstraints?: NameConstraints;
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

const CODE = 'CERTIFICATE_INVALID';

/** Reads one certificate, as Go's crypto/x509 does. Refuses with CERTIFICATE_INVALID; the message is Go's text. */
export function parseCertificate(der: Uint8Array): Certificate {
  const reader = orRefuse(CODE, 'x509: malformed certificate', () => new DerReader(der));
  const certificate = readCertificate(reader);
  if (!reader.isEmpty) throw new CountersignError(CODE, 'x509: trailing data');
  return certificate;
}

/** Reads certificates that follow one another without anything between (Go's ParseCertificates). Empty input: none. */
export function parseCertificates(der: Uint8Array): readonly Certificate[] {
  const reader = orRefuse(CODE, 'x509: malformed certificate', () => new DerReader(der));
  const certificates: Certificate[] = [];
  while (!reader.isEmpty) certificates.push(readCertificate(reader));
  return certificates;
}

function readCertificate(reader: DerReader): Certificate {
  const element = orRefuse(CODE, 'x509: malformed certificate', () => reader.next(TAG.sequence));
  const outer = reader.enter(element);
  const tbsElement = orRefuse(CODE, 'x509: malformed tbs certificate', () => outer.next(TAG.sequence));
  const tbs = outer.enter(tbsElement);
  const version = readVersion(tbs);
  const serialNumber = readSerialNumber(tbs);
  const signatureAlgorithm = readSignatureAlgorithm(tbs, outer);
  const issuer = readNameField(tbs);
  const validity = orRefuse(CODE, 'x509: malformed validity', () => tbs.sequence());
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  const subject = readNameField(tbs);
  const publicKey = withCode(CODE, () => readSubjectPublicKeyInfo(tbs));
  const extensions = version > 1 ? readTail(tbs, version) : [];
  const signature = orRefuse(CODE, 'x509: malformed signature', () => rightAligned(outer.bitString()));
  return {
    der: reader.der(element),
    tbsDer: outer.der(tbsElement),
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...interpret(extensions),
    signatureAlgorithm,
    signature,
  };
}

function readVersion(tbs: DerReader): number {
  const version = orRefuse(CODE, 'x509: malformed version', () => {
    const explicit = tbs.optionalExplicit(0);
    const value = explicit?.smallInteger(3) ?? 0;
    explicit?.end();
    return value + 1;
  });
  if (version > 3) throw new CountersignError(CODE, 'x509: invalid version');
  return version;
}

function readSerialNumber(tbs: DerReader): Uint8Array {
  const serial = orRefuse(CODE, 'x509: malformed serial number', () => tbs.integer());
  if ((serial[0] ?? 0) >= 0x80) throw new CountersignError(CODE, 'x509: negative serial number');
  return serial[0] === 0 && serial.length > 1 ? serial.subarray(1) : serial;
}

/** The algorithm stands in the certificate twice, and must be the same (RFC 5280 §4.1.1.2). */
function readSignatureAlgorithm(tbs: DerReader, outer: DerReader): AlgorithmIdentifier {
  const inner = orRefuse(CODE, 'x509: malformed signature algorithm identifier', () => tbs.next(TAG.sequence));
  const repeated = orRefuse(CODE, 'x509: malformed algorithm identifier', () => outer.next(TAG.sequence));
  if (!equalBytes(tbs.content(inner), outer.content(repeated))) {
    throw new CountersignError(CODE, "x509: inner and outer signature algorithm identifiers don't match");
  }
  return readAlgorithm(tbs.enter(inner));
}

function readAlgorithm(fields: DerReader): AlgorithmIdentifier {
  return orRefuse(CODE, 'x509: malformed OID', () => readAlgorithmIdentifier(fields));
}

function readNameField(tbs: DerReader): Name {
  return withCode(CODE, () => orRefuse(CODE, 'x509: invalid RDNSequence', () => readName(tbs)));
}

function readTime(validity: DerReader): UnixSeconds {
  const tag = validity.peekTag();
  const type = tag === TAG.utcTime ? 'UTCTime' : tag === TAG.generalizedTime ? 'GeneralizedTime' : undefined;
  if (type === undefined) throw new CountersignError(CODE, 'x509: unsupported time format');
  return orRefuse(CODE, `x509: malformed ${type}`, () => validity.time('go'));
}

/** Unique identifiers, which are skipped, and the extensions. What else may follow is ignored, as Go ignores it. */
function readTail(tbs: DerReader, version: number): readonly Extension[] {
  for (const [number, field] of [
    [1, 'issuerUniqueID'],
    [2, 'subjectUniqueID'],
  ] as const) {
    if (tbs.peekTag() === contextTag(number)) orRefuse(CODE, `x509: malformed ${field}`, () => tbs.next());
  }
  if (version < 3 || tbs.peekTag() !== contextConstructedTag(3)) return [];
  const sequence = orRefuse(CODE, 'x509: malformed extensions', () =>
    tbs.constructed(contextConstructedTag(3)).sequence(),
  );
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  while (!sequence.isEmpty) {
    const extension = readExtension(orRefuse(CODE, 'x509: malformed extension', () => sequence.sequence()));
    if (seen.has(extension.oid)) {
      throw new CountersignError(CODE, `x509: certificate contains duplicate extension with OID "${extension.oid}"`);
    }
    seen.add(extension.oid);
    extensions.push(extension);
  }
  return extensions;
}

function readExtension(fields: DerReader): Extension {
  const oid = orRefuse(CODE, 'x509: malformed extension OID field', () => fields.oid());
  const critical = orRefuse(CODE, 'x509: malformed extension critical field', () =>
    fields.peekTag() === TAG.boolean ? fields.boolean() : false,
  );
  const value = orRefuse(CODE, 'x509: malformed extension value field', () => fields.octetString());
  return { oid, critical, value };
}

/** CertificateExtensions while they are read. */
type Found = { -readonly [Field in keyof CertificateExtensions]: CertificateExtensions[Field] };

/** Reads the values of the extensions known here, in order, so that the first that is wrong is the one reported. */
function interpret(extensions: readonly Extension[]): CertificateExtensions {
  const found: Found = { subjectAltNames: [] };
  withCode(CODE, () => {
    for (const extension of extensions) interpretOne(extension, found);
  });
  return found;
}

function interpretOne(extension: Extension, found: Found): void {
  const { oid, value } = extension;
  switch (oid) {
    case EXTENSION.keyUsage:
      found.keyUsage = parseKeyUsage(value);
      break;
    case EXTENSION.basicConstraints:
      found.basicConstraints = parseBasicConstraints(value);
      break;
    case EXTENSION.subjectAltName:
      found.subjectAltNames = parseGeneralNames(value);
      break;
    case EXTENSION.nameConstraints:
      found.nameConstraints = parseNameConstraints(value);
      break;
    case EXTENSION.extKeyUsage:
      found.extKeyUsage = parseExtKeyUsage(value);
      break;
    case EXTENSION.subjectKeyIdentifier:
      found.subjectKeyIdentifier = parseSubjectKeyIdentifier(extension);
      break;
    case EXTENSION.authorityKeyIdentifier: {
      const identifier = parseAuthorityKeyIdentifier(extension);
      if (identifier !== undefined) found.authorityKeyIdentifier = identifier;
      break;
    }
    case EXTENSION.authorityInfoAccess:
      parseAuthorityInfoAccess(extension);
      break;
    case EXTENSION.crlDistributionPoints:
      parseCrlDistributionPoints(value);
      break;
    case EXTENSION.certificatePolicies:
      parseCertificatePolicies(value);
      break;
    default:
      break;
  }
}

/** The TBSCertificate (v3) to sign. Refuses what DER cannot say; what RFC 5280 forbids is for the linter. */
export function encodeTbsCertificate(model: CertificateModel): Uint8Array {
  const fields: Uint8Array[] = [
    encodeExplicit(0, encodeSmallInteger(2)),
    encodeUnsignedInteger(model.serialNumber),
    encodeAlgorithmIdentifier(model.signatureAlgorithm),
    model.issuer.der,
    encodeSequence(encodeTime(model.notBefore), encodeTime(model.notAfter)),
    model.subject.der,
    model.publicKeyDer,
  ];
  if (model.extensions.length > 0) {
    fields.push(encodeExplicit(3, encodeSequenceOf(model.extensions.map(encodeExtension))));
  }
  return encodeSequence(...fields);
}

/** The certificate, from what was signed and its signature. */
export function assembleCertificate(
  tbsDer: Uint8Array,
  algorithm: AlgorithmIdentifier,
  signature: Uint8Array,
): Uint8Array {
  return encodeSequence(tbsDer, encodeAlgorithmIdentifier(algorithm), encodeBitString(signature));
}
