import type { Random } from '../base/bytes.js';
import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { createCertificationRequest } from '../crypto/certification-request.js';
import { generateKeyPair, type KeySpec } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import { assembleCertificate, type CertificateModel, encodeTbsCertificate } from '../x509/certificate.js';
import { basicConstraintsExtension, keyUsageExtension, subjectKeyIdentifierExtension } from '../x509/extension.js';
import { lintCertificate } from '../x509/lint.js';
import { encodeName } from '../x509/name.js';
import { encodePem } from '../x509/pem.js';
import { keyIdentifier } from './key-identifier.js';
import { newSerialNumber } from './serial-number.js';
import { type SubjectFields, subjectName } from './subject-fields.js';

/** What a new self-signed CA shall be. */
export interface CaSpec {
  readonly subject: SubjectFields;
  /** A kind of key to make, or a key that exists. Default `ecdsa-p256`. */
  readonly key?: KeySpec | PrivateKey;
  /** Default ten years of 365 days. */
  readonly lifetimeSeconds?: number;
  /** CA certificates allowed below this one. Default 0: it signs leaves only. Null writes no limit. */
  readonly pathLength?: number | null;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/** A new CA, as files hold it. */
export interface CreatedCa {
  readonly certificatePem: string;
  /** PKCS#8. */
  readonly keyPem: string;
  /** A PKCS#10 of the same key and subject, for a CA above to sign. */
  readonly requestPem: string;
  readonly serialNumber: Uint8Array;
  readonly notAfter: UnixSeconds;
}

const TEN_YEARS_SECONDS = 10 * 31_536_000;
const BACKDATE_SECONDS = 300;

/** 9999-12-31T23:59:59Z, the last moment that X.509 can write. */
const LAST_SECOND = 253_402_300_799;

/**
 * Makes a self-signed CA certificate, and a key where none is given: critical BasicConstraints with CA and path length,
 * critical KeyUsage of keyCertSign and cRLSign, SubjectKeyIdentifier. Valid from five minutes ago. Refuses with
 * CA_INVALID: an empty subject, a lifetime or path length out of range.
 */
export async function createCa(spec: CaSpec): Promise<CreatedCa> {
  const subject = subjectName(spec.subject);
  const lifetime = spec.lifetimeSeconds ?? TEN_YEARS_SECONDS;
  const pathLength = spec.pathLength === undefined ? 0 : spec.pathLength;
  if (subject.length === 0) throw invalid('the subject is empty, it must have a common name or an organization');
  if (!Number.isInteger(lifetime) || lifetime < 3600) throw invalid(`its lifetime is ${lifetime} s, at least one hour`);
  if (pathLength !== null && !(Number.isInteger(pathLength) && pathLength >= 0 && pathLength <= 9)) {
    throw invalid(`its path length is ${pathLength}, from 0 to 9`);
  }
  const key = typeof spec.key === 'object' ? spec.key : await generateKeyPair(spec.key ?? 'ecdsa-p256');
  const notBefore = toUnixSeconds(spec.now - BACKDATE_SECONDS);
  const notAfter = toUnixSeconds(Math.min(notBefore + lifetime, LAST_SECOND));
  const name = encodeName(subject);
  const model: CertificateModel = {
    serialNumber: newSerialNumber(spec.random),
    signatureAlgorithm: key.signatureAlgorithm,
    issuer: name,
    notBefore,
    notAfter,
    subject: name,
    publicKeyDer: key.publicKeyDer,
    extensions: [
      keyUsageExtension(new Set(['keyCertSign', 'cRLSign'])),
      basicConstraintsExtension(pathLength === null ? { ca: true } : { ca: true, pathLength }),
      subjectKeyIdentifierExtension(keyIdentifier(key.publicKey)),
    ],
  };
  const [finding] = lintCertificate(model, 'ca');
  if (finding !== undefined) throw invalid(`${finding.path}: ${finding.detail}`);
  const tbsDer = encodeTbsCertificate(model);
  const der = assembleCertificate(tbsDer, key.signatureAlgorithm, await key.sign(tbsDer));
  return {
    certificatePem: encodePem('CERTIFICATE', der),
    keyPem: exportPrivateKeyPem(key, { format: 'pkcs8' }),
    requestPem: encodePem('CERTIFICATE REQUEST', await createCertificationRequest(key, { subject })),
    serialNumber: model.serialNumber,
    notAfter,
  };
}

function invalid(what: string): CountersignError<'CA_INVALID'> {
  return new CountersignError('CA_INVALID', `Cannot make CA: ${what}`);
}
