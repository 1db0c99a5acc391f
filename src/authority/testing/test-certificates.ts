import { toUnixSeconds, type UnixSeconds } from '../../base/clock.js';
import { createCertificationRequest } from '../../crypto/certification-request.js';
import { generateKeyPair, type KeySpec } from '../../crypto/generate-key-pair.js';
import type { PrivateKey } from '../../crypto/private-key.js';
import { assembleCertificate, encodeTbsCertificate } from '../../x509/certificate.js';
import { type CertificationRequest, parseCertificationRequest } from '../../x509/certification-request.js';
import {
  type BasicConstraints,
  basicConstraintsExtension,
  type Extension,
  type KeyUsage,
  keyUsageExtension,
  subjectKeyIdentifierExtension,
} from '../../x509/extension.js';
import type { GeneralName } from '../../x509/general-name.js';
import { ATTRIBUTE, encodeName, type NameInput } from '../../x509/name.js';
import { encodePem } from '../../x509/pem.js';
import { keyIdentifier } from '../key-identifier.js';

/** The time at which the tests of issuance play: that of a new FakeClock. */
export const NOW: UnixSeconds = toUnixSeconds(1_700_000_000);

const keys = new Map<string, Promise<PrivateKey>>();

/** A key by name: the same name gives the same key, so that a file of tests makes each key once. */
export function testKey(name: string, spec: KeySpec = 'ecdsa-p256'): Promise<PrivateKey> {
  const id = `${spec} ${name}`;
  const key = keys.get(id) ?? generateKeyPair(spec);
  keys.set(id, key);
  return key;
}

/** A subject with just a common name. */
export function cn(value: string): NameInput {
  return [[{ oid: ATTRIBUTE.commonName, value }]];
}

/** What a certificate of a test shall be, right or wrong: nothing is checked. */
export interface TestCertificate {
  readonly subject: NameInput;
  readonly key: PrivateKey;
  /** Default: the same key and subject, self-signed. */
  readonly issuer?: { readonly subject: NameInput; readonly key: PrivateKey };
  /** Default CA without path length; null leaves it out. */
  readonly constraints?: BasicConstraints | null;
  /** Default keyCertSign and cRLSign; null leaves it out. */
  readonly usages?: readonly KeyUsage[] | null;
  /** False: without SubjectKeyIdentifier. Default true. */
  readonly hasKeyIdentifier?: boolean;
  readonly extensions?: readonly Extension[];
  readonly notBefore?: UnixSeconds;
  readonly notAfter?: UnixSeconds;
}

/** PEM of a certificate as a test wants it. */
export async function testCertificate(wanted: TestCertificate): Promise<string> {
  const issuer = wanted.issuer ?? wanted;
  const usages = wanted.usages === undefined ? (['keyCertSign', 'cRLSign'] as const) : wanted.usages;
  const constraints = wanted.constraints === undefined ? { ca: true } : wanted.constraints;
  const tbsDer = encodeTbsCertificate({
    serialNumber: new Uint8Array([1, 2, 3]),
    signatureAlgorithm: issuer.key.signatureAlgorithm,
    issuer: encodeName(issuer.subject),
    notBefore: wanted.notBefore ?? toUnixSeconds(NOW - 3600),
    notAfter: wanted.notAfter ?? toUnixSeconds(NOW + 10 * 31_536_000),
    subject: encodeName(wanted.subject),
    publicKeyDer: wanted.key.publicKeyDer,
    extensions: [
      ...(usages === null ? [] : [keyUsageExtension(new Set(usages))]),
      ...(constraints === null ? [] : [basicConstraintsExtension(constraints)]),
      ...(wanted.hasKeyIdentifier === false
        ? []
        : [subjectKeyIdentifierExtension(keyIdentifier(wanted.key.publicKey))]),
      ...(wanted.extensions ?? []),
    ],
  });
  const signature = await issuer.key.sign(tbsDer);
  return encodePem('CERTIFICATE', assembleCertificate(tbsDer, issuer.key.signatureAlgorithm, signature));
}

/** A parsed PKCS#10 request as a test wants it. */
export async function testRequest(wanted: {
  readonly key: PrivateKey;
  readonly subject?: NameInput;
  readonly names?: readonly GeneralName[];
  readonly extensions?: readonly Extension[];
}): Promise<CertificationRequest> {
  const der = await createCertificationRequest(wanted.key, {
    subject: wanted.subject ?? [],
    ...(wanted.names === undefined ? {} : { subjectAltNames: wanted.names }),
    ...(wanted.extensions === undefined ? {} : { extensions: wanted.extensions }),
  });
  return parseCertificationRequest(der);
}
