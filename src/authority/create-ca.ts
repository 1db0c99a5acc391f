import { equalBytes, type Random } from '../base/bytes.js';
import { toUnixSeconds, type UnixSeconds } from '../base/clock.js';
import { CountersignError } from '../base/error.js';
import { createCertificationRequest } from '../crypto/certification-request.js';
import { generateKeyPair, type KeySpec } from '../crypto/generate-key-pair.js';
import { exportPrivateKeyPem, type PrivateKey } from '../crypto/private-key.js';
import {
  assembleCertificate,
  type Certificate,
  type CertificateModel,
  encodeTbsCertificate,
} from '../x509/certificate.js';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type Extension,
  keyUsageExtension,
  subjectKeyIdentifierExtension,
} from '../x509/extension.js';
import { lintCertificate } from '../x509/lint.js';
import { encodeName, formatName, type NameInput } from '../x509/name.js';
import { encodePem } from '../x509/pem.js';
import type { CaMaterial } from './ca-material.js';
import { createSoftwareCustody } from './key-custody.js';
import { keyIdentifier } from './key-identifier.js';
import { newSerialNumber } from './serial-number.js';
import { type SubjectFields, subjectName } from './subject-fields.js';

/** What a new CA shall be. */
export interface CaSpec {
  readonly subject: SubjectFields;
  /** A kind of key to make, or a key that exists. Default `ecdsa-p256`. */
  readonly key?: KeySpec | PrivateKey;
  /** Default ten years of 365 days. */
  readonly lifetimeSeconds?: number;
  /** CA certificates allowed below this one. Default 0: it signs leaves only. Null writes no limit. */
  readonly pathLength?: number | null;
  /** The CA that signs it; absent: it signs itself. */
  readonly parent?: CaMaterial;
  readonly now: UnixSeconds;
  readonly random: Random;
}

/** A new CA, as files hold it. */
export interface CreatedCa {
  /** Followed by those above it, the root included, where another CA signed it. */
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
 * Makes a CA certificate, and a key where none is given: critical BasicConstraints with CA and path length, critical
 * KeyUsage of keyCertSign and cRLSign, key identifiers. Valid from five minutes ago, and never longer than its parent.
 * Refuses with CA_INVALID: an empty subject, or that of the parent; a lifetime or path length out of range, or more than
 * what the CAs above allow.
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
  if (spec.parent !== undefined) checkBelow(spec.parent, subject, pathLength);
  const key = typeof spec.key === 'object' ? spec.key : await generateKeyPair(spec.key ?? 'ecdsa-p256');
  const { certificate: issuer, custody } = spec.parent ?? {
    certificate: undefined,
    custody: createSoftwareCustody(key),
  };
  const begin = spec.now - BACKDATE_SECONDS;
  const notBefore = toUnixSeconds(Math.max(begin, issuer?.notBefore ?? begin));
  const notAfter = toUnixSeconds(Math.min(begin + lifetime, issuer?.notAfter ?? LAST_SECOND, LAST_SECOND));
  const name = encodeName(subject);
  const model: CertificateModel = {
    serialNumber: newSerialNumber(spec.random),
    signatureAlgorithm: custody.algorithm,
    issuer: issuer?.subject ?? name,
    notBefore,
    notAfter,
    subject: name,
    publicKeyDer: key.publicKeyDer,
    extensions: [
      keyUsageExtension(new Set(['keyCertSign', 'cRLSign'])),
      basicConstraintsExtension(pathLength === null ? { ca: true } : { ca: true, pathLength }),
      subjectKeyIdentifierExtension(keyIdentifier(key.publicKey)),
      ...(issuer === undefined ? [] : [authorityKeyOf(issuer)]),
    ],
  };
  const [finding] = lintCertificate(model, 'ca');
  if (finding !== undefined) throw invalid(`${finding.path}: ${finding.detail}`);
  const tbsDer = encodeTbsCertificate(model);
  const der = assembleCertificate(tbsDer, custody.algorithm, await custody.sign(tbsDer));
  const above = spec.parent === undefined ? [] : chainOf(spec.parent).map((certificate) => certificate.der);
  return {
    certificatePem: [der, ...above].map((each) => encodePem('CERTIFICATE', each)).join(''),
    keyPem: exportPrivateKeyPem(key, { format: 'pkcs8' }),
    requestPem: encodePem('CERTIFICATE REQUEST', await createCertificationRequest(key, { subject })),
    serialNumber: model.serialNumber,
    notAfter,
  };
}

/** RFC 5280 §6.1.4: each CA of the path must allow those below it, of which the new one is the last. */
function checkBelow(parent: CaMaterial, subject: NameInput, pathLength: number | null): void {
  if (equalBytes(encodeName(subject).der, parent.certificate.subject.der)) {
    throw invalid('its subject is that of its parent, and a name is of one CA only');
  }
  for (const [i, certificate] of chainOf(parent).entries()) {
    const allowed = certificate.basicConstraints?.pathLength;
    if (allowed === undefined) continue;
    const name = JSON.stringify(formatName(certificate.subject));
    if (allowed <= i) throw invalid(`${name} allows ${allowed} CA certificates below it, there would be ${i + 1}`);
    const left = allowed - i - 1;
    if (pathLength !== null && pathLength <= left) continue;
    throw invalid(`its path length is ${pathLength ?? 'without limit'}, below ${name} it must be at most ${left}`);
  }
}

/** The certificates of a CA from the one that signs up to what clients trust, each once. */
function chainOf({ certificate, intermediates, anchor }: CaMaterial): readonly Certificate[] {
  return [...new Set([certificate, ...intermediates, anchor])];
}

/** RFC 5280 §4.2.1.1: as the parent calls its key; computed where an old root says nothing. */
function authorityKeyOf({ subjectKeyIdentifier, publicKey }: Certificate): Extension {
  return authorityKeyIdentifierExtension(subjectKeyIdentifier ?? keyIdentifier(publicKey));
}

function invalid(what: string): CountersignError<'CA_INVALID'> {
  return new CountersignError('CA_INVALID', `Cannot make CA: ${what}`);
}
