import { encodeOidElement } from '../src/asn1/der-writer.js';
import { utf8 } from '../src/base/bytes.js';
import { toUnixSeconds } from '../src/base/clock.js';
import {
  assembleCertificate,
  encodeTbsCertificate,
  parseCertificate,
  type Certificate,
  type CertificateModel,
} from '../src/x509/certificate.js';
import {
  basicConstraintsExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  type Extension,
} from '../src/x509/extension.js';
import type { GeneralName } from '../src/x509/general-name.js';
import { encodeName, type Name } from '../src/x509/name.js';
import { SIGNATURE_ALGORITHM } from '../src/x509/signature-algorithm.js';
import type { VerifySignature } from '../src/x509/signature.js';
import { publicKeyInfo } from './sample-request.js';

/** The time at which sample certificates are valid: they run from an hour before to an hour after. */
export const SAMPLE_NOW = 1_700_000_000;

/** A name of one commonName. */
export function sampleName(commonName: string): Name {
  return encodeName([[{ oid: '2.5.4.3', value: commonName }]]);
}

/** A model that the linter has nothing against, except for what is given. */
export function sampleModel(parts: Partial<CertificateModel> = {}): CertificateModel {
  return {
    serialNumber: Uint8Array.of(0x7f, 1, 2, 3, 4, 5, 6, 7),
    signatureAlgorithm: SIGNATURE_ALGORITHM.ed25519,
    issuer: sampleName('ca'),
    notBefore: toUnixSeconds(SAMPLE_NOW - 3_600),
    notAfter: toUnixSeconds(SAMPLE_NOW + 3_600),
    subject: sampleName('leaf'),
    publicKeyDer: toyKey('leaf'),
    extensions: [
      keyUsageExtension(new Set(['digitalSignature'])),
      basicConstraintsExtension({ ca: false }),
      subjectAltNameExtension([{ kind: 'dns', value: 'leaf.example.com' }], false),
    ],
    ...parts,
  };
}

/** An Ed25519 key that is only a label: nobody signs with it. */
export function toyKey(label: string): Uint8Array {
  const bytes = new Uint8Array(32).fill(0x2e);
  bytes.set(utf8(label).subarray(0, 31), 1);
  return publicKeyInfo('1.3.101.112', undefined, bytes);
}

/** The toy signature of a certificate: the public key of its issuer, as it stands. */
export const verifyToySignature: VerifySignature = (publicKey, _algorithm, _data, signature) =>
  Buffer.compare(publicKey.der, signature) === 0
    ? { kind: 'valid' }
    : { kind: 'invalid', detail: 'x509: Ed25519 verification failure' };

/** What a certificate of a toy chain shall be. */
export interface ToyCertificate {
  readonly subject: string;
  readonly issuer?: string;
  /** Whose key signs; default the issuer's. */
  readonly signedBy?: string;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly names?: readonly GeneralName[];
  readonly extensions?: readonly Extension[];
  readonly parts?: Partial<CertificateModel>;
}

/** A certificate with a toy signature. A CA has CA:TRUE and keyCertSign, a leaf its subject as DNS name. */
export function toyCertificate(wanted: ToyCertificate): Certificate {
  const { subject, issuer = subject, ca = false } = wanted;
  const limit = wanted.pathLength === undefined ? {} : { pathLength: wanted.pathLength };
  const names = wanted.names ?? (ca ? [] : [{ kind: 'dns', value: subject } as const]);
  const own = [
    basicConstraintsExtension({ ca, ...limit }),
    keyUsageExtension(new Set([ca ? 'keyCertSign' : 'digitalSignature'])),
    ...(names.length === 0 ? [] : [subjectAltNameExtension(names, false)]),
  ].filter(({ oid }) => wanted.extensions?.every((extension) => extension.oid !== oid) ?? true);
  const model = sampleModel({
    subject: sampleName(subject),
    issuer: sampleName(issuer),
    publicKeyDer: toyKey(subject),
    extensions: [...own, ...(wanted.extensions ?? [])],
    ...wanted.parts,
  });
  const signature = toyKey(wanted.signedBy ?? issuer);
  return parseCertificate(assembleCertificate(encodeTbsCertificate(model), model.signatureAlgorithm, signature));
}

/** An extension that nobody knows. */
export function strangeExtension(critical: boolean): Extension {
  return { oid: '1.2.3.4', critical, value: encodeOidElement('1.2.3') };
}
